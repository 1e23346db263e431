/**
 * The users of a topology's tenants, made on a server without tenants for as long as the scenarios run there.
 *
 * A user that is there already stays as it is. Each is let in from where the administrator comes from, nowhere else: most
 * have no password. Knows SQL and topologies, and nothing of pages.
 */
import { NATIVE_PASSWORD, type Sha1 } from '../../proxy/wire/scramble.ts';
import { LOCATOR, SUPERUSER, type TenantSpec, type UserSpec } from '../world/topology.ts';
import type { Administrator } from './administrator.ts';

/** It makes everybody else. */
const ADMINISTRATOR = 'root';

export class BorrowedUsers {
  readonly #sha1: Sha1;
  /** As SQL names them. */
  readonly #made: string[] = [];
  readonly #known = new Set<string>();

  constructor(sha1: Sha1) {
    this.#sha1 = sha1;
  }

  /** Makes those of a tenant that are not there. `passwordOf`: with what such a user will log in; null if nobody does. */
  async make(
    by: Administrator,
    { users, databases }: TenantSpec,
    passwordOf: (user: UserSpec) => string | null,
  ): Promise<void> {
    for (const user of users) {
      const { name, privilege } = user;
      if (name === ADMINISTRATOR || name === LOCATOR || this.#known.has(name)) continue;
      this.#known.add(name);
      const password = passwordOf(user);
      if (password === null) continue;
      if ((await by.query(`SELECT 1 FROM mysql.user WHERE User = ${text(name)}`)).length > 0) continue;
      const account = `${text(name)}@${text(await hostOf(by))}`;
      // The plugin that scripted clients have; MySQL takes a password, MariaDB does not, and both what is kept of one.
      await by.query(`CREATE USER ${account} IDENTIFIED WITH ${NATIVE_PASSWORD} AS ${text(this.#kept(password))}`);
      this.#made.push(account);
      const places = privilege === SUPERUSER ? ['*'] : databases.map((it) => `\`${it.name}\``);
      for (const place of places) await by.query(`GRANT ALL ON ${place}.* TO ${account}`);
    }
  }

  /** What a server keeps of a password. */
  #kept(password: string): string {
    return password === ''
      ? ''
      : `*${this.#sha1(this.#sha1(Buffer.from(password)))
          .toString('hex')
          .toUpperCase()}`;
  }

  get any(): boolean {
    return this.#made.length > 0;
  }

  async drop(by: Administrator): Promise<void> {
    for (const account of this.#made.splice(0)) await by.query(`DROP USER ${account}`);
  }
}

/** Where the administrator comes from, as the server sees it. */
async function hostOf(by: Administrator): Promise<string> {
  const user = (await by.query('SELECT USER()'))[0]?.[0] ?? '';
  return user.slice(user.lastIndexOf('@') + 1);
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
