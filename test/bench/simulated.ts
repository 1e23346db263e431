/**
 * What a core simulates: statements per second through proxy and observer in memory, answers decoded by the clients.
 *
 * Half are point SELECTs by key on a table of 10,000 rows, half UPDATEs by key; 20 clients, one statement at a time each.
 * A process of its own: it says `{}` when it is ready, and answers `{ seconds }` with a `Simulated`.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { DriverClient, type Outcome } from '../../simulator/client/driver/driver-client.ts';
import { driverNamed } from '../../simulator/client/driver/drivers.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { clusterConfig, type TableSpec, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';

/** Of one turn: statements answered, real seconds, CPU seconds of the whole process. */
export interface Simulated {
  readonly statements: number;
  readonly seconds: number;
  readonly cpu: number;
}

const CLIENTS = 20;
const ROWS = 10_000;
/** Statements between two looks at the real clock. */
const PORTION = 1000;
const PROXY = { host: '172.30.140.64', port: 2883 };
const OBSERVER = { host: '10.0.0.1', port: 2881 };

const TABLE: TableSpec = {
  name: 'point',
  columns: [
    { name: 'id', type: 'INT', primaryKey: true, notNull: true },
    { name: 'name', type: 'VARCHAR' },
    { name: 'value', type: 'BIGINT', notNull: true },
  ],
  rows: Array.from({ length: ROWS }, (_, index) => [index + 1, `row ${index + 1}`, 0]),
};

/** One client that asks again as soon as it is answered, as long as there is something to ask. */
class Asker {
  readonly #client: DriverClient;
  readonly #bench: Bench;

  constructor(bench: Bench, client: DriverClient) {
    this.#bench = bench;
    this.#client = client;
  }

  ask(): void {
    if (this.#bench.left === 0) return;
    this.#bench.left -= 1;
    const key = 1 + this.#bench.choices.choose('bench.key', ROWS);
    const reads = this.#bench.choices.choose('bench.kind', 2) === 0;
    const sql = reads
      ? `SELECT id, name, value FROM point WHERE id = ${key}`
      : `UPDATE point SET value = value + 1 WHERE id = ${key}`;
    this.#client.query(sql, (outcome) => this.#answered(sql, outcome));
  }

  #answered(sql: string, outcome: Outcome): void {
    const good =
      outcome.kind === 'rows' ? outcome.rows.length === 1 : outcome.kind === 'ok' && outcome.affectedRows === 1;
    if (!good) throw new Error(`${sql}: ${JSON.stringify(outcome)}`);
    this.#bench.answered += 1;
    this.ask();
  }
}

class Bench {
  readonly choices = new SeededChoices(1, {});
  /** Statements that may still be asked. */
  left = 0;
  answered = 0;
  readonly #world = new World();
  readonly #askers: Asker[];

  constructor() {
    const { network, clock, choices } = this.#world;
    const [spec] = TOPOLOGIES.default.clusters;
    const filled = spec.tenants.map((it) =>
      it.name === 'shop' ? { ...it, databases: [{ name: 'bench', tables: [TABLE] }] } : it,
    );
    const ports = { network, clock, choices, sha1 };
    const cluster = new Cluster({ ...spec, tenants: filled }, ports);
    cluster.observer(1).start(network, OBSERVER, () => {});
    const clusters = [clusterConfig({ ...spec, tenants: filled }, new Map([[1, OBSERVER]]))];
    const proxy = new OdpProxy(
      { listen: PROXY, clusters, items: DEFAULT_ITEMS, localIp: PROXY.host, pid: process.pid },
      ports,
    );
    proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    const account = { target: PROXY, user: 'app@shop#obdemo', password: '', database: 'bench' };
    const dialect = driverNamed('mysql2 conn');
    this.#askers = Array.from({ length: CLIENTS }, () => new Asker(this, new DriverClient(dialect, account, ports)));
  }

  /** So many real seconds of it. */
  run(seconds: number): Simulated {
    const before = this.answered;
    const cpu = process.cpuUsage();
    const began = performance.now();
    let now = began;
    while (now - began < seconds * 1000) {
      this.left = PORTION;
      for (const asker of this.#askers) asker.ask();
      // A portion takes a simulated millisecond: so time goes on, and timers have their turn.
      this.#world.advance(1);
      now = performance.now();
    }
    const { user, system } = process.cpuUsage(cpu);
    return { statements: this.answered - before, seconds: (now - began) / 1000, cpu: (user + system) / 1e6 };
  }
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

const bench = new Bench();
process.on('message', ({ seconds }: { seconds: number }) => process.send!(bench.run(seconds)));
process.on('disconnect', () => process.exit());
process.send!({});
