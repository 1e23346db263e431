/**
 * Reads what TLS needs from files, and says what is wrong with one so that its owner can mend it: which file, and how.
 *
 * OpenSSL would say it too, later and in its own words ("no start line"). It must never know flags or items.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Certificate } from './tls.ts';

/** Printed as it is. */
export class TlsFileError extends Error {
  override name = 'TlsFileError';
}

/** A certificate (with those that have signed it behind it, if they are to be sent) and its key, both PEM. */
export function readCertificate(keyFile: string, certFile: string): Certificate {
  const key = readText(keyFile, 'the private key');
  const cert = readText(certFile, 'the certificate');
  const own = certificateIn(cert, certFile);
  if (!own.checkPrivateKey(keyIn(key, keyFile))) {
    throw new TlsFileError(
      `the key in ${keyFile} is not that of the certificate in ${certFile}: give the two that were made together` +
        (cert.indexOf('-----BEGIN', 1) > 0 ? ' (of several certificates in a file the first must be its own)' : ''),
    );
  }
  return { key, cert };
}

/** Certificates that others are signed by. */
export function readAuthorities(file: string): string {
  const text = readText(file, 'the certificates to trust');
  certificateIn(text, file);
  return text;
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'we may not read it'
          : `it cannot be read (${code})`;
    throw new TlsFileError(`${file}, ${what}: ${why}`);
  }
}

function certificateIn(text: string, file: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch {
    throw new TlsFileError(`${file} has no certificate in it: it should begin with -----BEGIN CERTIFICATE-----`);
  }
}

function keyIn(text: string, file: string): KeyObject {
  if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new TlsFileError(
      `the key in ${file} is encrypted, and nobody is there to ask: decrypt it (openssl pkey -in … -out …)`,
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new TlsFileError(`${file} has no private key in it: it should begin with -----BEGIN PRIVATE KEY-----`);
  }
}
