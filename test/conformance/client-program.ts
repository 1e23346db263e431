/**
 * A driver of another language as a process of its own: a program of `clients/` that reads a request a line and answers
 * each with one line.
 *
 * A request is words between tabs: `connect KEY VARIANT HOST PORT USER PASSWORD DATABASE`, `query KEY SQL`, `close KEY`,
 * where KEY is what we call a connection by. The answer is JSON: `session` is the thread id that the driver shows, null
 * if it shows none; then `rows` (each a list of texts or null), or `error` as the driver's caller sees it, or nothing.
 * A program is synchronous: it does one thing after the other, in the order of its lines. So two runs that use the same
 * one take turns. It must never know which driver it is, nor what a statement does.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inTime } from './until.ts';

/** What the caller of a driver sees of an error; null where the driver shows nothing. */
export interface ProgramError {
  readonly class: string;
  readonly errno: number | null;
  readonly sqlState: string | null;
  readonly message: string;
  /** What PHP calls `code` of a PDOException. */
  readonly code?: number | string;
}

export interface ProgramAnswer {
  readonly session: number | null;
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly error?: ProgramError;
}

interface Waiting {
  readonly resolve: (answer: ProgramAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class ClientProgram {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  readonly #waiting: Waiting[] = [];
  #complaints = '';
  #over: Error | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(command: readonly string[]) {
    const [program, ...args] = command;
    const child = spawn(program!, args);
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    // It may be gone before it has read all; `close` says so.
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#answered(line));
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => this.#end(error));
      child.on('close', (code) => {
        this.#end(new Error(`${command.join(' ')} has ended with ${code}: ${this.#complaints}`));
        resolve();
      });
    });
  }

  /** Resolves when everybody who came before has given back their turn; what it resolves to gives ours back. */
  async turn(): Promise<() => void> {
    const before = this.#turn;
    let done!: () => void;
    this.#turn = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    return done;
  }

  /** What it has said beside its answers; all of it once it has stopped. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Hands in all requests at once, so that no time of ours lies between an answer and the next; an answer for each. */
  ask(requests: readonly (readonly string[])[]): Promise<ProgramAnswer>[] {
    const answers = requests.map(
      (words) =>
        new Promise<ProgramAnswer>((resolve, reject) => {
          if (words.some((it) => /[\t\n\r]/.test(it))) throw new Error(`not one line: ${words.join(' ')}`);
          if (this.#over === null) this.#waiting.push({ resolve, reject });
          else reject(this.#over);
        }),
    );
    this.#child.stdin.write(requests.map((words) => `${words.join('\t')}\n`).join(''));
    return answers;
  }

  /** Gone afterwards; every program leaves at the end of its input. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    try {
      await inTime(this.#ended, 'a client program to end');
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    }
  }

  #answered(line: string): void {
    const waiting = this.#waiting.shift();
    try {
      const answer = JSON.parse(line) as ProgramAnswer;
      if (waiting === undefined) this.#end(new Error(`not asked for: ${line}`));
      else waiting.resolve(answer);
    } catch {
      waiting?.reject(new Error(`not an answer: ${line}; ${this.#complaints}`));
    }
  }

  #end(error: Error): void {
    this.#over ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
