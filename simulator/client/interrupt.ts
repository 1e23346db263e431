/**
 * Ctrl-C: a second connection of the same user, on which the first one's statement is killed (clients.md §7).
 *
 * Its KILL names the id of the *greeting*. What is answered to it nobody hears. Knows nothing of the statement.
 */
import type { Network } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import { type Account, commandPayload, Line, type LineOwner } from './line.ts';

const CANNOT = 'Ctrl-C -- cannot connect to server, giving up ...';

export class Interrupt implements LineOwner {
  readonly #statement: string;
  readonly #text: string;
  readonly #answered: (lines: readonly string[]) => void;
  readonly #line: Line;

  /** Sends `statement` on a new connection, then answers with `text`, the line that the client prints. */
  constructor(
    account: Account,
    network: Network,
    sha1: Sha1,
    statement: string,
    text: string,
    answered: (lines: readonly string[]) => void,
  ) {
    this.#statement = statement;
    this.#text = text;
    this.#answered = answered;
    this.#line = new Line(account, network, sha1, this);
  }

  /** The client's process ends: so does this. */
  abandon(): void {
    this.#line.hangUp();
  }

  greeted(line: Line): void {
    line.login(null);
  }

  ready(line: Line): void {
    line.command(commandPayload(COM.QUERY, this.#statement));
  }

  failed(): void {
    this.#answered([CANNOT]);
  }

  answered(line: Line): void {
    line.quit();
    this.#answered([this.#text]);
  }

  gone(): void {
    this.#answered([this.#text]);
  }

  gaveUp(): void {
    this.#answered([this.#text]);
  }

  lost(): void {
    this.#answered([this.#text]);
  }
}
