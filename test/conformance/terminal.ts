/**
 * The `mariadb` command line at a terminal, as a person uses it: types a line, waits for the prompt, reads.
 *
 * The pty comes from `script`, which hands on what is written to its standard input. Every wait is for something printed
 * and has a bound. It must never know what the statements mean.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { inTime } from './until.ts';

/** `MySQL [(none)]> ` with nothing behind it: the command line waits for us. */
const PROMPT = /[^\s[]+ \[[^\]\r\n]+\]> $/;
const CTRL_C = '\x03';
/** Without it the command line would use colours and cursor movements. */
const ENVIRONMENT = { TERM: 'dumb', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', MYSQL_HISTFILE: '/dev/null' };

interface Awaited {
  readonly condition: (printed: string) => boolean;
  readonly resolve: () => void;
}

export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exit: Promise<number | null>;
  #screen = '';
  /** What was printed before is of earlier inputs. */
  #mark = 0;
  #typed = '';
  #awaited: Awaited | null = null;
  #over = false;

  constructor(program: string, args: readonly string[]) {
    const command = [program, ...args].map((it) => `'${it.replaceAll("'", "'\\''")}'`).join(' ');
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], { env: { ...process.env, ...ENVIRONMENT } });
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => this.#printed(text));
    this.#child.stderr.setEncoding('utf8');
    this.#child.stderr.on('data', (text: string) => this.#printed(text));
    // It may be gone before we have said goodbye.
    this.#child.stdin.on('error', () => {});
    this.#exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        this.#over = true;
        this.#printed('');
        resolve(code);
      });
    });
  }

  /** All that was printed, without bells. */
  get screen(): string {
    return plain(this.#screen);
  }

  /** Waits for the first prompt; the lines before it. */
  async greeting(): Promise<string[]> {
    await this.#until((printed) => PROMPT.test(printed), 'the first prompt');
    return answerOf(this.#screen);
  }

  /** Types a line and waits for the next prompt; the lines in between. */
  async ask(line: string): Promise<string[]> {
    this.type(`${line}\n`);
    return this.answer(`the answer to ${line}`);
  }

  /** Types, and waits for nothing. */
  type(text: string): void {
    this.#mark = this.#screen.length;
    this.#typed = text.trim();
    this.#child.stdin.write(text);
  }

  /** The lines between the line typed and the prompt. */
  async answer(what = 'an answer'): Promise<string[]> {
    await this.#until((printed) => PROMPT.test(printed), what);
    const printed = this.#screen.slice(this.#mark);
    // What was typed is shown: by the command line, and before that by the terminal if it came right after the prompt.
    const lines = answerOf(printed.slice(printed.indexOf('\n') + 1));
    return lines[0] === this.#typed ? lines.slice(1) : lines;
  }

  /** Waits for this text. */
  shows(text: string): Promise<void> {
    return this.#until((printed) => plain(printed).includes(text), `to see ${text}`);
  }

  /** Ctrl-C. What is printed from now on, and what was since the last line, is one answer. */
  interrupt(): void {
    this.#child.stdin.write(CTRL_C);
  }

  /** Waits for the command line to end by itself: its exit code, which `script` hands on. */
  exit(): Promise<number | null> {
    return inTime(this.#exit, 'the command line to end');
  }

  /** For the end of a test, whatever the state: gone afterwards. */
  async close(): Promise<void> {
    if (PROMPT.test(this.#screen)) this.type('quit\n');
    // With `script` its terminal goes, and with that what runs in it.
    else if (!this.#over) this.#child.kill('SIGKILL');
    await this.exit();
  }

  #printed(text: string): void {
    this.#screen += text;
    const awaited = this.#awaited;
    if (awaited === null || !(this.#over || awaited.condition(this.#screen.slice(this.#mark)))) return;
    this.#awaited = null;
    awaited.resolve();
  }

  async #until(condition: (printed: string) => boolean, what: string): Promise<void> {
    const fits = (): boolean => condition(this.#screen.slice(this.#mark));
    if (fits()) return;
    if (!this.#over) {
      const shown = new Promise<void>((resolve) => {
        this.#awaited = { condition, resolve };
      });
      await inTime(shown, what).catch((error: Error) => {
        throw new Error(`${error.message}; on the screen:\n${this.screen}`);
      });
    }
    if (!fits()) throw new Error(`the command line has ended while we waited for ${what}:\n${this.screen}`);
  }
}

function plain(printed: string): string {
  return printed.replaceAll(/[\x07\r]/g, '');
}

/** Lines without the prompt behind them, the time a statement took, and the blank line before the prompt. */
function answerOf(printed: string): string[] {
  const lines = plain(printed)
    .replace(PROMPT, '')
    .split('\n')
    .map((line) => line.replace(/ \(\d+\.\d+ sec\)$/, '').trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The rows of the table in an answer, by the names of its columns. */
export function rowsOf(lines: readonly string[]): Record<string, string>[] {
  const [head, ...rows] = lines.filter((line) => line.startsWith('| ')).map(cellsOf);
  if (head === undefined) throw new Error(`no table in:\n${lines.join('\n')}`);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index]!])));
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
