/**
 * A bystander: a well-behaved client that is logged in and asks `SELECT 1` every 20 ms, and keeps account of what it got.
 */
import { Socket } from 'node:net';
import type { Address } from '../../proxy/ports.ts';
import { loginBytes, queryBytes } from '../session/raw-client.ts';
import { Hearing } from './hearing.ts';
import { ProcessTime } from './process-time.ts';

/** Milliseconds between two questions. */
const EVERY = 20;
const QUESTION = queryBytes('SELECT 1');
const ANSWER = 'rows 1';

export class Bystander {
  readonly #socket: Socket;
  readonly #hearing = new Hearing();
  /** What it must never see: another answer, an end. */
  readonly troubles: string[] = [];
  answers = 0;
  /** The longest time between two answers, without what other processes took of it; milliseconds. */
  longestPause = 0;
  #state: 'logging in' | 'asking' | 'stopping' = 'logging in';
  #time: ProcessTime | null = null;
  #lastAnswer = 0;
  #askedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #heard: () => void = () => {};

  private constructor({ host, port }: Address) {
    this.#socket = new Socket({ allowHalfOpen: true });
    this.#socket.on('data', (chunk) => this.#onData(chunk));
    this.#socket.on('end', () => this.#lost('FIN'));
    this.#socket.on('error', (error) => this.#lost(error.message));
    this.#socket.connect({ host, port, noDelay: true });
  }

  /** Logged in, and asked once, so that it has its server session. */
  static async arrive(target: Address): Promise<Bystander> {
    const made = new Bystander(target);
    await made.#next(/^greeting/);
    made.#socket.write(loginBytes('app@shop#obdemo'));
    await made.#next(/^OK$/);
    made.#socket.write(QUESTION);
    await made.#next(/^rows 1$/);
    return made;
  }

  start(): void {
    this.#state = 'asking';
    this.#time = new ProcessTime();
    this.#lastAnswer = this.#time.now();
    this.#ask();
  }

  /** Asks no more; the last answer is awaited. */
  async stop(): Promise<void> {
    this.#state = 'stopping';
    clearTimeout(this.#timer);
    if (this.#askedAt > 0 && this.troubles.length === 0) await new Promise<void>((resolve) => (this.#heard = resolve));
    this.#time?.stop();
  }

  leave(): void {
    this.#socket.destroy();
  }

  async #next(expected: RegExp): Promise<void> {
    const at = this.#hearing.said.length;
    await new Promise<void>((resolve) => (this.#heard = resolve));
    this.#heard = () => {};
    const said = this.#hearing.said[at] ?? '';
    if (!expected.test(said)) throw new Error(`the bystander expected ${expected}, not ${said}`);
  }

  #lost(why: string): void {
    this.troubles.push(why);
    this.#heard();
  }

  #ask(): void {
    this.#askedAt = performance.now();
    this.#socket.write(QUESTION);
  }

  #onData(chunk: Buffer): void {
    const before = this.#hearing.said.length;
    this.#hearing.hear(chunk);
    for (const said of this.#hearing.said.slice(before)) {
      if (this.#state !== 'logging in') this.#answered(said);
      this.#heard();
    }
  }

  #answered(said: string): void {
    if (said !== ANSWER) this.troubles.push(said);
    this.answers += 1;
    const now = this.#time!.now();
    this.longestPause = Math.max(this.longestPause, now - this.#lastAnswer);
    this.#lastAnswer = now;
    const next = EVERY - (performance.now() - this.#askedAt);
    this.#askedAt = 0;
    if (this.#state === 'asking') this.#timer = setTimeout(() => this.#ask(), Math.max(0, next));
  }
}
