/**
 * Who plays whom: the logins that a page names, and the users that somebody else's server has in their place.
 *
 * A rule is for a client by its name or for a login as pages write it; one without either is for everybody. Before a server
 * without tenants who has no rule goes by the user's name alone. Passwords are texts here: where they come from is the
 * edge's business.
 */
import { PROXY_TENANT } from '../../proxy/session/identity.ts';
import { parseUserName } from '../../proxy/session/user-name.ts';
import type { ClientSpec } from './front-matter.ts';
import type { Login } from './lab.ts';

/** `who`: a client's name, or a login; null is everybody else. */
export interface Rule {
  readonly who: string | null;
  readonly value: string;
}

/** Who is asked for: a client of a page, or who administers a tenant. */
export type Player = Pick<ClientSpec, 'name' | 'user' | 'password'>;

export class Casting {
  readonly #users: readonly Rule[];
  readonly #passwords: readonly Rule[];
  /** There are no tenants: `app@shop#obdemo` is `app`. */
  readonly #plain: boolean;

  constructor(users: readonly Rule[], passwords: readonly Rule[], plain = false) {
    this.#users = users;
    this.#passwords = passwords;
    this.#plain = plain;
  }

  /** The same before a server without tenants. */
  withoutTenants(): Casting {
    return new Casting(this.#users, this.#passwords, true);
  }

  /** The rule for her name, then for her login, then for everybody; without any she is who the page says. */
  account({ name, user, password }: Player): Login {
    const played = ruleFor(this.#users, name, user);
    const login = played?.value ?? (this.#plain ? withoutTenant(user) : user);
    const own = ruleFor(this.#passwords, name, user, login);
    // A password for everybody goes to whom the flags have put in, not to a user whose password the page gives.
    const general = own?.who === null && password !== '' && played === undefined;
    return { user: login, password: own === undefined || general ? password : own.value };
  }

  /** A rule puts somebody in her place. */
  replaces({ name, user }: Player): boolean {
    return ruleFor(this.#users, name, user) !== undefined;
  }
}

/** root@proxysys administers the proxy itself, whatever stands behind it. */
function withoutTenant(login: string): string {
  const name = parseUserName(login);
  return name === null || name.tenant === PROXY_TENANT ? login : name.user;
}

/** `played`: who plays that login; a password may be given for either. */
function ruleFor(rules: readonly Rule[], name: string, user: string, played?: string): Rule | undefined {
  return (
    rules.find(({ who }) => who?.toLowerCase() === name) ??
    rules.find(({ who }) => who === user || (played !== undefined && who === played)) ??
    rules.find(({ who }) => who === null)
  );
}
