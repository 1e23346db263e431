/**
 * Prepared statements on the stage: observers that know them, each under ids of its own, and the requests of a client.
 *
 * What the observers saw is in `log`: `ob0 PREPARE select ? = 1001`, `ob0 EXECUTE 1001 with types`. They know BEGIN and
 * COMMIT, so that their answers tell of a transaction.
 */
import { expect } from 'vitest';
import type { TenantConfig } from '../../proxy/config.ts';
import { writeBinaryRow } from '../../proxy/wire/binary-row.ts';
import { COM, ERR_MARK, OBSERVER_OK_STATUS, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { PLAIN_OK, readErr, writeEof, writeObserverOk } from '../../proxy/wire/ok.ts';
import { executePayload, readPrepareOk, writePrepareOk } from '../../proxy/wire/prepared.ts';
import { column, writeColumn, writeColumnCount } from '../../proxy/wire/result-set.ts';
import type { RawClient } from './raw-client.ts';
import { requestBytes } from './raw-client.ts';
import { errBytes, type ObserverConnection, okBytes, type ScriptedObserver } from './scripted-observer.ts';
import { SEEDS, Stage } from './stage.ts';

const COLUMN = column('a', TYPE.LONG);

export class Preparing {
  readonly log: string[] = [];
  /** Texts that cannot be prepared (any more). */
  readonly refused = new Set<string>();
  /** What each connection has prepared and not closed, and how many parameters it has. */
  readonly #statements = new Map<ObserverConnection, Map<number, number>>();
  readonly #inTransaction = new Set<ObserverConnection>();
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    for (const [index, observer] of stage.observers.entries()) {
      const ids = { next: 1001 + index * 1000 };
      observer.answer = (asked, connection) => this.#answer(observer, ids, asked, connection);
    }
  }

  /** Statements that observers have, those of connections that are gone not counted. */
  get open(): number {
    let count = 0;
    for (const [connection, statements] of this.#statements) if (connection.ended === '') count += statements.size;
    return count;
  }

  /** The log since the last call. */
  take(): string[] {
    return this.log.splice(0);
  }

  #answer(
    observer: ScriptedObserver,
    ids: { next: number },
    asked: string,
    connection: ObserverConnection,
  ): Buffer | null {
    const payload = connection.payloads.at(-1)!;
    const statements = this.#statements.get(connection) ?? new Map<number, number>();
    this.#statements.set(connection, statements);
    const command = payload[0]!;
    const named = payload.length >= 5 ? payload.readUInt32LE(1) : 0;
    switch (command) {
      case COM.STMT_PREPARE: {
        const text = asked.slice('STMT_PREPARE '.length);
        if (this.refused.has(text)) {
          this.log.push(`${observer.name} PREPARE ${text} refused`);
          return errBytes(1146, `no ${text}`, 1, this.#status(connection));
        }
        const id = ids.next;
        ids.next += 1;
        const parameters = marks(payload);
        statements.set(id, parameters);
        this.log.push(`${observer.name} PREPARE ${text} = ${id}`);
        return this.#prepared(id, parameters, connection);
      }
      case COM.STMT_EXECUTE: {
        const parameters = statements.get(named);
        this.log.push(`${observer.name} EXECUTE ${named}${hasTypes(payload, parameters ?? 0) ? ' with types' : ''}`);
        if (parameters === undefined) return errBytes(1243, 'not on this connection');
        if (payload[5] !== 0) return this.#cursor(connection);
        return okBytes({ affectedRows: named, status: this.#status(connection) });
      }
      case COM.STMT_FETCH:
        this.log.push(`${observer.name} FETCH ${named} ${payload.readUInt32LE(5)}`);
        return this.#rows(connection, payload.readUInt32LE(5));
      case COM.STMT_SEND_LONG_DATA:
        this.log.push(`${observer.name} LONG ${named} ${payload.length - 7}`);
        return null;
      case COM.STMT_SEND_PIECE_DATA:
        this.log.push(`${observer.name} PIECE ${named} ${payload.length - PIECE_HEAD}`);
        if (this.refused.has('piece')) return errBytes(8001, 'no piece', 1, this.#status(connection));
        return okBytes({ affectedRows: named, status: this.#status(connection) });
      case COM.STMT_CLOSE:
        this.log.push(`${observer.name} CLOSE ${named}${statements.delete(named) ? '' : ' unknown'}`);
        return null;
    }
    this.log.push(`${observer.name} ${asked}`);
    if (asked === 'QUERY begin') this.#inTransaction.add(connection);
    if (asked === 'QUERY commit') this.#inTransaction.delete(connection);
    const told = observer.answers[asked];
    return told === undefined ? okBytes({ status: this.#status(connection) }) : told;
  }

  #status(connection: ObserverConnection): number {
    return OBSERVER_OK_STATUS | (this.#inTransaction.has(connection) ? STATUS.IN_TRANS : 0);
  }

  #prepared(id: number, parameters: number, connection: ObserverConnection): Buffer {
    const out = new PacketWriter(1);
    writePrepareOk(out, { id, parameters, columns: 0, warnings: 0 });
    for (let i = 0; i < parameters; i += 1) writeColumn(out, COLUMN);
    if (parameters > 0) writeEof(out, 2);
    return this.#withExtra(out, connection);
  }

  #cursor(connection: ObserverConnection): Buffer {
    const out = new PacketWriter(1);
    writeColumnCount(out, 1);
    writeColumn(out, COLUMN);
    writeEof(out, STATUS.AUTOCOMMIT | STATUS.CURSOR_EXISTS);
    return this.#withExtra(out, connection);
  }

  /** Of one row: the end is told if more than it was wanted. */
  #rows(connection: ObserverConnection, count: number): Buffer {
    const out = new PacketWriter(1);
    writeBinaryRow(out, [COLUMN], ['7']);
    writeEof(out, STATUS.AUTOCOMMIT | (count > 1 ? STATUS.LAST_ROW_SENT : STATUS.CURSOR_EXISTS));
    return this.#withExtra(out, connection);
  }

  #withExtra(out: PacketWriter, connection: ObserverConnection): Buffer {
    writeObserverOk(out, { ...PLAIN_OK, status: this.#status(connection) });
    return out.view();
  }

  // --- What a client does ----------------------------------------------------------------------------------------------

  /** The id that it got. */
  prepare(client: RawClient, text: string): number {
    client.send(requestBytes(COM.STMT_PREPARE, text));
    this.#stage.settle();
    const payload = client.take().subarray(HEADER_SIZE);
    if (payload[0] === ERR_MARK) throw new Error(readErr(payload).message);
    return readPrepareOk(payload).id;
  }

  ask(client: RawClient, bytes: Buffer): string[] {
    client.send(bytes);
    this.#stage.settle();
    return client.read();
  }
}

/** Question marks. */
function marks(payload: Buffer): number {
  let found = 0;
  for (let at = payload.indexOf('?'); at >= 0; at = payload.indexOf('?', at + 1)) found += 1;
  return found;
}

function hasTypes(payload: Buffer, parameters: number): boolean {
  return parameters > 0 && payload[10 + ((parameters + 7) >> 3)] === 1;
}

function packetOf(payload: Buffer): Buffer {
  const out = new PacketWriter(0, payload.length + HEADER_SIZE);
  out.packet(payload);
  return out.view();
}

/** `types`: none, then they are not sent. */
export function execute(id: number, types: readonly number[] = [], values: readonly (string | null)[] = []): Buffer {
  return packetOf(executePayload(id, 0, types, values));
}

export function openCursor(id: number): Buffer {
  return packetOf(executePayload(id, 1, [], []));
}

export function about(command: number, id: number, more: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(id);
  return requestBytes(command, Buffer.concat([head, more]));
}

/** Command, id, parameter, whether there is more, NULL, length. */
const PIECE_HEAD = 1 + 4 + 2 + 1 + 1 + 8;

/** SEND_PIECE_DATA, as an observer reads it. */
export function piece(id: number, data: Buffer | string): Buffer {
  const head = Buffer.alloc(PIECE_HEAD - 5);
  head.writeBigUInt64LE(BigInt(data.length), 4);
  return about(COM.STMT_SEND_PIECE_DATA, id, Buffer.concat([head, Buffer.from(data)]));
}

export function longData(id: number, data: Buffer | string): Buffer {
  return about(COM.STMT_SEND_LONG_DATA, id, Buffer.concat([Buffer.alloc(2), Buffer.from(data)]));
}

export function fetch(id: number, count: number): Buffer {
  const rows = Buffer.alloc(4);
  rows.writeUInt32LE(count);
  return about(COM.STMT_FETCH, id, rows);
}

export const UNKNOWN = ['1 ERR 1243/HY007 Unknown prepared statement handle'];
export const NO_CURSOR = ['1 ERR 6309/HY000 cursor not exist'];

/** The answer to an EXECUTE: which of an observer's statements it was. */
export function executedOn(id: number, status = '0x22'): string[] {
  return [`1 OK ${id} ${status}`];
}

/** The last server session of the first observer gets FIN. */
export function lose(stage: Stage): void {
  stage.observer.last.connection.end();
  stage.settle();
}

export function expectDropped(stage: Stage, client: RawClient): void {
  expect(client.size).toBe(0);
  expect(client.events).toEqual(['FIN', 'closed']);
  expect(stage.causes.at(-1)).toContain('the server session its next statement needs is gone');
}

/** The tenant shop, whose leader the test may move: there its statements go. */
export type Shop = TenantConfig & { leader: number };

/** In every world: observers that prepare, and a tenant whose leader moves. */
export function inPreparingWorlds(
  body: (stage: Stage, preparing: Preparing, shop: Shop) => void,
  observers = 1,
  seeds = SEEDS,
): void {
  for (let seed = 0; seed <= seeds; seed += 1) {
    const shop: Shop = { name: 'shop', servers: Array.from({ length: observers }, (_, i) => i), leader: 0 };
    const stage = new Stage({ observers, seed, tenants: [{ ...shop, name: 'sys' }, shop] });
    try {
      const preparing = new Preparing(stage);
      body(stage, preparing, shop);
      stage.leave();
    } catch (error) {
      if (error instanceof Error) error.message = `in world ${seed}: ${error.message}`;
      throw error;
    }
  }
}
