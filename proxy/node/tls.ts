/**
 * TLS on a Node socket: takes over a TCP socket in the midst of its stream, and says when the handshake is done or why not.
 *
 * What a TLS socket does odd is put right here or in `connection.ts`; the number in a comment is that of "Traps on node:net" in the
 * design. It must never know what the bytes mean, nor where a key comes from.
 */
import type { Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { HIGH_WATER } from '../ports.ts';

/** A certificate with those that have signed it, and its key, as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface TlsOptions {
  /** Who we are to those that connect to us; null: accepted connections cannot have TLS. Asked for when it is first needed. */
  readonly certificate: (() => Certificate) | null;
  /**
   * As PEM: servers that we connect to must have a certificate signed by one of these; its name is not looked at, for
   * observers are known by their addresses. Null: any certificate will do, which helps against listeners only.
   */
  readonly authorities: string | null;
}

export class TlsKit {
  readonly #options: TlsOptions;
  #server: SecureContext | null = null;

  constructor(options: TlsOptions) {
    this.#options = options;
  }

  get accepts(): boolean {
    return this.#options.certificate !== null;
  }

  /** TLS on a socket that was accepted. `early`: bytes of the handshake that have been read already. */
  server(raw: Socket, early: Buffer): TLSSocket {
    const { certificate } = this.#options;
    if (certificate === null) throw new Error('TLS was begun on an accepted connection, and there is no certificate');
    this.#server ??= createSecureContext(certificate());
    takeOver(raw, early);
    // Not in the declared types, and taken all the same: a TLS socket is a stream with a mark like any other (11).
    const options = { isServer: true, secureContext: this.#server, highWaterMark: HIGH_WATER };
    return new TLSSocket(raw, options);
  }

  /** TLS on a socket that we have connected. */
  client(raw: Socket, early: Buffer): TLSSocket {
    const { authorities } = this.#options;
    takeOver(raw, early);
    const trust = authorities === null ? {} : { ca: authorities };
    const options = {
      socket: raw,
      rejectUnauthorized: authorities !== null,
      checkServerIdentity: () => undefined,
      highWaterMark: HIGH_WATER,
      ...trust,
    };
    return connect(options);
  }
}

/** The socket is paused. Bytes that we have read must lie in the socket again before it is wrapped, or the handshake would wait for them for ever (8). */
function takeOver(raw: Socket, early: Buffer): void {
  if (early.length > 0) raw.unshift(early);
}

/** In one line, for a log: OpenSSL's own text has its file names and numbers in it. */
export function tlsErrorText(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return 'the peer has gone in the midst of the handshake';
  return error.reason ?? error.message;
}
