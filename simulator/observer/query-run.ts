/**
 * One COM_QUERY or COM_STMT_EXECUTE under way: its statements one after the other, and what each of them waits for.
 *
 * | phase     | waits for                                | then                                | out of time          |
 * |-----------|------------------------------------------|-------------------------------------|----------------------|
 * | working   | nothing: a call is on the stack          | any of the others                   | –                    |
 * | sleeping  | the end of SLEEP                         | the answer goes on                  | ERR 4012             |
 * | joining   | a session that it has killed, to stop    | OK                                  | ERR 4012             |
 * | locking   | a row that another transaction holds     | the statement, from its beginning   | ERR 1205, or 1213    |
 * | electing  | a leader of a table                      | the statement, from its beginning   | ERR 4012             |
 * | streaming | room to write                            | more rows                           | –                    |
 * | over      | –                                        | –                                   | –                    |
 *
 * Its time is ob_query_timeout, and what is left of ob_trx_timeout: that one ends the transaction too (observer.md §6).
 * Evaluation takes no time: what a statement sleeps is served before its answer. Until then all it did is in its
 * transaction's layer, so that a kill can take it back. Before a wait for a row all it did is taken back, with the
 * locks. Knows no connection: bytes go through `Bench`.
 */
import type { Clock, Timer } from '../../proxy/ports.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { Column } from '../../proxy/wire/result-set.ts';
import type { SessionContext } from './context.ts';
import { execute, keepsMessages } from './execute.ts';
import type { House } from './house.ts';
import type { LockWaiter } from './locks.ts';
import { LeaderMissing, type LeaderWaiter } from './log-streams.ts';
import { type Outcome, ReadyRows, type Rows, type Victim, type VictimWaiter } from './outcome.ts';
import type { Prepared } from './prepared.ts';
import { Refusal, refuse } from './refusal.ts';
import { Reply } from './reply.ts';
import { textCell } from './shown.ts';
import { Cursor } from './sql/cursor.ts';
import { readStatement } from './sql/known-statements.ts';
import type { Statement } from './sql/syntax.ts';
import { cellOf, type Value } from './sql/value.ts';
import { LockConflict } from './store.ts';
import type { Parameter } from './surroundings.ts';

/** What a request may do to its session. */
export interface Bench {
  /** The session's. */
  readonly id: number;
  readonly context: SessionContext;
  readonly house: House;
  readonly clock: Clock;
  /** Sends these; false: no more until `drained`. */
  send(chunks: readonly Buffer[]): boolean;
  /** True if the session or this request has been killed and has not noticed yet. */
  readonly interrupted: boolean;
  /** The request notices now that it was killed; it is over afterwards. */
  notice(): void;
  /** The request is answered. */
  finished(): void;
  /** The session has killed itself. */
  leave(): void;
}

/** What is to be done. */
export type Work =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'prepared';
      readonly prepared: Prepared;
      readonly values: readonly Parameter[];
      /** Its rows are kept, to be fetched. */
      readonly cursor: boolean;
    };

type Phase =
  | { readonly kind: 'working' }
  | { readonly kind: 'sleeping'; readonly timer: Timer; readonly resume: Resume }
  | { readonly kind: 'joining'; readonly timer: Timer; readonly victim: Victim }
  | { readonly kind: 'locking'; readonly timer: Timer; readonly statement: Statement }
  | { readonly kind: 'electing'; readonly timer: Timer; readonly statement: Statement }
  | { readonly kind: 'streaming'; readonly rows: Rows }
  | { readonly kind: 'over' };

/** What is done when a wait ends: answer an outcome, or send a row that was ready and go on, or go on. */
type Resume =
  | { readonly kind: 'answer'; readonly outcome: Outcome }
  | { readonly kind: 'row'; readonly row: readonly Value[]; readonly rows: Rows }
  | { readonly kind: 'rows'; readonly rows: Rows };

const WORKING: Phase = { kind: 'working' };
const OVER: Phase = { kind: 'over' };

/** Rows are sent in pieces of about this size. */
const CHUNK = 16 * 1024;

export class QueryRun implements VictimWaiter, LockWaiter, LeaderWaiter {
  readonly #bench: Bench;
  readonly #todo: Work;
  /** Where the next statement starts; −1 if there is none. */
  #next = 0;
  /** Of the first packet that `#reply` will make. */
  #sequence: number;
  #phase: Phase = WORKING;
  /** Results that are complete and not sent. */
  #done: Buffer[] = [];
  #reply: Reply;
  #rowCount = 0;
  /** Of the result under way. */
  #columns: readonly Column[] = [];

  /** `sequence`: of the first packet of the answer. */
  constructor(bench: Bench, work: Work, sequence: number) {
    this.#bench = bench;
    this.#todo = work;
    this.#sequence = sequence;
    bench.context.effort.begin();
    this.#reply = new Reply(bench.context, sequence);
  }

  /** Works until it must wait or is over: at first, and whenever a wait has ended. */
  run(): void {
    while (this.#phase.kind === 'working') this.#statement();
  }

  /** Waits for a row: its thread is free, and it looks only now and then whether it was killed (observer.md §3.2). */
  get isLocking(): boolean {
    return this.#phase.kind === 'locking';
  }

  #statement(): void {
    const { context } = this.#bench;
    context.startStatement();
    let statement: Statement;
    try {
      statement = this.#nextStatement();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      context.warnings.begin(false);
      this.#fail(error.err);
      return;
    }
    this.#attempt(statement);
  }

  #nextStatement(): Statement {
    const { context } = this.#bench;
    const work = this.#todo;
    if (work.kind === 'prepared') {
      this.#next = -1;
      context.bind(work.values);
      context.work(work.prepared.database);
      context.times.read(work.prepared.statement.kind, work.prepared.queryTimeout);
      return work.prepared.statement;
    }
    const parsed = readStatement(work.text, this.#next, context.modes);
    if (parsed.statement === null) throw refuse('EMPTY_QUERY');
    if (parsed.next >= 0 && !context.identity.severalStatements) throw severalRefused(work.text, parsed.next, context);
    this.#next = parsed.next;
    context.times.read(parsed.statement.kind, parsed.queryTimeout);
    return parsed.statement;
  }

  /** For the first time, or once more after a wait for a row: what it has left so far is forgotten then. */
  #attempt(statement: Statement): void {
    const { context, house } = this.#bench;
    context.warnings.begin(keepsMessages(statement, context));
    try {
      this.#take(execute(statement, context, house));
    } catch (error) {
      if (error instanceof LockConflict) this.#lock(error, statement);
      else if (error instanceof LeaderMissing) this.#elect(error, statement);
      else if (error instanceof Refusal) this.#fail(error.err);
      else throw error;
    }
  }

  /** An outcome is answered at once, or when its sleep is over. */
  #take(outcome: Outcome): void {
    const sleep = this.#bench.context.takeSleep();
    if (sleep > 0) this.#sleep(sleep, { kind: 'answer', outcome });
    else this.#answer(outcome);
  }

  #answer(outcome: Outcome): void {
    const { context } = this.#bench;
    switch (outcome.kind) {
      case 'done':
        context.endStatement();
        context.rowCount = outcome.affectedRows;
        this.#reply.ok(outcome.affectedRows, outcome.message, this.#next >= 0);
        this.#complete();
        return;
      case 'rows':
        context.endStatement();
        this.#rowCount = 0;
        if (this.#todo.kind === 'prepared' && this.#todo.cursor) {
          this.#todo.prepared.cursor = { columns: outcome.columns, rows: allOf(outcome.rows) };
          this.#reply.cursor(outcome.columns);
          this.#complete();
          return;
        }
        this.#columns = outcome.columns;
        this.#reply.head(outcome.columns);
        this.#stream(outcome.rows);
        return;
      case 'join':
        this.#join(outcome.victim);
        return;
      case 'leave':
        this.#phase = OVER;
        this.#bench.leave();
        return;
    }
  }

  /** Sends rows until there are no more, or no room. */
  #stream(rows: Rows): void {
    const { context } = this.#bench;
    for (;;) {
      const row = rows.next();
      if (row === null) break;
      const sleep = context.takeSleep();
      if (sleep > 0) {
        this.#sleep(sleep, { kind: 'row', row, rows });
        return;
      }
      if (!this.#row(row)) {
        this.#phase = { kind: 'streaming', rows };
        return;
      }
    }
    context.foundRows = context.calculatedRows ?? this.#rowCount;
    context.rowCount = -1;
    this.#reply.eof(this.#next >= 0);
    this.#complete();
  }

  /** False when there is no room for more. */
  #row(row: readonly Value[]): boolean {
    const columns = this.#columns;
    if (this.#todo.kind === 'prepared') this.#reply.binaryRow(columns, row.map(cellOf));
    else this.#reply.row(row.map((value, index) => textCell(value, columns[index]!)));
    this.#rowCount += 1;
    if (this.#reply.out.length < CHUNK) return true;
    return this.#flush();
  }

  /** Sends what is ready of the result under way. */
  #flush(): boolean {
    this.#sequence = this.#reply.out.sequence;
    const room = this.#bench.send([...this.#done, this.#reply.out.view()]);
    this.#done = [];
    this.#reply = new Reply(this.#bench.context, this.#sequence);
    return room;
  }

  /** The result under way is whole: the next statement, or the end. */
  #complete(): void {
    this.#bench.context.work(undefined);
    this.#sequence = this.#reply.out.sequence;
    this.#done.push(this.#reply.out.view());
    if (this.#next >= 0) {
      this.#reply = new Reply(this.#bench.context, this.#sequence);
      this.#phase = WORKING;
      return;
    }
    this.#phase = OVER;
    this.#bench.send(this.#done);
    this.#bench.finished();
  }

  /** The statement under way ends with an ERR, and with it all statements behind it. */
  #fail(err: Err): void {
    const { context } = this.#bench;
    context.undoStatement();
    context.rowCount = -1;
    context.warnings.add('Error', err);
    // What was written of its result and not sent gives way to the ERR.
    if (this.#reply.out.length > 0) this.#reply = new Reply(context, this.#sequence);
    this.#reply.err(err);
    this.#next = -1;
    this.#complete();
  }

  #sleep(milliseconds: number, resume: Resume): void {
    const { clock, context } = this.#bench;
    const left = Math.max(0, context.times.limit - clock.now());
    const timer =
      milliseconds <= left ? clock.after(milliseconds, () => this.#wake()) : clock.after(left, () => this.#timeOut());
    this.#phase = { kind: 'sleeping', timer, resume };
  }

  #wake(): void {
    if (this.#phase.kind !== 'sleeping') return;
    if (this.#bench.interrupted) {
      this.#bench.notice();
      return;
    }
    this.#goOn(this.#phase.resume);
  }

  #goOn(resume: Resume): void {
    this.#work();
    try {
      if (resume.kind === 'answer') this.#answer(resume.outcome);
      else if (resume.kind === 'rows' || this.#row(resume.row)) this.#stream(resume.rows);
      else this.#phase = { kind: 'streaming', rows: resume.rows };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(error.err);
    }
    this.run();
  }

  /** A wait has ended: in the meantime others were heard. */
  #work(): void {
    this.#phase = WORKING;
    this.#bench.context.effort.begin();
  }

  /** Waits for the row, unless it must not; whoever wakes it calls `rowFree` or `deadlocked`. */
  #lock({ table, key }: LockConflict, statement: Statement): void {
    const { clock, context } = this.#bench;
    context.undoStatement();
    const left = Math.min(context.times.limit, context.times.lockLimit) - clock.now();
    if (left <= 0) {
      this.#fail(this.#timeOutError(true));
      return;
    }
    this.#phase = { kind: 'locking', statement, timer: clock.after(left, () => this.#timeOut()) };
    context.identity.tenant.locks.wait(this, table, key, context.transaction.holder);
  }

  get owner(): number {
    return this.#bench.id;
  }

  rowFree(): void {
    if (this.#phase.kind === 'locking') this.#again(this.#phase);
  }

  /** Waits for a leader; whoever finds one calls `leaderFound`. */
  #elect({ stream }: LeaderMissing, statement: Statement): void {
    const { clock, context } = this.#bench;
    context.undoStatement();
    const left = Math.max(0, context.times.limit - clock.now());
    this.#phase = { kind: 'electing', statement, timer: clock.after(left, () => this.#timeOut()) };
    context.identity.tenant.streams.wait(this, stream);
  }

  leaderFound(): void {
    if (this.#phase.kind === 'electing') this.#again(this.#phase);
  }

  /** A wait has ended: the statement is tried again, from its beginning. */
  #again({ timer, statement }: Extract<Phase, { readonly statement: Statement }>): void {
    timer.cancel();
    if (this.#bench.interrupted) {
      this.#bench.notice();
      return;
    }
    this.#work();
    this.#bench.context.restartStatement();
    this.#attempt(statement);
    this.run();
  }

  /** The whole transaction gives way, and every later statement hears of it until ROLLBACK (observer.md §6.2). */
  deadlocked(): void {
    if (this.#bench.interrupted) {
      this.#bench.notice();
      return;
    }
    const cause = errorOf('DEADLOCK');
    this.#bench.context.transaction.abort(cause);
    this.interrupt(cause);
  }

  #timeOut(): void {
    if (this.#bench.interrupted) this.#bench.notice();
    else this.interrupt(this.#timeOutError(this.#phase.kind === 'locking'));
  }

  /** Whose time is over: the transaction's, which is aborted then, or the statement's. */
  #timeOutError(isLocking: boolean): Err {
    const { context } = this.#bench;
    const { deadline } = context.transaction;
    if (deadline <= context.times.deadline && (!isLocking || deadline <= context.times.lockLimit)) {
      return context.transaction.expire();
    }
    return isLocking ? errorOf('LOCK_WAIT_TIMEOUT') : errorOf('QUERY_TIMEOUT', context.times.queryTimeout);
  }

  #join(victim: Victim): void {
    if (!victim.join(this)) {
      this.#killed();
      return;
    }
    const { clock, context } = this.#bench;
    const left = Math.max(0, context.times.limit - clock.now());
    this.#phase = { kind: 'joining', victim, timer: clock.after(left, () => this.#timeOut()) };
  }

  /** KILL CONNECTION has done its work. */
  #killed(): void {
    this.#answer({ kind: 'done', affectedRows: 0, message: '' });
  }

  victimStopped(): void {
    if (this.#phase.kind !== 'joining') return;
    this.#phase.timer.cancel();
    if (this.#bench.interrupted) {
      this.#bench.notice();
      return;
    }
    this.#work();
    this.#killed();
    this.run();
  }

  /** There is room to write again. */
  drained(): void {
    if (this.#phase.kind !== 'streaming' || this.#bench.interrupted) return;
    this.#goOn({ kind: 'rows', rows: this.#phase.rows });
  }

  /** It was killed or took too long: it ends with this ERR, now. */
  interrupt(err: Err): void {
    this.#stop();
    this.#fail(err);
  }

  /** Nobody will read the answer: it ends without one. Its transaction is the session's to roll back. */
  abandon(): void {
    this.#stop();
    this.#phase = OVER;
  }

  #stop(): void {
    const phase = this.#phase;
    if (phase.kind === 'sleeping' || phase.kind === 'locking' || phase.kind === 'electing') phase.timer.cancel();
    if (phase.kind === 'locking') this.#bench.context.identity.tenant.locks.forget(this);
    if (phase.kind === 'electing') this.#bench.context.identity.tenant.streams.forget(this);
    if (phase.kind === 'joining') {
      phase.timer.cancel();
      phase.victim.forget(this);
    }
  }
}

/** The rows of a cursor are made when it is opened: later statements must not change them. */
function allOf(rows: Rows): Rows {
  const all: (readonly Value[])[] = [];
  for (let row = rows.next(); row !== null; row = rows.next()) all.push(row);
  return new ReadyRows(all);
}

/** Without MULTI_STATEMENTS the second statement is a syntax error, at its first token. */
function severalRefused(text: string, at: number, { modes }: SessionContext): Refusal {
  return new Cursor(text, at, false, modes).refusal();
}
