/**
 * The statements a driver sends behind the login before its caller's first (clients.md §8.2): one by one, or all in one
 * segment. Answers are not looked at.
 */
import { COM, STATUS } from '../../../proxy/wire/constants.ts';
import { commandPayload } from '../line.ts';
import type { LoginForm } from './dialect.ts';

export class StartUp {
  readonly #left: Buffer[];
  readonly #together: boolean;
  #asked = 0;

  constructor(form: LoginForm, greetingStatus: number) {
    const autocommit = form.ifAutocommit !== null && (greetingStatus & STATUS.AUTOCOMMIT) !== 0;
    const statements = autocommit ? [form.ifAutocommit, ...form.startUp] : form.startUp;
    this.#left = statements.map((sql) => commandPayload(COM.QUERY, sql));
    this.#together = form.startUpTogether;
  }

  /** What to send now; nothing while answers are awaited, null when all is done. */
  next(): readonly Buffer[] | null {
    if (this.#asked > 0) return [];
    if (this.#left.length === 0) return null;
    const now = this.#left.splice(0, this.#together ? this.#left.length : 1);
    this.#asked = now.length;
    return now;
  }

  answered(): void {
    this.#asked -= 1;
  }
}
