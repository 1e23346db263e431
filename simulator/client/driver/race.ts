/**
 * Who is first: the caller's next command, or the FIN or RST that came right behind the last answer.
 *
 * On a real machine that is a matter of microseconds. Here it is the dialect's pace, and by chance where the sheet saw
 * both (clients.md §11). Knows nothing of connections.
 */
import type { Choices, Clock } from '../../../proxy/ports.ts';
import type { Model, Pace } from './dialect.ts';

export class Race {
  readonly #model: Model;
  readonly #clock: Clock;
  readonly #choices: Choices;
  #last: 'nothing' | 'error' | 'rows' = 'nothing';
  #at = 0;
  /** The next command is the first behind that answer. */
  #open = false;

  constructor(model: Model, clock: Clock, choices: Choices) {
    this.#model = model;
    this.#clock = clock;
    this.#choices = choices;
  }

  connecting(): void {
    this.#last = 'nothing';
    this.#open = false;
  }

  answered(last: 'error' | 'rows'): void {
    this.#last = last;
    this.#at = this.#clock.now();
    this.#open = true;
  }

  /** Whether a command must wait until what is under way has arrived; asked once for each. */
  commandIsLate(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    const pace = this.#last === 'error' ? this.#model.paceAfterError : this.#model.paceAfterRows;
    return this.#at === this.#clock.now() && this.#late(pace);
  }

  /** Whether the caller hears only later of a FIN behind rows. */
  finIsToldLate(): boolean {
    return this.#last === 'rows' && this.#late(this.#model.tellsFin);
  }

  #late(pace: Pace): boolean {
    return pace === 'after' || (pace === 'either' && this.#choices.choose('client.pace', 2) === 1);
  }
}
