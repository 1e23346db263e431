/**
 * A driver as a program uses it: `new DriverClient(dialect, account, ports)`, then `query`; one connection or a pool.
 *
 * The same machine before a simulated proxy and before a real one: it stands on the ports only. It connects when it is
 * first asked (a pool with a minimum, as soon as there is one), and never by a word of its own after `close`.
 */
import { COM } from '../../../proxy/wire/constants.ts';
import { commandPayload } from '../line.ts';
import type { Done, DriverDialect, DriverEvent } from './dialect.ts';
import type { Account } from './link.ts';
import { type Lease, type Leased, Pool } from './pool.ts';
import { type DriverPorts, Session, type SessionOwner } from './session.ts';

export type { Done, DriverDialect, DriverError, DriverEvent, Outcome } from './dialect.ts';
export type { Account } from './link.ts';
export type { Lease, Leased } from './pool.ts';
export type { DriverPorts } from './session.ts';

/** A request as all who send one offer it: a client, or a lease of one. */
export function query(by: Pick<Lease, 'request'>, sql: string, done: Done, timeout: number | null = null): void {
  by.request(commandPayload(COM.QUERY, sql), done, timeout);
}

export class DriverClient implements Lease {
  readonly dialect: DriverDialect;
  readonly #engine: Session | Pool;

  constructor(
    dialect: DriverDialect,
    account: Account,
    ports: DriverPorts,
    heard: (event: DriverEvent) => void = ignore,
  ) {
    this.dialect = dialect;
    this.#engine =
      dialect.pool === null
        ? new Session(dialect, account, ports, new Listener(heard))
        : new Pool(dialect, dialect.pool, account, ports, heard);
  }

  /** The greeting's id of the session used last; 0 before the first. */
  get threadId(): number {
    return this.#engine.threadId;
  }

  /** Nothing can be asked of it any more: a program would make a new one. A pool never is. */
  get broken(): boolean {
    if (this.#engine instanceof Pool) return false;
    const { state } = this.#engine;
    return state === 'dead' || (state === 'down' && this.dialect.model.reconnects === 'never');
  }

  query(sql: string, done: Done, timeout: number | null = null): void {
    query(this, sql, done, timeout);
  }

  ping(done: Done): void {
    this.request(Buffer.of(COM.PING), done);
  }

  /** Asks the server to end another session, as this driver asks for it (clients.md §7). */
  kill(threadId: number, done: Done): void {
    if (this.dialect.model.kills === 'KILL') {
      this.query(`KILL ${threadId}`, done);
      return;
    }
    const payload = Buffer.alloc(5, COM.PROCESS_KILL);
    payload.writeUInt32LE(threadId, 1);
    this.request(payload, done);
  }

  request(payload: Buffer, done: Done, timeout: number | null = null): void {
    this.#engine.request(payload, done, timeout);
  }

  /** A session for several statements in a row, to be given back; a client without a pool is one itself. */
  lease(leased: Leased, failed: Done): void {
    if (this.#engine instanceof Pool) this.#engine.lease(leased, failed);
    else leased(this);
  }

  /** Of a client without a pool there is nothing to give back. */
  release(): void {}

  /** A clean end: COM_QUIT and FIN on every session; what is asked is never answered. */
  close(): void {
    this.#engine.quit();
  }

  /** FIN without a word, as when the process ends. */
  destroy(): void {
    this.#engine.destroy();
  }
}

class Listener implements SessionOwner {
  readonly heard: (event: DriverEvent) => void;

  constructor(heard: (event: DriverEvent) => void) {
    this.heard = heard;
  }

  sessionReady(): void {}
  sessionFailed(): void {}
  sessionGone(): void {}
}

function ignore(): void {}
