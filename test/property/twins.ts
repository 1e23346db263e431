/**
 * One client twice: through the proxy before four observers, and a twin that talks to one observer directly. Both say the
 * same; the twin's one session is the model of what the other's state must be, wherever the proxy sends a statement.
 *
 * A kill of an idle server session, a switch to another server, a leader that moves: the twin knows none of these.
 */
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { type Choices, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { DriverClient, type Outcome } from '../../simulator/client/driver/driver-client.ts';
import { driverNamed } from '../../simulator/client/driver/drivers.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { type ClusterSpec, clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { sha1 } from '../client/fake-server.ts';

const PROXY = { host: '172.30.140.64', port: 2883 };
const TABLES = ['account', 'branch', 'ledger'] as const;
const SECOND = 1000;
const USER_VARIABLES = ['a', 'b', 'c'] as const;

/** What somebody may do. */
export type Step =
  | { readonly kind: 'say'; readonly sql: string }
  /** Something that is answered by the leader of this table. */
  | { readonly kind: 'visit'; readonly table: number }
  /** The administrator ends one of the client's server sessions. */
  | { readonly kind: 'kill'; readonly which: number }
  | { readonly kind: 'lead'; readonly table: number; readonly server: number };

/** One side: a world of its own, and a client in it. */
class Side {
  readonly world: World;
  readonly cluster: Cluster;
  readonly client: DriverClient;
  readonly proxy: OdpProxy | null;

  constructor(spec: ClusterSpec, through: boolean, choices: Choices) {
    this.world = new World({ choices });
    const { network, clock } = this.world;
    this.cluster = new Cluster(spec, { clock, choices: PLAIN, sha1 });
    const addresses = new Map(spec.servers.map(({ id }) => [id, { host: `10.0.0.${id}`, port: 2881 }]));
    for (const it of this.cluster.observers) it.start(network, addresses.get(it.id)!, () => {});
    this.world.settle();
    this.proxy = through
      ? new OdpProxy(
          {
            listen: PROXY,
            clusters: [clusterConfig(spec, addresses)],
            items: DEFAULT_ITEMS,
            localIp: PROXY.host,
            pid: 1,
          },
          { network, clock, choices, sha1 },
        )
      : null;
    this.proxy?.start({ listening() {}, failed() {} });
    this.world.settle();
    this.client = this.#login(through ? 'app@shop#obdemo' : 'app@shop', through, 'bank');
  }

  #login(user: string, through: boolean, database: string | null): DriverClient {
    const { network, clock } = this.world;
    const account = { target: through ? PROXY : addressOfFirst, user, password: '', database };
    return new DriverClient(driverNamed('mysqli'), account, { network, clock, choices: PLAIN, sha1 });
  }

  ask(sql: string): Outcome {
    return this.asked(this.client, sql);
  }

  asked(client: DriverClient, sql: string): Outcome {
    let told: Outcome | null = null;
    client.query(sql, (outcome) => {
      told = outcome;
    });
    this.world.settle();
    if (told === null) throw new Error(`${sql}: no answer`);
    return told;
  }

  administrator(): DriverClient {
    return this.#login('root@sys#obdemo', true, null);
  }
}

const addressOfFirst = { host: '10.0.0.1', port: 2881 };

export class Twins {
  readonly #real: Side;
  readonly #twin: Side;
  readonly #boss: DriverClient;
  /** What is wrong, in words; the first only. */
  wrong: string | null = null;
  /** Server sessions that have served, by their ids. */
  readonly served = new Set<string>();
  kills = 0;
  #open = false;
  #autocommit = true;

  constructor(choices: Choices = PLAIN) {
    const [spread] = TOPOLOGIES.spread.clusters;
    this.#real = new Side(spread, true, choices);
    // The same tables on one observer.
    const [plain] = TOPOLOGIES.default.clusters;
    const databases = spread.tenants
      .find((it) => it.name === 'shop')!
      .databases.map((database) => ({
        ...database,
        tables: database.tables.map((table) => ({ ...table, leader: 1 })),
      }));
    const tenants = plain.tenants.map((it) => (it.name === 'shop' ? { ...it, databases } : it));
    this.#twin = new Side({ ...plain, tenants }, false, PLAIN);
    this.#boss = this.#real.administrator();
    this.#say('SELECT 1');
  }

  /** Both do it, and are compared; false once something was wrong. */
  step(step: Step): boolean {
    switch (step.kind) {
      case 'say':
        this.#say(step.sql);
        break;
      case 'visit':
        this.#say(`SELECT COUNT(*) FROM bank.${TABLES[step.table % TABLES.length]}`);
        break;
      case 'kill':
        this.#kill(step.which);
        break;
      case 'lead':
        if (this.#open) break;
        this.#real.cluster.switchLeader('shop', 'bank', TABLES[step.table % TABLES.length]!, 1 + (step.server % 3));
        this.#real.world.settle();
    }
    return this.wrong === null;
  }

  #say(sql: string): void {
    const seen = shown(this.#real.ask(sql));
    const due = shown(this.#twin.ask(sql));
    this.#follow(sql);
    if (seen !== due) this.#complain(`${sql} gave ${seen}, where ${due} was due`);
    else this.#compare(sql);
  }

  /** All that a session can have set, asked of the server session that has just served. */
  #compare(after: string): void {
    for (const sql of QUESTIONS) {
      const seen = lines(this.#real.ask(sql));
      const due = lines(this.#twin.ask(sql));
      const at = due.findIndex((line, index) => line !== seen[index]);
      if (at >= 0) {
        this.#complain(`after ${after}: ${sql} has ${seen[at]}, where ${due[at]} was due`);
        return;
      }
    }
    this.served.add(shown(this.#real.ask('SELECT CONNECTION_ID()')));
  }

  #complain(what: string): void {
    this.wrong ??= what;
  }

  /** Only outside a transaction: else the client would be ended, and there was nothing to compare. */
  #kill(which: number): void {
    if (this.#open) return;
    const { threadId } = this.#real.client;
    const seen = this.#real.asked(this.#boss, `SHOW PROXYSESSION ATTRIBUTE ${threadId} LIKE 'ss_id'`);
    if (seen.kind !== 'rows') throw new Error(shown(seen));
    if (seen.rows.length === 0) return;
    const [, ssId] = seen.rows[which % seen.rows.length]!;
    this.#real.asked(this.#boss, `KILL PROXYSESSION ${threadId} ${ssId}`);
    this.#real.world.advance(SECOND);
    this.#twin.world.advance(SECOND);
    this.kills += 1;
    // The one used last may be the one that is gone: what asks for it would end the client.
    this.#say('SELECT COUNT(*) FROM bank.account');
  }

  /** Whether a transaction is open now, which no answer tells. */
  #follow(sql: string): void {
    const word = sql.toUpperCase();
    if (word === 'BEGIN') this.#open = true;
    else if (word === 'COMMIT' || word === 'ROLLBACK') this.#open = false;
    else if (word === 'SET AUTOCOMMIT = 0') this.#autocommit = false;
    else if (word === 'SET AUTOCOMMIT = 1') {
      // Said again it commits nothing.
      if (!this.#autocommit) this.#open = false;
      this.#autocommit = true;
    } else if (!this.#autocommit && /\bBANK\./.test(word)) this.#open = true;
  }
}

const QUESTIONS = [
  'SHOW SESSION VARIABLES',
  `SELECT ${USER_VARIABLES.map((name) => `@${name}`).join(', ')}, DATABASE(), LAST_INSERT_ID()`,
];

function lines(outcome: Outcome): readonly string[] {
  return outcome.kind === 'rows' ? outcome.rows.map((row) => JSON.stringify(row)) : [shown(outcome)];
}

function shown(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'rows':
      return JSON.stringify(outcome.rows);
    case 'ok':
      return `OK ${outcome.affectedRows} ${outcome.lastInsertId}`;
    case 'error':
      return `ERROR ${outcome.error.errno} ${outcome.error.message}`;
    case 'prepared':
      return `prepared ${outcome.id}`;
  }
}
