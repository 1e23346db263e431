/**
 * A driver's pool: sessions that several callers share, one request or one lease at a time each.
 *
 * | member  | event                        | then                                                               |
 * |---------|------------------------------|--------------------------------------------------------------------|
 * | opening | logged in                    | serves who waits; nobody waits: idle                               |
 * |         | failed                       | gone; who waits is told, or the pool tries again (`acquires`)      |
 * | idle    | wanted                       | busy, after a sign of life where the pool asks for one             |
 * |         | the connection ends          | gone                                                               |
 * |         | `maxLifetime`                | gone                                                               |
 * | busy    | answered, released           | idle; gone if it is down, evicted, too old or one too many         |
 *
 * Up to `minimum` members are opened in the background, one after the other, and behind whoever is waiting: a member that
 * serves somebody at once lets the next be opened when it has answered (measured: clients.md §3, `mariadb pool`).
 */
import type { Timer } from '../../../proxy/ports.ts';
import { COM } from '../../../proxy/wire/constants.ts';
import type { Done, DriverDialect, DriverError, DriverEvent, Outcome, PoolForm } from './dialect.ts';
import type { Account } from './link.ts';
import { type DriverPorts, Session, type SessionOwner } from './session.ts';
import { failed, fill } from './wording.ts';

/** What somebody wants of the pool: one answer, or a session for a while. */
interface Want {
  readonly payload: Buffer | null;
  readonly timeout: number | null;
  readonly done: Done;
  readonly leased: Leased | null;
  tries: number;
  timer: Timer | null;
}

/** Gets the lease that was asked for. */
export type Leased = (lease: Lease) => void;

/** A session that one caller has for herself until she gives it back. */
export interface Lease {
  readonly threadId: number;
  request(payload: Buffer, done: Done, timeout?: number | null): void;
  release(): void;
}

interface Member {
  readonly session: Session;
  state: 'opening' | 'idle' | 'busy' | 'gone';
  /** Since when it is idle; −1 before its first use. */
  since: number;
  served: boolean;
  old: boolean;
  timer: Timer | null;
}

const PING: Buffer = Buffer.of(COM.PING);

export class Pool implements SessionOwner {
  readonly #dialect: DriverDialect;
  readonly #form: PoolForm;
  readonly #account: Account;
  readonly #ports: DriverPorts;
  readonly #heard: (event: DriverEvent) => void;
  readonly #members: Member[] = [];
  /** In the order in which they became idle. */
  readonly #idle: Member[] = [];
  readonly #waiting: Want[] = [];
  #retry: Timer | null = null;
  #closed = false;
  #lastId = 0;

  constructor(
    dialect: DriverDialect,
    form: PoolForm,
    account: Account,
    ports: DriverPorts,
    heard: (event: DriverEvent) => void,
  ) {
    this.#dialect = dialect;
    this.#form = form;
    this.#account = account;
    this.#ports = ports;
    this.#heard = heard;
    this.#openMore();
  }

  /** The thread id of the session used last. */
  get threadId(): number {
    return this.#lastId;
  }

  get size(): number {
    return this.#members.length;
  }

  request(payload: Buffer, done: Done, timeout: number | null = null): void {
    this.#want({ payload, timeout, done, leased: null, tries: 0, timer: null });
  }

  /** A session for the caller alone; `failed` hears it if there is none to be had. */
  lease(leased: Leased, failed: Done): void {
    this.#want({ payload: null, timeout: null, done: failed, leased, tries: 0, timer: null });
  }

  quit(): void {
    this.#stop();
    for (const member of this.#members.splice(0)) this.#end(member);
  }

  /** As when the process ends. */
  destroy(): void {
    this.#stop();
    for (const member of this.#members.splice(0)) {
      member.timer?.cancel();
      member.session.destroy();
    }
  }

  #stop(): void {
    this.#closed = true;
    this.#retry?.cancel();
    for (const want of this.#waiting.splice(0)) want.timer?.cancel();
    this.#idle.length = 0;
  }

  // Who wants, and who serves.

  #want(want: Want): void {
    if (this.#closed) return;
    this.#waiting.push(want);
    this.#serve();
    if (this.#form.acquires !== null && this.#waiting.includes(want)) {
      want.timer = this.#ports.clock.after(this.#form.acquires.timeout, () => this.#giveUp(want));
    }
  }

  #giveUp(want: Want): void {
    const at = this.#waiting.indexOf(want);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    const { host, port } = this.#account.target;
    const filling = { threadId: -1, host, port, milliseconds: this.#form.acquires!.timeout };
    want.done(failed(fill(this.#form.acquires!.failed, filling)));
  }

  #serve(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const first = this.#waiting[0]!;
      // Go: after so many bad ones only a new connection will do.
      const fresh = this.#form.retries > 0 && first.tries >= this.#form.retries;
      const member = fresh ? undefined : this.#form.takes === 'oldest' ? this.#idle.shift() : this.#idle.pop();
      if (member === undefined) {
        this.#openForWaiting();
        return;
      }
      this.#waiting.shift();
      this.#give(member, first);
    }
  }

  #give(member: Member, want: Want): void {
    const { pingsAfter } = this.#form;
    want.timer?.cancel();
    member.state = 'busy';
    member.session.taken();
    const idleFor = this.#ports.clock.now() - member.since;
    if (pingsAfter === null || member.since < 0 || idleFor < pingsAfter) this.#start(member, want);
    else member.session.request(PING, (outcome) => this.#pinged(member, want, outcome));
  }

  #pinged(member: Member, want: Want, outcome: Outcome): void {
    if (outcome.kind !== 'error') {
      this.#start(member, want);
      return;
    }
    this.#drop(member);
    this.#waiting.unshift(want);
    this.#serve();
  }

  #start(member: Member, want: Want): void {
    this.#lastId = member.session.threadId;
    if (want.leased !== null) want.leased(new PoolLease(member.session, this, member));
    else member.session.request(want.payload!, (outcome) => this.#answered(member, want, outcome), want.timeout);
  }

  #answered(member: Member, want: Want, outcome: Outcome): void {
    if (outcome.kind === 'error' && this.#isBad(outcome.error) && want.tries < this.#form.retries) {
      this.#drop(member);
      this.#again(want);
      return;
    }
    this.giveBack(member, outcome);
    want.done(outcome);
    this.#openMore();
  }

  /** "driver: bad connection": nothing was done, so another connection may do it. */
  #isBad(error: DriverError): boolean {
    return this.#form.retries > 0 && error.message === this.#dialect.failures.unwritten.message;
  }

  #again(want: Want): void {
    want.tries += 1;
    this.#waiting.unshift(want);
    this.#serve();
  }

  /** The caller has done with it; `last` is the last outcome it gave. */
  giveBack(member: Member, last: Outcome | null): void {
    if (member.state !== 'busy' || this.#closed) return;
    const { evicts, keeps } = this.#form;
    const evicted = last?.kind === 'error' && evicts.includes(last.error.sqlState.slice(0, 2));
    const tooMany = keeps !== null && this.#idle.length >= keeps && this.#waiting.length === 0;
    if (member.session.state !== 'up' || evicted || member.old || tooMany) {
      this.#drop(member);
    } else {
      member.state = 'idle';
      member.since = this.#ports.clock.now();
      this.#idle.push(member);
    }
    this.#serve();
  }

  // Members: how they come and go.

  #openForWaiting(): void {
    const opening = this.#members.reduce((sum, { state }) => sum + (state === 'opening' ? 1 : 0), 0);
    const most = this.#form.minimum > 0 ? 1 : this.#waiting.length;
    if (opening < most && this.#members.length < this.#form.limit && this.#retry === null) this.#open();
  }

  /** The next in the background, if too few are there and none is on its way. */
  #openMore(): void {
    if (this.#closed || this.#retry !== null || this.#members.length >= this.#form.minimum) return;
    if (this.#members.some(({ state }) => state === 'opening')) return;
    this.#open();
  }

  #open(): void {
    const session = new Session(this.#dialect, this.#account, this.#ports, this);
    const member: Member = { session, state: 'opening', since: -1, served: false, old: false, timer: null };
    this.#members.push(member);
    session.connect();
  }

  sessionReady(session: Session): void {
    const member = this.#memberOf(session);
    if (member === null) return;
    const { maxLifetime } = this.#form;
    if (maxLifetime !== null) member.timer = this.#ports.clock.after(maxLifetime, () => this.#outlived(member));
    const want = this.#waiting.shift();
    if (want === undefined) {
      member.state = 'idle';
      this.#idle.push(member);
      this.#openMore();
    } else {
      this.#give(member, want);
      if (this.#form.minimum === 0) this.#serve();
    }
  }

  sessionFailed(session: Session, error: DriverError): void {
    const member = this.#memberOf(session);
    if (member === null) return;
    this.#forget(member);
    const { acquires } = this.#form;
    if (acquires !== null) {
      // While nobody waits nobody tries: so an idle world ends.
      if (this.#waiting.length > 0) this.#retry = this.#ports.clock.after(acquires.pause, () => this.#retryNow());
      return;
    }
    const want = this.#waiting.shift();
    if (want === undefined) return;
    if (this.#isBad(error) && want.tries < this.#form.retries) this.#again(want);
    else want.done(failed(error));
  }

  #retryNow(): void {
    this.#retry = null;
    if (this.#waiting.length > 0) this.#serve();
  }

  sessionGone(session: Session): void {
    const member = this.#memberOf(session);
    // A busy one is dealt with when its outcome is there.
    if (member === null || member.state !== 'idle') return;
    this.#drop(member);
    this.#openMore();
  }

  heard(event: DriverEvent): void {
    this.#heard(event);
  }

  #outlived(member: Member): void {
    member.old = true;
    if (member.state !== 'idle') return;
    this.#drop(member);
    this.#openMore();
  }

  #drop(member: Member): void {
    this.#forget(member);
    this.#end(member);
  }

  #end(member: Member): void {
    member.timer?.cancel();
    member.session.quit();
  }

  #forget(member: Member): void {
    member.state = 'gone';
    remove(this.#members, member);
    remove(this.#idle, member);
  }

  #memberOf(session: Session): Member | null {
    return this.#members.find((member) => member.session === session) ?? null;
  }
}

class PoolLease implements Lease {
  readonly #session: Session;
  readonly #pool: Pool;
  readonly #member: Member;
  #last: Outcome | null = null;

  constructor(session: Session, pool: Pool, member: Member) {
    this.#session = session;
    this.#pool = pool;
    this.#member = member;
  }

  get threadId(): number {
    return this.#session.threadId;
  }

  request(payload: Buffer, done: Done, timeout: number | null = null): void {
    this.#session.request(payload, (outcome) => this.#answered(done, outcome), timeout);
  }

  #answered(done: Done, outcome: Outcome): void {
    // One that evicts is remembered to the end.
    if (this.#last?.kind !== 'error') this.#last = outcome;
    done(outcome);
  }

  release(): void {
    this.#pool.giveBack(this.#member, this.#last);
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
