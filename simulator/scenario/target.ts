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
import { SYS_TENANT, type TenantSpec, TOPOLOGIES, type TopologyName } from '../world/topology.ts';
import { Administrator, type AdministratorPorts, Refused, Unreachable } from './administrator.ts';
import type { Casting } from './casting.ts';
import type { ClientSpec, FrontMatter } from './front-matter.ts';
import type { Deploy, Deployment } from './lab.ts';
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

/** What our simulated observers have in their version comment. */
const OURS = /\bodplab\b/;
/** Sessions of the last scenario end within this: an observer looks every 10 s after who waits for a row (decisions.md 35). */
const FAREWELL = 15_000;
const FAREWELL_STEP = 20;
/** Longer than any lock is looked after; microseconds. */
const LOCK_PATIENCE = 30_000_000;

export class Target {
  readonly ground: Ground;
  /** In words, for people. */
  readonly what: string;
  /** It was there, and is not any more. */
  lost = false;
  readonly #options: TargetOptions;
  /** Sessions of others on our own simulated cluster; null: it is another. */
  readonly #others: number | null;

  private constructor(options: TargetOptions, found: Found) {
    const { dialect, odp, ours } = found;
    this.#options = options;
    this.#others = found.others;
    this.what = words(found);
    this.ground = {
      dialect,
      odp,
      cluster: options.cluster,
      items: { ...(ours ? DEFAULT_ITEMS : {}), ...options.items },
      tables: ours || options.remake,
      longest: options.longest,
    };
  }

  /** Throws `Unreachable`, or `Refused` where none of those who play in the scenarios may log in. */
  static async probe(options: TargetOptions, scenarios: readonly Scenario[]): Promise<Target> {
    const clients = scenarios.flatMap(({ front }) => front.clients);
    let refused: Refused | null = null;
    for (const client of distinct([administratorOf(SYS_TENANT, null, options), ...clients])) {
      const by = await Administrator.greet(options.address, options.casting.account(client), options.ports);
      try {
        await by.login();
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused ??= error;
        continue;
      }
      const found = await find(by, options.dialect);
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
    const { casting } = this.#options;
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
    const { address, casting, ports, settle } = this.#options;
    if (this.#others !== null) await this.#alone(this.#others);
    if (!this.ground.tables) {
      (await Administrator.greet(address, casting.account(front.clients[0]!), ports)).leave();
    } else {
      for (const [client, tenant] of this.#tenants(front)) {
        const by = await this.#administrator(client);
        await remake(by, tenant.databases);
        by.leave();
      }
    }
    await settle();
  }

  async #administrator(client: Player): Promise<Administrator> {
    const { address, casting, ports } = this.#options;
    const { dialect } = this.ground;
    const login = casting.account(client);
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

  /** Until nobody of the last scenario is there any more. */
  async #alone(others: number): Promise<void> {
    const { clock } = this.#options.ports;
    const by = await this.#administrator(administratorOf(SYS_TENANT, null, this.#options));
    const deadline = clock.now() + FAREWELL;
    while ((await sessions(by)) > others && clock.now() < deadline) {
      await new Promise<void>((resolve) => {
        clock.after(FAREWELL_STEP, resolve);
      });
    }
    by.leave();
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

type Player = Pick<ClientSpec, 'name' | 'user' | 'password'>;

function administratorOf(tenant: string, cluster: string | null, options: TargetOptions): Player {
  const name = cluster ?? TOPOLOGIES[options.cluster].clusters[0]!.name;
  return { name: '', user: `root@${tenant}#${name}`, password: '' };
}

function distinct(players: readonly Player[]): Player[] {
  return [...new Map(players.map((player) => [`${player.name} ${player.user}`, player])).values()];
}

interface Found {
  readonly version: string;
  readonly dialect: DialectName;
  readonly odp: boolean;
  readonly ours: boolean;
  readonly others: number | null;
}

async function find(by: Administrator, said: DialectName | null): Promise<Found> {
  const comment = (await by.query('SELECT @@version_comment'))[0]?.[0] ?? '';
  const { version } = by;
  const dialect = said ?? dialectOf(version, comment);
  // Whatever stands behind it: a proxy may have MariaDB servers as well.
  const odp = await answersProxySession(by);
  const ours = odp && OURS.test(comment);
  return { version, dialect, odp, ours, others: ours ? await sessions(by) : null };
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

/** On the observers, and at the proxy. */
async function sessions(by: Administrator): Promise<number> {
  const observers = await by.query('SHOW FULL PROCESSLIST');
  return observers.length + (await by.query('SHOW PROXYSESSION')).length;
}

const MAKES: Readonly<Record<DialectName, string>> = { obclient: 'OceanBase', mariadb: 'MariaDB', mysql: 'MySQL' };

function words({ version, dialect, odp, ours }: Found): string {
  const make = ours ? "odplab's simulated cluster" : MAKES[dialect];
  return `${odp ? `an ODP before ${make}` : make}, which greets as ${version}`;
}
