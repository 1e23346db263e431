/**
 * The prepared statements of the text protocol: PREPARE … FROM, EXECUTE, DEALLOCATE PREPARE (odp-relay.md §2.8).
 *
 * They have names, and no ids: what a server session must be told before it can run one is the PREPARE itself. A DEALLOCATE is
 * answered by the proxy, and owed to all server sessions that have the statement: each hears of it before it serves again (ODP
 * sends it to all of them at once; nobody can tell, and the client waits for none of them).
 */
import { COM } from '../wire/constants.ts';
import { commandPacket } from './command-packet.ts';
import type { Meaning } from './state.ts';
import type { StatementServer } from './statements.ts';

export class NamedStatement {
  readonly name: string;
  /** What it runs depends on the statement before: only the server session used last may run it. */
  readonly last: boolean;
  /** What its text meant when it was prepared. */
  readonly meaning: Meaning;
  /** The client's PREPARE, to be sent again; a long one comes in parts. */
  readonly #packet: Buffer[];
  readonly #servers = new Set<StatementServer>();

  /** `text`: what the variable held that it was prepared from, as an SQL literal; it may hold something else later. */
  constructor(name: string, packet: Buffer, last: boolean, meaning: Meaning, text?: string) {
    this.name = name;
    this.last = last;
    this.meaning = meaning;
    this.#packet = [text === undefined ? packet : commandPacket(COM.QUERY, `PREPARE \`${name}\` FROM ${text}`)];
  }

  get packet(): Buffer {
    return this.#packet.length === 1 ? this.#packet[0]! : Buffer.concat(this.#packet);
  }

  /** More of the PREPARE. */
  extend(views: readonly Buffer[]): void {
    for (const view of views) this.#packet.push(Buffer.from(view));
  }

  isOn(server: StatementServer): boolean {
    return this.#servers.has(server);
  }

  preparedOn(server: StatementServer): void {
    this.#servers.add(server);
  }

  leave(server: StatementServer): void {
    this.#servers.delete(server);
  }

  /** Where it is, it is to be forgotten; `but` has done so. */
  deallocate(but: StatementServer | null): void {
    const packet = commandPacket(COM.QUERY, `DEALLOCATE PREPARE \`${this.name}\``);
    for (const server of this.#servers) if (server !== but) server.owe(packet);
    this.#servers.clear();
  }
}

/** All of a client. */
export class NamedStatements {
  readonly #statements = new Map<string, NamedStatement>();

  find(name: string): NamedStatement | undefined {
    return this.#statements.get(name);
  }

  /** A PREPARE has been answered. Either way an earlier one of this name is gone where it was sent. */
  answered(statement: NamedStatement, server: StatementServer, accepted: boolean): void {
    const { name } = statement;
    if (accepted) {
      // Elsewhere the earlier one would be found when this one is no more.
      this.#statements.get(name)?.deallocate(server);
      statement.preparedOn(server);
      this.#statements.set(name, statement);
      return;
    }
    this.#statements.get(name)?.deallocate(server);
    this.#statements.delete(name);
  }

  /** False: there is none of this name. */
  deallocate(name: string): boolean {
    this.#statements.get(name)?.deallocate(null);
    return this.#statements.delete(name);
  }

  /** The session has begun anew. */
  clear(): void {
    this.#statements.clear();
  }

  /** A server session is gone, and with it what it had prepared. */
  leave(server: StatementServer): void {
    for (const statement of this.#statements.values()) statement.leave(server);
  }
}
