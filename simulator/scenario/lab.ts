/**
 * A fresh world for one scenario: an arm, what is deployed on it, and the clients of the page; and its end, when nothing
 * may be left.
 *
 * What is deployed is handed in (`deployment.ts` is the proxy before a simulated cluster); a lab knows only where clients
 * connect.
 */
import { type Address, type Choices, type Clock, PLAIN } from '../../proxy/ports.ts';
import type { OdpProxy } from '../../proxy/proxy.ts';
import type { SeenSession } from '../../proxy/session/seen.ts';
import type { Journal } from '../../proxy/session/services.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { ClientWatch } from '../client/client-watch.ts';
import { DIALECTS, type DialectName, forServer } from '../client/dialects.ts';
import { ScriptedClient } from '../client/scripted-client.ts';
import type { Cluster } from '../observer/cluster.ts';
import type { Fault, FaultPlace } from '../observer/faults.ts';
import { type Choice, ReplayChoices } from '../world/choices.ts';
import type { Tap } from '../world/gates.ts';
import type { LateEnds } from '../world/late-ends.ts';
import { DELAY } from '../world/memory-network.ts';
import { OwnClock } from '../world/own-clock.ts';
import type { Arm, ArmKind, WorldNumber } from './arm.ts';
import type { ClientSpec, FrontMatter } from './front-matter.ts';
import { pairName, type TablePlace } from './scenario.ts';

/** What may go wrong with observers, which are numbered from 1 through all clusters. */
export interface ClusterControl {
  crash(observer: number): void;
  stop(observer: number): void;
  restart(observer: number): void;
  /** The proxy's process ends and begins again. */
  restartProxy(): Promise<void>;
  /** Its next logins or requests are answered so. */
  fail(observer: number, place: FaultPlace, fault: Fault, times: number): void;
  /** The table, with all that lies in its log stream, is led by this observer. */
  lead(table: TablePlace, observer: number): void;
  /** That is so already. */
  leads(table: TablePlace, observer: number): boolean;
}

/** What the clients of a scenario meet. */
export interface Deployment {
  /** Where clients connect. */
  readonly entry: Address;
  /** Null: its observers are none of ours. */
  readonly control: ClusterControl | null;
  /** Sessions that are still there though their clients are gone, in words; empty if none. */
  left(): readonly string[];
  /** Stops listening, and ends what is left. */
  stop(): void;
  /** Only where the servers are none of ours. */
  readonly foreign?: Foreign;
  /** The machines themselves, for who judges a run; only where they are ours. */
  readonly inside?: Inside;
}

/** What an onlooker may look into, and must not touch. */
export interface Inside {
  readonly proxy: OdpProxy;
  readonly clusters: readonly Cluster[];
}

/** What a page cannot know of somebody else's server. */
export interface Foreign {
  /** The dialect of the server: its own lines of a page hold (`@mariadb …`). `obclient` is that of ODP and OceanBase. */
  readonly dialect: DialectName;
  /** Who logs in for a client of the page. */
  account(client: ClientSpec): Login;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Starts it on an arm; when the promise is kept, clients may connect. */
export type Deploy = (arm: Arm, front: FrontMatter, sha1: Sha1, journal?: Journal<SeenSession>) => Promise<Deployment>;

export interface LabOptions {
  readonly kind: ArmKind;
  readonly deploy: Deploy;
  readonly sha1: Sha1;
  readonly world: WorldNumber;
  readonly tap?: Tap;
  /** Whose ends come late; only in memory. */
  readonly ends?: LateEnds;
  /** In place of those that the page has recorded. */
  readonly choices?: Choices;
  /** In place of the longest delay that the page has recorded, in milliseconds. */
  readonly latency?: number;
  /** Told what becomes of the proxy's sessions. */
  readonly journal?: Journal<SeenSession>;
  /** Who looks on what a client does. Then nobody reads what it prints, and it prints no results; unless `prints`. */
  watch?(client: string): ClientWatch;
  readonly prints?: boolean;
}

/** After the last step the clock goes on in steps of this, so often, until nobody is left: longer than any lock is looked after. */
const FAREWELL_STEP = 1000;
const FAREWELL_STEPS = 40;

/** Sessions that come and go before a second world is handed out, so that its ids are others. */
const WARM_UP = 11;

export class Lab {
  readonly arm: Arm;
  readonly #deployment: Deployment;
  readonly #clients = new Map<string, ScriptedClient>();
  readonly #clocks = new Map<string, OwnClock>();
  /** Hosts that are parted. */
  readonly #cuts = new Map<string, readonly [a: string, b: string]>();

  private constructor(arm: Arm, deployment: Deployment, specs: readonly ClientSpec[], options: LabOptions) {
    this.arm = arm;
    this.#deployment = deployment;
    for (const spec of specs) {
      const watch = options.watch?.(spec.name);
      const clock = new OwnClock(arm.clock);
      this.#clocks.set(spec.name, clock);
      this.#clients.set(spec.name, clientOf(spec, clock, arm, deployment, options.sha1, watch, options.prints));
    }
  }

  static async open(front: FrontMatter, options: LabOptions): Promise<Lab> {
    const { kind, deploy, sha1, world, tap, ends } = options;
    const choices = new LateChoices();
    const recorded = options.choices ?? new ReplayChoices(front.choices);
    if (world === 1) choices.follow(recorded);
    const latency = options.latency ?? longestDelay(front.choices);
    const arm = kind.make({
      choices,
      world,
      latency,
      ...(tap === undefined ? {} : { tap }),
      ...(ends === undefined ? {} : { ends }),
    });
    const deployment = await deploy(arm, front, sha1, options.journal);
    if (world !== 1) await warmUp(arm, deployment, front, sha1);
    choices.follow(recorded);
    return new Lab(arm, deployment, front.clients, options);
  }

  client(name: string): ScriptedClient {
    return this.#clients.get(name)!;
  }

  /** Whose lines of a page hold for a client: those of a server of another make before those of the client's own dialect. */
  dialectOf(name: string): DialectName {
    const server = this.#deployment.foreign?.dialect ?? 'obclient';
    return server === 'obclient' ? this.client(name).dialect.name : server;
  }

  /** The machines. Throws where they are none of ours. */
  get inside(): Inside {
    const { inside } = this.#deployment;
    if (inside === undefined) throw new Error('nobody can look into the machines of this deployment');
    return inside;
  }

  get control(): ClusterControl {
    const { control } = this.#deployment;
    if (control === null) throw new Error('the observers of this deployment cannot be told what to do');
    return control;
  }

  /** A client's own clock is so many milliseconds ahead from now on. */
  jump(client: string, milliseconds: number): void {
    this.#clocks.get(client)!.jump(milliseconds);
  }

  /** Something that the client measures would be over by then. */
  wouldWake(client: string, milliseconds: number): boolean {
    return this.#clocks.get(client)!.isDueWithin(milliseconds);
  }

  partition(a: string, b: string): void {
    this.#cuts.set(pairName(a, b), [a, b]);
    this.arm.gates.partition(a, b);
  }

  repair(a: string, b: string): void {
    this.#cuts.delete(pairName(a, b));
    this.arm.gates.repair(a, b);
  }

  /** Everybody goes home: what is held flows, clients hang up, the rest stops. What is left then, in words. */
  async close(held: readonly (readonly [from: string, to: string])[]): Promise<readonly string[]> {
    for (const [from, to] of held) this.arm.gates.release(from, to);
    for (const [a, b] of this.#cuts.values()) this.arm.gates.repair(a, b);
    for (const [name, client] of this.#clients) {
      this.arm.gates.read(name);
      client.close();
    }
    await this.arm.settle();
    for (let i = 0; i < FAREWELL_STEPS && this.#deployment.left().length > 0; i += 1) {
      await this.arm.advance(FAREWELL_STEP);
    }
    const left = [...this.#deployment.left()];
    this.#deployment.stop();
    await this.arm.settle();
    for (let i = 0; i < FAREWELL_STEPS && this.arm.left().length > 0; i += 1) await this.arm.advance(FAREWELL_STEP);
    return [...left, ...this.arm.left()];
  }
}

/** Links take as long as the longest delay in a recorded world. */
function longestDelay(choices: readonly Choice[]): number {
  return choices.reduce((most, { site, value }) => (site === DELAY ? Math.max(most, value) : most), 0);
}

function clientOf(
  spec: ClientSpec,
  clock: Clock,
  arm: Arm,
  { entry, foreign }: Deployment,
  sha1: Sha1,
  watch?: ClientWatch,
  prints = false,
): ScriptedClient {
  const { database, reconnect, tls, comesFrom, readTimeout } = spec;
  const { user, password } = foreign?.account(spec) ?? spec;
  const own = DIALECTS[spec.dialect];
  const dialect = foreign === undefined ? own : forServer(own, foreign.dialect);
  const options = {
    target: entry,
    from: arm.plan.clients,
    user,
    password,
    dialect,
    database,
    reconnect,
    tls,
    comesFrom,
    patience: readTimeout === null ? null : { clock, readTimeout },
    ...(watch === undefined ? {} : { watch, mute: !prints }),
  };
  return new ScriptedClient(options, { network: arm.network(spec.name), sha1 });
}

/** The plain choices, until it is told whom to follow: a warm-up must not use up what is meant for the scenario. */
class LateChoices implements Choices {
  #inner: Choices = PLAIN;

  follow(choices: Choices): void {
    this.#inner = choices;
  }

  choose(site: string, n: number): number {
    return this.#inner.choose(site, n);
  }
}

/** Logins as the page's own clients make them: they leave all counters higher than they were. */
async function warmUp(arm: Arm, deployment: Deployment, front: FrontMatter, sha1: Sha1): Promise<void> {
  for (let i = 0; i < WARM_UP; i += 1) {
    for (const spec of front.clients) {
      const client = clientOf({ ...spec, name: 'stranger' }, arm.clock, arm, deployment, sha1);
      client.login(ignore);
      await arm.settle();
      client.run({ kind: 'quit' }, ignore);
      await arm.settle();
    }
  }
}

function ignore(): void {}
