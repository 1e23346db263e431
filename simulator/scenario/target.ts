/**
 * Somebody else's server as the ground of scenarios: what it is, what it has, and how it is made ready for each of them.
 *
 * Found out once, by asking (`Target.probe`); the deployment of every scenario then connects to it, makes the tables right
 * where it may, and on our own simulated cluster waits until the sessions of the last scenario are gone. Knows no sockets.
 */
import { type ConfigItems, DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address } from '../../proxy/ports.ts';
import { DEFAULT_TENANT, parseUserName } from '../../proxy/session/user-name.ts';
import { DIALECTS, type DialectName, forServer } from '../client/dialects.ts';
import { SYS_TENANT, type TenantSpec, TOPOLOGIES, type TopologyName, type UserSpec } from '../world/topology.ts';
import { Administrator, type AdministratorPorts, Refused, Unreachable } from './administrator.ts';
import { BorrowedUsers } from './borrowed-users.ts';
import type { Casting, Player } from './casting.ts';
import type { FrontMatter } from './front-matter.ts';
import type { Deploy, Deployment, Login } from './lab.ts';
import type { Ground } from './needs.ts';
import { remake } from './remake.ts';
import type { Scenario } from './scenario.ts';

export interface TargetOptions {
  readonly address: Address;
  readonly casting: Casting;
  /** Null: by what the server says of itself. */
  readonly dialect: DialectName | null;
  readonly cluster: TopologyName;
  /** What is known of its configuration. */
  readonly items: Partial<ConfigItems>;
  /** Tables may be made anew, whatever stands there. */
  readonly remake: boolean;
  readonly longest: number;
  readonly ports: AdministratorPorts;
  /** Until administrators who have left are gone. */
  settle(): Promise<void>;
}

/** Of every tenant, and of a MySQL server. */
const ADMINISTRATOR = 'root';
/** What our simulated observers have in their version comment. */
const OURS = /\bodplab\b/;
/** Sessions of the last scenario end within this: an observer looks every 10 s after who waits for a row (decisions.md 35). */
const FAREWELL = 15_000;
const FAREWELL_STEP = 20;
/** On a server that is not ours somebody else may come meanwhile. */
const FOREIGN_FAREWELL = 2000;
/** Longer than any lock is looked after; microseconds. */
const LOCK_PATIENCE = 30_000_000;

export class Target {
  readonly ground: Ground;
  /** In words, for people. */
  readonly what: string;
  /** It was there, and is not any more. */
  lost = false;
  readonly #options: TargetOptions;
  readonly #casting: Casting;
  readonly #users: BorrowedUsers | null;
  /** Sessions of others; null: how many, is not looked at. */
  readonly #others: number | null;
  readonly #patience: number;

  private constructor(options: TargetOptions, found: Found) {
    const { dialect, odp, ours } = found;
    const casting = dialect === 'obclient' ? options.casting : options.casting.withoutTenants();
    this.#options = options;
    this.#casting = casting;
    this.#users = dialect !== 'obclient' && options.remake ? new BorrowedUsers(options.ports.sha1) : null;
    this.#others = found.others;
    this.#patience = ours ? FAREWELL : FOREIGN_FAREWELL;
    this.what = words(found);
    this.ground = {
      dialect,
      odp,
      cluster: options.cluster,
      items: { ...(ours ? DEFAULT_ITEMS : {}), ...options.items },
      tables: ours || options.remake,
      hasUser(client) {
        if (dialect === 'obclient' || options.remake || casting.replaces(client)) return true;
        const { user } = casting.account(client);
        return user === ADMINISTRATOR || user === client.user;
      },
      longest: options.longest,
    };
  }

  /** Throws `Unreachable`, or `Refused` where none of those who play in the scenarios may log in. */
  static async probe(options: TargetOptions, scenarios: readonly Scenario[]): Promise<Target> {
    const clients = scenarios.flatMap(({ front }) => front.clients);
    const plain = options.casting.withoutTenants();
    const logins = distinct(
      [administratorOf(SYS_TENANT, null, options), ...clients].flatMap((client) => [
        options.casting.account(client),
        plain.account(client),
      ]),
    );
    let refused: Refused | null = null;
    for (const login of logins) {
      const by = await Administrator.greet(options.address, login, options.ports);
      try {
        await by.login();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused ??= error;
        continue;
      }
      const found = await find(by, options);
      by.leave();
      await options.settle();
      return new Target(options, found);
    }
    throw refused!;
  }

  readonly deploy: Deploy = async (arm, front) => {
    try {
      await this.#prepare(front);
    } catch (error) {
      if (error instanceof Unreachable) this.lost = true;
      throw error;
    }
    const casting = this.#casting;
    const deployment: Deployment = {
      entry: arm.plan.proxy,
      control: null,
      left() {
        return [];
      },
      stop() {},
      foreign: {
        dialect: this.ground.dialect,
        account(client) {
          return casting.account(client);
        },
      },
    };
    return deployment;
  };

  async #prepare(front: FrontMatter): Promise<void> {
    const { address, ports, settle } = this.#options;
    if (this.#others !== null && this.#users === null) await this.#alone(this.#others);
    if (!this.ground.tables) {
      (await Administrator.greet(address, this.#casting.account(front.clients[0]!), ports)).leave();
    } else {
      for (const [client, tenant] of this.#tenants(front)) {
        const by = await this.#administrator(client);
        await remake(by, tenant.databases);
        await this.#users?.make(by, tenant, (user) => this.#passwordOf(beside(client, user)));
        by.leave();
      }
    }
    await settle();
    // Another server shows a while yet who has just put the tables right.
    if (this.#others !== null && this.#users !== null) await this.#alone(this.#others);
  }

  /** After the last scenario: what was made for them alone is taken back. */
  async leave(): Promise<void> {
    if (this.#users === null || !this.#users.any || this.lost) return;
    try {
      const by = await this.#administrator(administratorOf(SYS_TENANT, null, this.#options));
      await this.#users.drop(by);
      by.leave();
      await this.#options.settle();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      this.lost = true;
    }
  }

  async #administrator(client: Player): Promise<Administrator> {
    const { address, ports } = this.#options;
    const { dialect } = this.ground;
    const login = this.#casting.account(client);
    const by = await Administrator.greet(address, login, ports, forServer(DIALECTS.mysql, dialect));
    try {
      await by.login();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const mend = `--user '${client.user}=…' says who makes the tables anew in its place`;
      throw new Refused(`${login.user} makes the tables anew, and may not log in: ${error.message}; ${mend}`);
    }
    if (dialect === 'obclient') await by.query(`SET ob_query_timeout = ${LOCK_PATIENCE}`);
    return by;
  }

  /** Null: another logs in in that one's place. */
  #passwordOf(player: Player): string | null {
    return this.#casting.replaces(player) ? null : this.#casting.account(player).password;
  }

  /** Until nobody of the last scenario is there any more. */
  async #alone(others: number): Promise<void> {
    const { settle, ports } = this.#options;
    const { clock } = ports;
    const { odp } = this.ground;
    const by = await this.#administrator(administratorOf(SYS_TENANT, null, this.#options));
    const deadline = clock.now() + this.#patience;
    while ((await sessions(by, odp)) > others && clock.now() < deadline) {
      await new Promise<void>((resolve) => {
        clock.after(FAREWELL_STEP, resolve);
      });
    }
    by.leave();
    await settle();
  }

  /** The tenants of a page's clients, and who administers them. */
  #tenants(front: FrontMatter): Map<Player, TenantSpec> {
    const found = new Map<Player, TenantSpec>();
    const seen = new Set<TenantSpec>();
    for (const { user } of front.clients) {
      const name = parseUserName(user);
      const clusters = TOPOLOGIES[front.cluster].clusters;
      const cluster = clusters.find((it) => it.name === name?.cluster) ?? clusters[0]!;
      const tenant = cluster.tenants.find((it) => it.name === (name?.tenant ?? DEFAULT_TENANT));
      if (tenant === undefined || seen.has(tenant)) continue;
      seen.add(tenant);
      found.set(administratorOf(tenant.name, cluster.name, this.#options), tenant);
    }
    return found;
  }
}

function administratorOf(tenant: string, cluster: string | null, options: TargetOptions): Player {
  const name = cluster ?? TOPOLOGIES[options.cluster].clusters[0]!.name;
  return { name: '', user: `${ADMINISTRATOR}@${tenant}#${name}`, password: '' };
}

/** Another user of that administrator's tenant. */
function beside({ user }: Player, { name, password }: UserSpec): Player {
  return { name: '', user: name + user.slice(ADMINISTRATOR.length), password };
}

function distinct(logins: readonly Login[]): Login[] {
  return [...new Map(logins.map((login) => [JSON.stringify([login.user, login.password]), login])).values()];
}

interface Found {
  readonly version: string;
  readonly dialect: DialectName;
  readonly odp: boolean;
  readonly ours: boolean;
  readonly others: number | null;
}

async function find(by: Administrator, { dialect: said, remake }: TargetOptions): Promise<Found> {
  const comment = (await by.query('SELECT @@version_comment'))[0]?.[0] ?? '';
  const { version } = by;
  const dialect = said ?? dialectOf(version, comment);
  // Whatever stands behind it: a proxy may have MariaDB servers as well.
  const odp = await answersProxySession(by);
  const ours = odp && OURS.test(comment);
  const alone = ours || (remake && dialect !== 'obclient');
  return { version, dialect, odp, ours, others: alone ? await sessions(by, odp) : null };
}

/** By the greeting; an ODP greets as any MySQL would, and only the servers behind it say what they are. */
function dialectOf(version: string, comment: string): DialectName {
  if (/mariadb/i.test(version)) return 'mariadb';
  return /oceanbase/i.test(`${version} ${comment}`) ? 'obclient' : 'mysql';
}

async function answersProxySession(by: Administrator): Promise<boolean> {
  try {
    return (await by.query("SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'")).length > 0;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** On the servers, and at the proxy. */
async function sessions(by: Administrator, odp: boolean): Promise<number> {
  const servers = await by.query('SHOW FULL PROCESSLIST');
  return servers.length + (odp ? await by.query('SHOW PROXYSESSION') : []).length;
}

const MAKES: Readonly<Record<DialectName, string>> = { obclient: 'OceanBase', mariadb: 'MariaDB', mysql: 'MySQL' };

function words({ version, dialect, odp, ours }: Found): string {
  const make = ours ? "odplab's simulated cluster" : MAKES[dialect];
  return `${odp ? `an ODP before ${make}` : make}, which greets as ${version}`;
}
