/**
 * The onlooker of a run: keeps the lives of all clients and who was killed, and tells the judges.
 *
 * It hears clients (`ClientWatch`) and links (`Tap`), and changes nothing. The first blame is the verdict; from then on
 * nobody is told anything.
 */
import { COM } from '../../proxy/wire/constants.ts';
import type { Result } from '../client/answer.ts';
import type { ClientWatch } from '../client/client-watch.ts';
import type { ShownError } from '../client/dialects.ts';
import type { Line } from '../client/line.ts';
import type { Inside, Lab } from '../scenario/lab.ts';
import type { Action } from '../scenario/scenario.ts';
import type { Link, Tap } from '../world/gates.ts';
import type { Invariant, Judge, Sight, Verdict } from './judge.ts';
import { disturbanceOf, kindOfPayload, readKill } from './kinds.ts';
import { type Disturbance, errorOf, isUp, type Kill, type Life, type Request } from './life.ts';
import { PreparedRequests } from './prepared-requests.ts';
import { emptyTally } from './tally.ts';

interface NamedJudge {
  readonly name: string;
  readonly judge: Judge;
}

/** For each thing that a judge may hear of, a list of those who do: empty. */
function nobody(): Readonly<Record<keyof Judge, NamedJudge[]>> {
  return {
    greeted: [],
    ready: [],
    asks: [],
    answered: [],
    lost: [],
    refused: [],
    left: [],
    killed: [],
    disturbed: [],
    struck: [],
    data: [],
    step: [],
    starving: [],
    quiet: [],
    gone: [],
  };
}

const KINDS = Object.keys(nobody()) as readonly (keyof Judge)[];

/** What the judges of a class hear of. */
const HEARD = new WeakMap<object, readonly (keyof Judge)[]>();

function heardBy(judge: Judge): readonly (keyof Judge)[] {
  const kind = Object.getPrototypeOf(judge) as object;
  const known = HEARD.get(kind);
  if (known !== undefined) return known;
  const heard = KINDS.filter((it) => judge[it] !== undefined);
  // Who is of no class has what it hears of in itself.
  if (kind !== Object.prototype) HEARD.set(kind, heard);
  return heard;
}

export class Witness implements Sight, Tap {
  readonly lives: Life[] = [];
  readonly kills: Kill[] = [];
  readonly disturbances: Disturbance[] = [];
  readonly tally = emptyTally();
  /** Who wants to hear of what. */
  readonly #hearers = nobody();
  readonly #lines = new Map<Line, Life>();
  /** The newest link of each client. */
  readonly #links = new Map<string, number>();
  readonly #byLink = new Map<number, Life>();
  /** The step that each client is at. */
  readonly #steps = new Map<string, number>();
  readonly #prepared = new PreparedRequests();
  #lab: Lab | null = null;
  #began = 0;
  #blaming = '';
  #last = '';
  #verdict: Verdict | null = null;

  constructor(invariants: readonly Invariant[]) {
    for (const { name, judge } of invariants) {
      const made = { name, judge: judge(this) };
      for (const kind of heardBy(made.judge)) this.#hearers[kind].push(made);
    }
  }

  begin(lab: Lab): void {
    this.#lab = lab;
    this.#began = lab.arm.clock.now();
  }

  get verdict(): Verdict | null {
    return this.#verdict;
  }

  // What judges see.

  get inside(): Inside {
    return this.#lab!.inside;
  }

  now(): number {
    return this.#lab?.arm.clock.now() ?? 0;
  }

  blame(what: string, request: Request | null = null): void {
    this.#verdict ??= {
      invariant: this.#blaming,
      what,
      at: this.now() - this.#began,
      between: [request?.kind ?? '', this.#last],
    };
  }

  /** Something that no judge was asked for is wrong. */
  fail(invariant: string, what: string): void {
    this.#blaming = invariant;
    this.blame(what);
  }

  // What the run tells.

  /** A client is at this step from now on. */
  at(client: string, step: number): void {
    this.#steps.set(client, step);
  }

  /** Told just before it is done. */
  will(action: Action): Disturbance | null {
    const seen = disturbanceOf(action);
    if (seen === null) return null;
    const disturbance = { ...seen, at: this.now() };
    this.disturbances.push(disturbance);
    this.#last = seen.kind;
    // The FINs are still under way, and the ids are free.
    if (action.kind === 'restart proxy') for (const life of this.lives) life.cut ??= disturbance.at;
    for (const { name, judge } of this.#hearers.disturbed) if (this.#asks(name)) judge.disturbed!(disturbance);
    return disturbance;
  }

  /** Told when it is done. `bites`: it took effect. */
  did(disturbance: Disturbance, bites: boolean): void {
    if (bites) this.tally.faults += 1;
    for (const { name, judge } of this.#hearers.struck) if (this.#asks(name)) judge.struck!(disturbance);
  }

  step(): void {
    for (const { name, judge } of this.#hearers.step) if (this.#asks(name)) judge.step!();
  }

  quiet(): void {
    for (const { name, judge } of this.#hearers.quiet) if (this.#asks(name)) judge.quiet!();
  }

  gone(left: readonly string[]): void {
    for (const { name, judge } of this.#hearers.gone) if (this.#asks(name)) judge.gone!(left);
  }

  /** Faults are long over, and these still wait. */
  starving(clients: readonly string[], seconds: number): void {
    for (const { name, judge } of this.#hearers.starving) if (this.#asks(name)) judge.starving!(clients, seconds);
  }

  // What clients tell.

  watch(client: string, database: () => string | null): ClientWatch {
    return new Onlooker(this, client, database);
  }

  greeted(client: string, line: Line, database: string | null): void {
    const life: Life = {
      client,
      number: this.lives.length + 1,
      link: this.#links.get(client) ?? 0,
      csId: line.connectionId,
      greeted: this.now(),
      database,
      ready: null,
      request: null,
      cut: null,
      end: null,
    };
    if (!this.lives.some((it) => it.client === client)) this.tally.clients += 1;
    this.lives.push(life);
    this.#lines.set(line, life);
    this.#byLink.set(life.link, life);
    for (const { name, judge } of this.#hearers.greeted) if (this.#asks(name)) judge.greeted!(life);
  }

  ready(line: Line): void {
    const life = this.#lines.get(line)!;
    life.ready = this.now();
    for (const { name, judge } of this.#hearers.ready) if (this.#asks(name)) judge.ready!(life);
  }

  asks(line: Line, payload: Buffer, own: boolean): void {
    const life = this.#lines.get(line)!;
    const sql = this.#textOf(life, payload);
    const step = own ? null : (this.#steps.get(life.client) ?? null);
    const request: Request = { life, step, sql, kind: kindOfPayload(payload, sql), payload, asked: this.now() };
    life.request = request;
    this.#prepared.asks(request);
    const words = own ? null : readKill(sql);
    if (words !== null) {
      const target = this.#target(words.id);
      this.kills.push({ request, scope: words.scope, id: words.id, target, ssId: words.ssId, acknowledged: null });
      this.#last = request.kind;
    }
    for (const { name, judge } of this.#hearers.asks) if (this.#asks(name)) judge.asks!(request);
  }

  #textOf(life: Life, payload: Buffer): string {
    if (payload[0] === COM.QUERY) return payload.toString('utf8', 1);
    return payload[0] === COM.STMT_EXECUTE ? this.#prepared.textOf(life, payload) : '';
  }

  /** Who has this cs_id, or a server session with this connection id. */
  #target(id: number): Life | null {
    // A server session that has not been greeted yet has none.
    if (id === 0) return null;
    const own = this.lives.find((it) => it.csId === id && isUp(it));
    if (own !== undefined) return own;
    const holder = this.inside.proxy.sessions().find(({ servers }) => {
      const all = [servers.bound, servers.current, ...servers.pool];
      return all.some((it) => it?.serverSessid === id);
    });
    return this.lives.find((it) => it.csId === holder?.csId && isUp(it)) ?? null;
  }

  answered(line: Line, results: readonly Result[]): void {
    const life = this.#lines.get(line)!;
    const request = life.request!;
    life.request = null;
    // A command without an answer has gone out, that is all.
    if (results.length === 0) return;
    if (request.step !== null) this.tally.answered += 1;
    this.#prepared.answered(request, results);
    for (const { name, judge } of this.#hearers.answered) if (this.#asks(name)) judge.answered!(request, results);
    const kill = errorOf(results) === null ? this.kills.find((it) => it.request === request) : undefined;
    if (kill === undefined) return;
    kill.acknowledged = this.now();
    if (kill.target !== null) this.tally.kills += 1;
    for (const { name, judge } of this.#hearers.killed) if (this.#asks(name)) judge.killed!(kill);
  }

  lost(line: Line, error: ShownError): void {
    const life = this.#lines.get(line)!;
    const { request } = life;
    life.end ??= { at: this.now(), how: 'lost' };
    life.request = null;
    if (request === null) return;
    if (request.step !== null) this.tally.lost += 1;
    for (const { name, judge } of this.#hearers.lost) if (this.#asks(name)) judge.lost!(request, error);
  }

  noLogin(client: string, line: Line, error: ShownError): void {
    const life = this.#lines.get(line) ?? null;
    if (life !== null) life.end ??= { at: this.now(), how: 'refused' };
    for (const { name, judge } of this.#hearers.refused) if (this.#asks(name)) judge.refused!(client, life, error);
  }

  left(line: Line): void {
    const life = this.#lines.get(line);
    if (life === undefined || life.end !== null) return;
    const { request } = life;
    life.end = { at: this.now(), how: 'left' };
    life.request = null;
    for (const { name, judge } of this.#hearers.left) if (this.#asks(name)) judge.left!(life, request);
  }

  // What links tell.

  connected(link: Link): void {
    if (link.to === 'proxy') this.#links.set(link.from, link.id);
  }

  data(link: Link, chunk: Buffer): void {
    if (this.#verdict !== null || this.#lab === null) return;
    for (const { name, judge } of this.#hearers.data) if (this.#asks(name)) judge.data!(link, chunk);
  }

  fin(link: Link): void {
    this.#cut(link);
  }

  rst(link: Link): void {
    this.#cut(link);
  }

  #cut(link: Link): void {
    if (link.from !== 'proxy') return;
    const life = this.#byLink.get(link.id);
    if (life !== undefined) life.cut ??= this.now();
  }

  /** Whether this judge is to be told: nobody is after a verdict, nor before the run has begun. */
  #asks(name: string): boolean {
    this.#blaming = name;
    return this.#verdict === null && this.#lab !== null;
  }
}

/** The watch of one client. */
class Onlooker implements ClientWatch {
  readonly #witness: Witness;
  readonly #client: string;
  readonly #database: () => string | null;

  constructor(witness: Witness, client: string, database: () => string | null) {
    this.#witness = witness;
    this.#client = client;
    this.#database = database;
  }

  greeted(line: Line): void {
    this.#witness.greeted(this.#client, line, this.#database());
  }

  ready(line: Line): void {
    this.#witness.ready(line);
  }

  asks(line: Line, payload: Buffer, own: boolean): void {
    this.#witness.asks(line, payload, own);
  }

  answered(line: Line, results: readonly Result[]): void {
    this.#witness.answered(line, results);
  }

  lost(line: Line, error: ShownError): void {
    this.#witness.lost(line, error);
  }

  refused(line: Line, error: ShownError): void {
    this.#witness.noLogin(this.#client, line, error);
  }

  left(line: Line): void {
    this.#witness.left(line);
  }
}
