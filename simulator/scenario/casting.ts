/**
 * Who plays whom: the logins that a page names, and the users that somebody else's server has in their place.
 *
 * A rule is for a client by its name or for a login as pages write it; one without either is for everybody. Passwords are
 * texts here: where they come from is the edge's business.
 */
import type { ClientSpec } from './front-matter.ts';
import type { Login } from './lab.ts';

/** `who`: a client's name, or a login; null is everybody else. */
export interface Rule {
  readonly who: string | null;
  readonly value: string;
}

export class Casting {
  readonly #users: readonly Rule[];
  readonly #passwords: readonly Rule[];

  constructor(users: readonly Rule[], passwords: readonly Rule[]) {
    this.#users = users;
    this.#passwords = passwords;
  }

  /** The rule for her name, then for her login, then for everybody; without any she is who the page says. */
  account({ name, user, password }: Pick<ClientSpec, 'name' | 'user' | 'password'>): Login {
    const played = ruleFor(this.#users, name, user);
    const own = ruleFor(this.#passwords, name, user, played?.value);
    // A password for everybody goes to whom the flags have put in, not to a user whose password the page gives.
    const general = own?.who === null && password !== '' && played === undefined;
    return { user: played?.value ?? user, password: own === undefined || general ? password : own.value };
  }
}

/** `played`: who has been put in that login's place; a password may be given for either. */
function ruleFor(rules: readonly Rule[], name: string, user: string, played?: string): Rule | undefined {
  return (
    rules.find(({ who }) => who?.toLowerCase() === name) ??
    rules.find(({ who }) => who === user || (played !== undefined && who === played)) ??
    rules.find(({ who }) => who === null)
  );
}
