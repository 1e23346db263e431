/**
 * The ground for one run with a driver: proxy and simulated observer on real sockets, a clock that only the test moves,
 * an administrator, and a door at which clients that connect can be made to wait.
 *
 * Real drivers have no ledger of what is under way, so the test waits for what it can see: a statement that runs, a
 * session that has noticed its end.
 */
import type { ConfigItems } from '../../proxy/config.ts';
import type { Certificate } from '../../proxy/node/tls.ts';
import { PacketReader } from '../../proxy/wire/framing.ts';
import type { Gates, Link, Tap } from '../../simulator/world/gates.ts';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { cellOf } from './cells.ts';
import { type DriverClient, type Login, openClient } from './driver-clients.ts';
import type { PoolDoor } from './opened-ahead.ts';
import { isDeserted, OBSERVER, PROXY, type SimulatedOdp, startOdp } from './simulated-odp.ts';
import { until } from './until.ts';

/** The sweep's interval: after so long every KILL has taken effect. */
const TICK = 1000;
/** An observer's statement looks so often whether it was killed. */
const POLL = 100;

interface Parts {
  readonly odp: SimulatedOdp;
  readonly tls: Certificate | null;
  readonly clock: VirtualClock;
  readonly door: Door;
  readonly passed: Passed;
  readonly root: DriverClient;
  readonly boss: DriverClient;
}

export class DriverLab {
  readonly door: Door;
  readonly #odp: SimulatedOdp;
  readonly #tls: Certificate | null;
  readonly #clock: VirtualClock;
  readonly #passed: Passed;
  /** May KILL whatever it wants; and one of the tenant, for KILL QUERY (sys may not interrupt another tenant's). */
  readonly #root: DriverClient;
  readonly #boss: DriverClient;

  private constructor(parts: Parts) {
    this.#odp = parts.odp;
    this.#tls = parts.tls;
    this.#clock = parts.clock;
    this.#passed = parts.passed;
    this.door = parts.door;
    this.#root = parts.root;
    this.#boss = parts.boss;
  }

  /** `tls`: the administrators' and the drivers' connections have it, and those to the observer. */
  static async open(tls: Certificate | null = null, items: Partial<ConfigItems> = {}): Promise<DriverLab> {
    const clock = new VirtualClock();
    const door = new Door();
    const passed = new Passed();
    const odp = await startOdp(clock, {
      items,
      tap: passed,
      arrived: (client) => door.arrived(client),
      ...(tls === null ? {} : { tls }),
    });
    door.gates = odp.gates;
    const root = await openClient('mysql2 conn', loginTo(odp, 'root@sys#obdemo', tls));
    const boss = await openClient('mysql2 conn', loginTo(odp, 'boss@shop#obdemo', tls));
    return new DriverLab({ odp, tls, clock, door, passed, root, boss });
  }

  /** An ordinary user of the tenant shop. */
  get login(): Login {
    return { ...loginTo(this.#odp, 'app@shop#obdemo', this.#tls), database: 'bank' };
  }

  /** The same user at the observer itself. */
  get direct(): Login {
    return { ...this.#odp.observer, user: 'app@shop', database: 'bank' };
  }

  /** KILL by root@sys of the only server session of a client session, with its tick. */
  async killServer(session: number): Promise<void> {
    const shown = await this.#root.query(`SHOW PROXYSESSION ATTRIBUTE ${session} LIKE 'ss_id'`);
    if (shown.kind === 'error') throw shown.error;
    const [row] = shown.rows as [Record<string, unknown>];
    await mustBeOk(this.#root, `KILL PROXYSESSION ${session} ${String(row.value)}`);
    this.tick();
  }

  /** KILL by root@sys; the session ends with the next tick. */
  kill(session: number): Promise<void> {
    return mustBeOk(this.#root, `KILL PROXYSESSION ${session}`);
  }

  /**
   * Ends every session that comes from now on while the observer has its login and has not answered, until it is told to
   * stop. Nothing of the observer's passes any more but a greeting for each.
   */
  endLogins(): () => Promise<void> {
    const greeting = 1;
    this.holdResults(greeting);
    const observer = this.#odp.cluster.observer(1);
    const known = new Set(observer.listed().map(({ processRow }) => processRow.id));
    let next = this.door.count + 1;
    let stopped = false;
    const ending = (async () => {
      while (!stopped) {
        await new Promise((resolve) => setImmediate(resolve));
        const came = observer.listed().find(({ processRow }) => !known.has(processRow.id));
        if (came === undefined) continue;
        known.add(came.processRow.id);
        // Ids count from 1, and a client comes back only when its last session is over.
        await this.kill(next);
        this.tick();
        next += 1;
        this.holdResults(greeting);
      }
    })();
    return () => {
      stopped = true;
      return ending;
    };
  }

  /** KILL QUERY by boss@shop; the statement ends with the observer's next look. */
  killQuery(session: number): Promise<void> {
    return mustBeOk(this.#boss, `KILL QUERY ${session}`);
  }

  /** What was killed is ended: the proxy's FIN is written when this returns. */
  tick(): void {
    this.#advance(TICK);
  }

  /** A statement that was killed is ended by its observer. */
  poll(): void {
    this.#advance(POLL);
  }

  /** Resolves once the observer runs this statement, in another session than `not`: the session's id there. */
  async running(sql: string, not = 0): Promise<number> {
    const observer = this.#odp.cluster.observer(1);
    let found: number | undefined;
    await until(() => {
      const rows = observer.listed().map(({ processRow }) => processRow);
      found = rows.find(({ id, info }) => info === sql && id !== not)?.id;
      return found !== undefined;
    }, `${sql} to run`);
    return found!;
  }

  /** Of what the observer sends, this many packets still reach the proxy. */
  holdResults(afterPackets: number): void {
    this.#odp.gates.hold(OBSERVER, PROXY, afterPackets);
    this.#passed.restart(afterPackets);
  }

  /** Resolves once they have. */
  resultsHeld(): Promise<void> {
    return until(() => this.#passed.done, 'the beginning of a result to pass');
  }

  releaseResults(): void {
    this.#odp.gates.release(OBSERVER, PROXY);
    // What was held may be due now.
    this.#clock.runDue();
  }

  /** Everybody goes home. Throws if anything is left then. */
  async close(client: DriverClient | null): Promise<void> {
    this.door.open();
    this.releaseResults();
    await client?.close();
    await this.#root.close();
    await this.#boss.close();
    // Ends what an observer still does for a session that is gone.
    await until(() => {
      this.#advance(TICK);
      return this.#clock.armed === 0 && isDeserted(this.#odp);
    }, 'every session and every timer to end');
    this.#odp.stop();
  }

  #advance(milliseconds: number): void {
    const target = this.#clock.now() + milliseconds;
    for (;;) {
      const next = this.#clock.next();
      if (next === undefined || next > target) break;
      this.#clock.advanceTo(next);
      this.#clock.runDue();
    }
    this.#clock.advanceTo(target);
  }
}

function loginTo({ address }: SimulatedOdp, user: string, tls: Certificate | null): Login {
  return tls === null ? { ...address, user } : { ...address, user, ssl: { ca: tls.cert } };
}

async function mustBeOk(client: DriverClient, sql: string): Promise<void> {
  const answer = await client.query(sql);
  if (answer.kind === 'error') throw new Error(`${sql}: ${cellOf('mysql2 conn', answer, client.session)}`);
}

/** Counts the packets that come from the observer. */
class Passed implements Tap {
  #reader = new PacketReader();
  #missing = 0;

  restart(packets: number): void {
    this.#reader = new PacketReader();
    this.#missing = packets;
  }

  get done(): boolean {
    return this.#missing <= 0;
  }

  data(link: Link, chunk: Buffer): void {
    if (link.from !== OBSERVER || this.#missing <= 0) return;
    this.#reader.push(Buffer.from(chunk));
    while (this.#reader.next() !== null) this.#missing -= 1;
  }
}

/** Clients that connect while it is shut wait: their login packet is not read. */
export class Door implements PoolDoor {
  /** Set before anybody connects. */
  gates!: Gates;
  /** Everybody who has come, in order. */
  readonly #names: string[] = [];
  readonly #waiting: string[] = [];
  #mayPass = Number.POSITIVE_INFINITY;

  arrived(client: string): void {
    this.#names.push(client);
    if (this.#mayPass > 0) {
      this.#mayPass -= 1;
      return;
    }
    this.gates.hold(client, PROXY);
    this.#waiting.push(client);
  }

  /** From now on so many clients may still pass. */
  shutAfter(clients: number): void {
    this.#mayPass = clients;
  }

  /** One client more may pass: who has waited longest, or the next. */
  letOneIn(): void {
    const client = this.#waiting.shift();
    if (client === undefined) this.#mayPass += 1;
    else this.gates.release(client, PROXY);
  }

  open(): void {
    this.#mayPass = Number.POSITIVE_INFINITY;
    for (const client of this.#waiting.splice(0)) this.gates.release(client, PROXY);
  }

  /** How many have come; the number of the next. */
  get count(): number {
    return this.#names.length;
  }

  /** What this client sends stays on its way. */
  holdRequests(number: number): void {
    this.gates.hold(this.#names[number]!, PROXY);
  }

  releaseRequests(number: number): void {
    this.gates.release(this.#names[number]!, PROXY);
  }
}
