/**
 * How long a client session waits for its client (odp-relay.md §6.3): one deadline, set for whatever it waits for now.
 *
 * | it waits for          | limit               |
 * |-----------------------|---------------------|
 * | the login packet      | `LOGIN_TIMEOUT`     |
 * | the next command      | `wait_timeout`      |
 * | the rest of a request | `net_read_timeout`  |
 * | room for an answer    | `net_write_timeout` |
 *
 * Knows the session as someone who is told that a wait has been too long.
 */
import type { Deadline, Perishable } from './deadlines.ts';
import type { Sweep } from './sweep.ts';
import type { TimeLimits } from './time-limits.ts';

/** After the greeting the client has this long for its login packet; ODP: fixed (odp-relay.md §2.1). */
export const LOGIN_TIMEOUT = 10_000;

/** `anything`: before a MySQL server, whose own limits are not known here. */
export type Awaited = 'login' | 'command' | 'anything' | 'rest of a request' | 'room';

export interface Impatient {
  readonly state: { readonly limits: TimeLimits };
  /** To the client, with what has not left us. */
  readonly connection: { readonly unsent: number };
  waitedTooLong(awaited: Awaited): void;
}

export class Patience implements Perishable {
  readonly #session: Impatient;
  readonly #deadline: Deadline;
  #awaited: Awaited = 'login';
  /** What the client had still to take when the wait began. */
  #unsent = 0;

  constructor(session: Impatient, sweep: Sweep) {
    this.#session = session;
    this.#deadline = sweep.deadline(this);
    this.#deadline.set(LOGIN_TIMEOUT);
  }

  forCommand(): void {
    this.#awaited = 'command';
    this.#deadline.set(this.#session.state.limits.idle);
  }

  forRest(): void {
    this.#awaited = 'rest of a request';
    this.#deadline.set(this.#session.state.limits.read);
  }

  forRoom(): void {
    this.#awaited = 'room';
    this.#unsent = this.#session.connection.unsent;
    this.#deadline.set(this.#session.state.limits.write);
  }

  /** Nothing is expected of the client. */
  forNothing(): void {
    this.#deadline.lift();
  }

  end(): void {
    this.#deadline.end();
  }

  expired(): void {
    // A client that takes its answer slowly takes it all the same.
    if (this.#awaited === 'room' && this.#session.connection.unsent < this.#unsent) this.forRoom();
    else this.#session.waitedTooLong(this.#awaited);
  }
}
