/**
 * The prepared statements of a client session (odp-relay.md §2.8): under ids of the proxy's own, prepared again on every
 * server session that is to run them and has not seen them.
 *
 * Ids in packets are changed in place: the bytes are the client's request, which nobody needs any more as it came.
 */
import { COM } from '../wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../wire/framing.ts';

/** Ids from here on are those of cursors (odp-relay.md §2.8). */
const MOST_ID = 2 ** 31 - 1;
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
}

interface Twin {
  /** The id of the statement there. */
  readonly id: number;
  /** The observer has been told the types of the parameters. */
  typed: boolean;
}

export class Statement {
  /** What the client calls it. */
  readonly id: number;
  /** Depends on the statement before it: only the server session used last may run it. */
  readonly last: boolean;
  /** Where the pieces of long data are, or a cursor is open: its requests go there, and nowhere else if that is lost. */
  pinned: StatementServer | 'lost' | null = null;
  /** The client's PREPARE, to be sent again; a long one comes in parts. */
  readonly #packet: Buffer[];
  readonly #twins = new Map<StatementServer, Twin>();
  #parameters = 0;
  /** As the client sent them with an EXECUTE; it does so once. */
  #types: Buffer | null = null;

  constructor(id: number, packet: Buffer, last: boolean) {
    this.id = id;
    this.#packet = [packet];
    this.last = last;
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

  get servers(): readonly StatementServer[] {
    return [...this.#twins.keys()];
  }

  preparedOn(server: StatementServer, id: number, parameters: number): void {
    this.#parameters = parameters;
    this.#twins.set(server, { id, typed: false });
  }

  leave(server: StatementServer): void {
    this.#twins.delete(server);
    if (this.pinned === server) this.pinned = 'lost';
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
      this.#types = Buffer.from(packet.subarray(flagAt + 1, typesEnd));
      twin.typed = true;
    } else if (packet[flagAt] === 0 && !twin.typed && this.#types !== null) {
      twin.typed = true;
      return withTypes(packet, flagAt, this.#types);
    }
    return packet;
  }

  /** Closes it on a server session; should it be run there again, it is prepared again. */
  closeOn(server: StatementServer): void {
    const out = new PacketWriter(0, 16);
    out.begin();
    out.u8(COM.STMT_CLOSE);
    out.u32(this.#twins.get(server)!.id);
    out.end();
    server.farewell(out.view());
    this.leave(server);
  }
}

/** The first packet is longer by the types; its header says so. */
function withTypes(packet: Buffer, flagAt: number, types: Buffer): Buffer {
  const length = packet.readUIntLE(0, 3) + types.length;
  const longer = Buffer.concat([packet.subarray(0, flagAt), Buffer.of(1), types, packet.subarray(flagAt + 1)]);
  longer.writeUIntLE(length, 0, 3);
  return longer;
}

/** All of a client. */
export class Statements {
  readonly #statements = new Map<number, Statement>();
  #lastId = 0;

  get count(): number {
    return this.#statements.size;
  }

  /** A PREPARE under way: it has an id from now on. */
  add(packet: Buffer, last: boolean): Statement {
    do this.#lastId = this.#lastId >= MOST_ID ? 1 : this.#lastId + 1;
    while (this.#statements.has(this.#lastId));
    const statement = new Statement(this.#lastId, Buffer.from(packet), last);
    this.#statements.set(statement.id, statement);
    return statement;
  }

  find(id: number): Statement | undefined {
    return this.#statements.get(id);
  }

  remove(statement: Statement): void {
    this.#statements.delete(statement.id);
  }

  /** A server session is gone, and with it what it had prepared. */
  leave(server: StatementServer): void {
    for (const statement of this.#statements.values()) statement.leave(server);
  }
}
