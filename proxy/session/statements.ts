/**
 * The prepared statements of a client session (odp-relay.md §2.8): under ids of the proxy's own, prepared again on every
 * server session that is to run them and has not seen them.
 *
 * Ids in packets are changed in place: the bytes are the client's request, which nobody needs any more as it came.
 */
import { type StatementTime, timeOf } from '../sql/time.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD, PacketWriter } from '../wire/framing.ts';
import type { PrepareOk } from '../wire/prepared.ts';
import type { Meaning } from './state.ts';

/** Ids from here on are those of cursors (odp-relay.md §2.8). */
const MOST_ID = 2 ** 31 - 1;
/** Not an id but the statement prepared last: so drivers of MariaDB send PREPARE and EXECUTE without a pause between. */
const LAST_PREPARED = 0xffff_ffff;
/** The id stands behind the command byte. */
const ID_AT = HEADER_SIZE + 1;
/** EXECUTE: behind the id come one byte of flags and four of the iteration count. */
const BITMAP_AT = ID_AT + 4 + 1 + 4;
/** A type and its UNSIGNED flag, for each parameter. */
const TYPE_SIZE = 2;

/** A server session, as far as a statement must know it. */
export interface StatementServer {
  readonly server: number;
  /** Writes a request that has no answer. */
  farewell(packet: Buffer): void;
  /** Sends a request before the next one that it serves; what is answered does not matter. */
  owe(packet: Buffer): void;
}

/** A server session that has something that no other has: gone, it is `lost`. */
export type Keeper = StatementServer | 'lost' | null;

/** Of an answer, what it means for the statement that it is about. */
export interface StatementAnswer {
  /** To a PREPARE; null if it was refused. */
  readonly prepared: PrepareOk | null;
  /** Status flags of the last EOF: those about cursors are nowhere else. */
  readonly eofStatus: number;
  /** The number of the ERR that it was, or 0. */
  readonly errorCode: number;
}

interface Twin {
  /** The id of the statement there. */
  readonly id: number;
  /** The types of the parameters that the observer was told last. */
  types: Buffer | null;
}

export class Statement {
  /** What the client calls it. */
  readonly id: number;
  /** Depends on the statement before it: only the server session used last may run it. */
  readonly last: boolean;
  /** What its text meant when it was prepared. */
  readonly meaning: Meaning;
  /** What it says of the time that it may take. */
  readonly time: StatementTime;
  /** Where the pieces of long data are: the next ones and the EXECUTE go there. */
  pieces: Keeper = null;
  /** It could not be prepared where pieces were to go: the ERR, with which its EXECUTE is answered. */
  refusal: Buffer | null = null;
  /** Where its cursor is open: FETCH goes there. */
  cursor: Keeper = null;
  /** The client's PREPARE, to be sent again; a long one comes in parts. */
  readonly #packet: Buffer[];
  readonly #twins = new Map<StatementServer, Twin>();
  #parameters = 0;
  /** As the client sent them last; it need not with every EXECUTE. */
  #types: Buffer | null = null;

  constructor(id: number, packet: Buffer, last: boolean, meaning: Meaning) {
    this.id = id;
    this.meaning = meaning;
    this.#packet = [packet];
    this.last = last;
    this.time = timeOf(packet, HEADER_SIZE + 1);
  }

  get packet(): Buffer {
    return this.#packet.length === 1 ? this.#packet[0]! : Buffer.concat(this.#packet);
  }

  /** More of the PREPARE. */
  extend(views: readonly Buffer[]): void {
    for (const view of views) this.#packet.push(Buffer.from(view));
  }

  isOn(server: StatementServer): boolean {
    return this.#twins.has(server);
  }

  preparedOn(server: StatementServer, { id, parameters }: PrepareOk): void {
    this.#parameters = parameters;
    this.#twins.set(server, { id, types: null });
  }

  leave(server: StatementServer): void {
    this.#twins.delete(server);
    if (this.pieces === server) this.pieces = 'lost';
    if (this.cursor === server) this.cursor = 'lost';
  }

  /** A request about it (its bytes, headers included), as this server session must get it. */
  addressed(packet: Buffer, server: StatementServer): Buffer {
    packet.writeUInt32LE(this.#twins.get(server)!.id, ID_AT);
    return packet;
  }

  /** The same for EXECUTE: types that this observer was never told go along. */
  executed(packet: Buffer, server: StatementServer): Buffer {
    const twin = this.#twins.get(server)!;
    this.addressed(packet, server);
    if (this.#parameters === 0) return packet;
    const flagAt = BITMAP_AT + ((this.#parameters + 7) >> 3);
    const typesEnd = flagAt + 1 + this.#parameters * TYPE_SIZE;
    // What is too short for them is for the observer to refuse.
    if (packet[flagAt] === 1 && packet.length >= typesEnd) {
      const types = packet.subarray(flagAt + 1, typesEnd);
      if (this.#types?.equals(types) !== true) this.#types = Buffer.from(types);
      twin.types = this.#types;
    } else if (packet[flagAt] === 0 && this.#types !== null && twin.types !== this.#types) {
      const longer = withTypes(packet, flagAt, this.#types);
      if (longer !== null) twin.types = this.#types;
      return longer ?? packet;
    }
    return packet;
  }

  /** What came in pieces and what a cursor has left is forgotten: where there is any, it is closed (≠ODP, which resets). */
  reset(): void {
    const { pieces, cursor } = this;
    if (pieces !== null && pieces !== 'lost') this.#closeOn(pieces);
    if (cursor !== null && cursor !== 'lost' && cursor !== pieces) this.#closeOn(cursor);
    this.pieces = null;
    this.refusal = null;
    this.cursor = null;
  }

  /** Of the EXECUTE that comes now; the next one begins anew. */
  takeRefusal(): Buffer | null {
    const { refusal } = this;
    this.refusal = null;
    return refusal;
  }

  /** On every server session that has it. */
  close(): void {
    for (const server of this.#twins.keys()) this.#closeOn(server);
  }

  /** Should it be run there again, it is prepared again. */
  #closeOn(server: StatementServer): void {
    const out = new PacketWriter(0, 16);
    out.begin();
    out.u8(COM.STMT_CLOSE);
    out.u32(this.#twins.get(server)!.id);
    out.end();
    server.farewell(out.view());
    this.#twins.delete(server);
  }
}

/**
 * The first packet is longer by the types; its header says so. Null if it cannot be: near 16 MiB all packets behind it
 * would have to be cut anew, and a client with so much to say says the types.
 */
function withTypes(packet: Buffer, flagAt: number, types: Buffer): Buffer | null {
  const length = packet.readUIntLE(0, 3) + types.length;
  if (length >= MAX_PACKET_PAYLOAD) return null;
  const longer = Buffer.concat([packet.subarray(0, flagAt), Buffer.of(1), types, packet.subarray(flagAt + 1)]);
  longer.writeUIntLE(length, 0, 3);
  return longer;
}

interface StatementRequest {
  readonly command: number;
  readonly packet: Buffer;
  readonly statement: Statement | null;
}

/** A request, as this server session must get it. */
export function packetFor({ command, packet, statement }: StatementRequest, server: StatementServer): Buffer {
  if (statement === null || command === COM.STMT_PREPARE) return packet;
  return command === COM.STMT_EXECUTE ? statement.executed(packet, server) : statement.addressed(packet, server);
}

/** All of a client. */
export class Statements {
  readonly #statements = new Map<number, Statement>();
  #lastId = 0;

  get count(): number {
    return this.#statements.size;
  }

  /** A PREPARE under way: it has an id from now on. */
  add(packet: Buffer, last: boolean, meaning: Meaning): Statement {
    do this.#lastId = this.#lastId >= MOST_ID ? 1 : this.#lastId + 1;
    while (this.#statements.has(this.#lastId));
    const statement = new Statement(this.#lastId, Buffer.from(packet), last, meaning);
    this.#statements.set(statement.id, statement);
    return statement;
  }

  find(id: number): Statement | undefined {
    return this.#statements.get(id === LAST_PREPARED ? this.#lastId : id);
  }

  /** CLOSE, which has no answer (odp-relay.md §2.8). */
  close(statement: Statement): void {
    statement.close();
    this.#statements.delete(statement.id);
  }

  /** A request about it has been answered. */
  answered(command: number, statement: Statement, server: StatementServer, answer: StatementAnswer): void {
    const { prepared, eofStatus, errorCode } = answer;
    if (command === COM.STMT_PREPARE) {
      if (prepared === null) this.#statements.delete(statement.id);
      else statement.preparedOn(server, prepared);
    } else if (command === COM.STMT_EXECUTE) {
      statement.pieces = null;
      statement.cursor = (eofStatus & STATUS.CURSOR_EXISTS) !== 0 ? server : null;
    } else if (command === COM.STMT_SEND_PIECE_DATA) {
      if (errorCode === 0) statement.pieces = server;
    } else if ((eofStatus & STATUS.LAST_ROW_SENT) !== 0) {
      statement.cursor = null;
    }
  }

  /** The session has begun anew: its observer knows none of them any more. Their ids are not given again. */
  clear(): void {
    this.#statements.clear();
  }

  /** A server session is gone, and with it what it had prepared. */
  leave(server: StatementServer): void {
    for (const statement of this.#statements.values()) statement.leave(server);
  }
}
