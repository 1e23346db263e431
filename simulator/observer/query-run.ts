/**
 * One COM_QUERY under way: its statements one after the other, and what each of them waits for.
 *
 * | phase     | waits for                                   | then                             |
 * |-----------|---------------------------------------------|----------------------------------|
 * | working   | nothing: a call is on the stack             | any of the others                |
 * | sleeping  | the end of SLEEP, or of ob_query_timeout    | the answer goes on, or ERR 4012  |
 * | joining   | a session that it has killed, to stop       | OK, or ERR 4012                  |
 * | streaming | room to write                               | more rows                        |
 * | over      | –                                           | –                                |
 *
 * Evaluation takes no time: what a statement sleeps is served before its answer. Until then all it did is in its
 * transaction's layer, so that a kill can take it back. Knows no connection: bytes go through `Bench`.
 */
import type { Clock, Timer } from '../../proxy/ports.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { SessionContext } from './context.ts';
import { execute } from './execute.ts';
import type { House } from './house.ts';
import type { Outcome, Rows, Victim, VictimWaiter } from './outcome.ts';
import { Refusal, refuse } from './refusal.ts';
import { Reply } from './reply.ts';
import { Cursor } from './sql/cursor.ts';
import { looksAtMessages, parseStatement } from './sql/statements.ts';
import { cellOf, type Value } from './sql/value.ts';

/** What a request may do to its session. */
export interface Bench {
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

type Phase =
  | { readonly kind: 'working' }
  | { readonly kind: 'sleeping'; readonly timer: Timer; readonly resume: Resume }
  | { readonly kind: 'joining'; readonly timer: Timer; readonly victim: Victim }
  | { readonly kind: 'streaming'; readonly rows: Rows }
  | { readonly kind: 'over' };

/** What is done when a sleep ends: answer an outcome, or send a row that was ready and go on. */
type Resume =
  | { readonly kind: 'answer'; readonly outcome: Outcome }
  | { readonly kind: 'row'; readonly row: readonly Value[]; readonly rows: Rows };

const WORKING: Phase = { kind: 'working' };
const OVER: Phase = { kind: 'over' };

/** Rows are sent in pieces of about this size. */
const CHUNK = 16 * 1024;

export class QueryRun implements VictimWaiter {
  readonly #bench: Bench;
  readonly #text: string;
  /** Where the next statement starts; −1 if there is none. */
  #next = 0;
  /** Of the first packet that `#reply` will make. */
  #sequence: number;
  #phase: Phase = WORKING;
  /** Results that are complete and not sent. */
  #done: Buffer[] = [];
  #reply: Reply;
  #rowCount = 0;

  /** `sequence`: of the first packet of the answer. */
  constructor(bench: Bench, text: string, sequence: number) {
    this.#bench = bench;
    this.#text = text;
    this.#sequence = sequence;
    this.#reply = new Reply(bench.context, sequence);
  }

  /** Works until it must wait or is over: at first, and whenever a wait has ended. */
  run(): void {
    while (this.#phase.kind === 'working') this.#statement();
  }

  #statement(): void {
    const { context, house } = this.#bench;
    context.startStatement();
    let isParsed = false;
    try {
      const parsed = parseStatement(this.#text, this.#next);
      if (parsed.statement === null) throw refuse('EMPTY_QUERY');
      if (parsed.next >= 0 && !context.identity.severalStatements) throw severalRefused(this.#text, parsed.next);
      this.#next = parsed.next;
      isParsed = true;
      context.warnings.isLookedAt = looksAtMessages(parsed.statement);
      if (!context.warnings.isLookedAt) context.warnings.clear();
      this.#take(execute(parsed.statement, context, house));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!isParsed) {
        context.warnings.isLookedAt = false;
        context.warnings.clear();
      }
      this.#fail(error.err);
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
        context.transaction.endStatement();
        context.rowCount = outcome.affectedRows;
        this.#reply.ok(outcome.affectedRows, outcome.message, this.#next >= 0);
        this.#complete();
        return;
      case 'rows':
        context.transaction.endStatement();
        this.#rowCount = 0;
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
    context.foundRows = this.#rowCount;
    context.rowCount = -1;
    this.#reply.eof(this.#next >= 0);
    this.#complete();
  }

  /** False when there is no room for more. */
  #row(row: readonly Value[]): boolean {
    this.#reply.row(row.map(cellOf));
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
    context.transaction.undoStatement();
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
    const left = Math.max(0, context.deadline - clock.now());
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
    const { resume } = this.#phase;
    this.#phase = WORKING;
    try {
      if (resume.kind === 'answer') this.#answer(resume.outcome);
      else if (this.#row(resume.row)) this.#stream(resume.rows);
      else this.#phase = { kind: 'streaming', rows: resume.rows };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(error.err);
    }
    this.run();
  }

  #timeOut(): void {
    if (this.#bench.interrupted) this.#bench.notice();
    else this.interrupt(errorOf('QUERY_TIMEOUT', this.#bench.context.queryTimeout));
  }

  #join(victim: Victim): void {
    if (!victim.join(this)) {
      this.#killed();
      return;
    }
    const { clock, context } = this.#bench;
    const left = Math.max(0, context.deadline - clock.now());
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
    this.#phase = WORKING;
    this.#killed();
    this.run();
  }

  /** There is room to write again. */
  drained(): void {
    if (this.#phase.kind !== 'streaming' || this.#bench.interrupted) return;
    const { rows } = this.#phase;
    this.#phase = WORKING;
    try {
      this.#stream(rows);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(error.err);
    }
    this.run();
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
    if (phase.kind === 'sleeping') phase.timer.cancel();
    if (phase.kind === 'joining') {
      phase.timer.cancel();
      phase.victim.forget(this);
    }
  }
}

/** Without MULTI_STATEMENTS the second statement is a syntax error, at its first token. */
function severalRefused(text: string, at: number): Refusal {
  return new Cursor(text, at).refusal();
}
