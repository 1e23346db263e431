/** What histories by hand are made of: a run without machines, of which one judge is told what the test says. */
import { COM, STATUS, TYPE } from '../../../proxy/wire/constants.ts';
import { PLAIN_OK } from '../../../proxy/wire/ok.ts';
import { column } from '../../../proxy/wire/result-set.ts';
import type { Result } from '../../../simulator/client/answer.ts';
import { INVARIANTS } from '../../../simulator/hunt/invariants/all.ts';
import type { Judge, Sight } from '../../../simulator/hunt/judge.ts';
import { kindOfPayload, readKill } from '../../../simulator/hunt/kinds.ts';
import type { Disturbance, Kill, Life, Request } from '../../../simulator/hunt/life.ts';
import { Cluster } from '../../../simulator/observer/cluster.ts';
import type { Inside } from '../../../simulator/scenario/lab.ts';
import { SeededChoices } from '../../../simulator/world/choices.ts';
import { TOPOLOGIES } from '../../../simulator/world/topology.ts';
import { sha1 } from '../../suite/pages.ts';

/** EXECUTE of the statement 1, without values. */
export const EXECUTE = Buffer.of(COM.STMT_EXECUTE, 1, 0, 0, 0, 0, 1, 0, 0, 0);
/** To boss, without a password, in the database test. */
export const CHANGE_USER = Buffer.from([COM.CHANGE_USER, ...Buffer.from('boss\0\0test\0')]);
export const SECOND = 1000;

/** A run by hand: a clock, machines that are idle, and one judge that is told what the test says. */
export class History implements Sight {
  readonly lives: Life[] = [];
  readonly kills: Kill[] = [];
  readonly disturbances: Disturbance[] = [];
  readonly blames: string[] = [];
  /** Client sessions of the proxy: what a judge sees of them. */
  readonly sessions: Record<string, unknown>[] = [];
  readonly cluster: Cluster;
  readonly inside: Inside;
  readonly judge: Judge;
  #now = 0;

  constructor(name: string) {
    const clock = { now: () => this.#now, after: () => ({ cancel() {} }) };
    this.cluster = new Cluster(TOPOLOGIES.default.clusters[0], { clock, choices: new SeededChoices(1), sha1 });
    // Of the proxy no judge sees more than its sessions.
    this.inside = { proxy: { sessions: () => this.sessions }, clusters: [this.cluster] } as unknown as Inside;
    this.judge = INVARIANTS.find((it) => it.name === name)!.judge(this);
  }

  now(): number {
    return this.#now;
  }

  blame(what: string): void {
    this.blames.push(what);
  }

  wait(milliseconds: number): void {
    this.#now += milliseconds;
  }

  greet(client: string, csId: number): Life {
    const life: Life = {
      client,
      number: this.lives.length + 1,
      link: csId,
      csId,
      greeted: this.#now,
      database: 'bank',
      ready: null,
      request: null,
      cut: null,
      end: null,
    };
    this.lives.push(life);
    this.judge.greeted?.(life);
    life.ready = this.#now;
    this.judge.ready?.(life);
    this.wait(1);
    return life;
  }

  ask(life: Life, sql: string): Request {
    return this.command(life, Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]), sql);
  }

  command(life: Life, payload: Buffer, sql = ''): Request {
    const request: Request = { life, step: 0, sql, kind: kindOfPayload(payload, sql), payload, asked: this.#now };
    life.request = request;
    this.judge.asks?.(request);
    return request;
  }

  answer(request: Request, ...results: Result[]): void {
    request.life.request = null;
    this.judge.answered?.(request, results);
    this.wait(1);
  }

  /** About a table; the proxy sends it to this observer. */
  asksAt(
    life: Life,
    observer: number,
    sql = "SELECT 'm1', COUNT(*) FROM bank.account",
    answer = rows(['m1'], ['m1']),
  ): void {
    const request = this.ask(life, sql);
    const packet = Buffer.concat([Buffer.of(sql.length + 1, 0, 0, 0, COM.QUERY), Buffer.from(sql)]);
    this.judge.data!({ id: 7, from: 'proxy', to: `observer ${observer}` }, packet);
    this.answer(request, answer);
  }

  /** A question and its answer. */
  say(life: Life, sql: string, ...results: Result[]): void {
    this.answer(this.ask(life, sql), ...results);
  }

  kill(
    killer: Life,
    sql: string,
    target: Life | null,
    scope: Kill['scope'] = 'session',
    ssId: number | null = null,
  ): void {
    const request = this.ask(killer, sql);
    const kill: Kill = { request, id: readKill(sql)?.id ?? 0, target, scope, ssId, acknowledged: null };
    this.kills.push(kill);
    this.answer(request, OK);
    kill.acknowledged = this.#now;
    this.judge.killed?.(kill);
  }

  /** A KILL that has not been answered. */
  asksToKill(killer: Life, sql: string, target: Life | null, scope: Kill['scope'], ssId: number | null = null): Kill {
    const payload = Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]);
    const request: Request = {
      life: killer,
      step: 0,
      sql,
      kind: kindOfPayload(payload, sql),
      payload,
      asked: this.#now,
    };
    const kill: Kill = { request, id: readKill(sql)?.id ?? 0, target, scope, ssId, acknowledged: null };
    this.kills.push(kill);
    this.judge.asks?.(request);
    return kill;
  }

  /** `act` is what it does to the cluster. */
  disturb(kind: string, client: string | null = null, observer: number | null = null, act?: () => void): void {
    const disturbance = { kind, client, observer, at: this.#now };
    this.disturbances.push(disturbance);
    this.judge.disturbed?.(disturbance);
    act?.();
    this.judge.struck?.(disturbance);
  }
}

export const OK: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT } };
export const OK_WITHIN: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT | STATUS.IN_TRANS } };
export const ONE_ROW: Result = { kind: 'ok', ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, affectedRows: 1 } };
export const ONE_CHANGED: Result = {
  kind: 'ok',
  ok: { ...PLAIN_OK, status: STATUS.AUTOCOMMIT, affectedRows: 1, message: 'Rows matched: 1  Changed: 1  Warnings: 0' },
};
export const LOST = { code: 2013, sqlState: 'HY000', message: 'Lost connection to MySQL server during query' };

export function rows(names: readonly string[], ...list: (readonly (string | null)[])[]): Result {
  const columns = names.map((name) => column(name, TYPE.VAR_STRING, {}));
  return { kind: 'rows', columns, rows: list, warnings: 0, status: STATUS.AUTOCOMMIT };
}

/** The same, inside a transaction. */
export function within(result: Result): Result {
  return result.kind === 'rows' ? { ...result, status: result.status | STATUS.IN_TRANS } : result;
}

export function error(code: number): Result {
  return { kind: 'error', error: { code, sqlState: 'HY000', message: 'it went wrong' } };
}

/** An invariant, a history that is well, and what it blames if one thing in it is wrong. */
export interface Case {
  readonly name: string;
  readonly what: string;
  readonly blamed: RegExp;
  play(history: History, wrong: boolean): void;
}

export function accounts(history: History) {
  return history.cluster.tenant('shop').store.find('bank')!.find('account')!;
}

export const NO_SERVERS = { bound: null, current: null, pool: [], count: 0, bySsId: () => undefined };

/** A client session of somebody of the tenant shop. */
export function session(csId: number, user: string, tenant = 'shop') {
  const identity = { name: { user, tenant }, cluster: { name: 'obdemo' } };
  return { csId, proxySessid: BigInt(csId), identity, servers: NO_SERVERS };
}
