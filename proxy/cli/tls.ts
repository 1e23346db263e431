/**
 * What the flags say about TLS, made into what the network needs.
 */
import { X509Certificate } from 'node:crypto';
import { selfMadeCertificate } from '../node/certificate.ts';
import type { Certificate, TlsOptions } from '../node/tls.ts';
import { readAuthorities, readCertificate, TlsFileError } from '../node/tls-files.ts';
import { type ServeFlags, type TlsFlags, UsageError } from './flags.ts';

export interface ServeTls {
  readonly options: TlsOptions;
  /** For the announcement; empty if there is no TLS anywhere. */
  readonly lines: readonly string[];
}

/** A self-made certificate, made when it is first needed. */
export function selfMade(): () => Certificate {
  let made: Certificate | null = null;
  return () => {
    made ??= selfMadeCertificate();
    return made;
  };
}

/** Reads the files; throws a `UsageError` that names the one that is wrong. */
export function serveTls({ tls, items, servers }: ServeFlags): ServeTls {
  const certificate = certificateOf(tls);
  const authorities = tls.ca === null ? null : named('--tls-ca', () => readAuthorities(tls.ca!));
  const lines: string[] = [];
  if (items.enable_client_ssl && certificate !== null) {
    const { fingerprint256 } = new X509Certificate(certificate.cert);
    const forced = /ENABLE_FORCE/i.test(items.ssl_attributes) ? ', and only those that take it log in' : '';
    lines.push(`TLS is offered to clients${forced}; the certificate's SHA-256 is`, `  ${fingerprint256}`);
  }
  if (items.enable_server_ssl) lines.push('TLS to observers that offer it');
  // Simulated observers must have something to offer.
  const simulated = items.enable_server_ssl && servers === null;
  const shown = certificate === null ? (simulated ? selfMade() : null) : () => certificate;
  return { options: { certificate: shown, authorities }, lines };
}

function certificateOf(tls: TlsFlags): Certificate | null {
  if (tls.selfSigned) return selfMadeCertificate();
  const { key, cert } = tls;
  if (key === null || cert === null) return null;
  return named('--tls-key, --tls-cert', () => readCertificate(key, cert));
}

/** What is wrong with a file is wrong usage. */
function named<T>(flag: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TlsFileError) throw new UsageError(`${flag}: ${error.message}`);
    throw error;
  }
}
