/**
 * Debian's `mariadb` command line as a session: statements go into its standard input, tables come out of its output.
 *
 * `text` writes the values into the statement; `prepared` is SQL's own PREPARE … EXECUTE … USING. A statement is over when
 * the answer to the SELECT behind it comes. It must never know what the statements are for.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Login } from '../driver-clients.ts';
import { inTime } from '../until.ts';
import { type Answer, type Protocol, preparedOrText, type Session } from './session.ts';
import type { Rows } from './shop.ts';
import type { Value } from './tables.ts';

/** Errors go where the tables go, so that their order is kept. */
const BOTH = 'exec "$@" 2>&1';
/** With --force it goes on after an error; --batch writes `\n`, `\t` and `\\` in values, so that a line is a row. */
const OPTIONS = [
  '--no-defaults',
  '--batch',
  '--force',
  '--unbuffered',
  '--skip-column-names',
  '--default-character-set=utf8mb4',
];
const ERROR = /^ERROR (\d+) \((\w+)\) at line \d+: (.*)$/;
const END = 'and so it ends: ';

export class CommandLineError extends Error {
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

export class CommandLine implements Session {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #protocol: Protocol;
  readonly #ended: Promise<void>;
  #printed = '';
  #statements = 0;
  #arrived: (() => void) | null = null;
  #over = false;

  constructor({ host, port, user, database = '' }: Login, protocol: Protocol) {
    const args = ['mariadb', ...OPTIONS, `--host=${host}`, `--port=${port}`, `--user=${user}`, database];
    this.#child = spawn('sh', ['-c', BOTH, 'sh', ...args]);
    this.#protocol = protocol;
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (text: string) => {
      this.#printed += text;
      this.#arrived?.();
    });
    // It may be gone before we are done.
    this.#child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        this.#over = true;
        this.#arrived?.();
        resolve();
      });
    });
  }

  run(sql: string, values: readonly Value[] = []): Promise<Answer> {
    const text = () => this.#answer(withValues(sql, values));
    return this.#protocol === 'text' ? text() : preparedOrText(() => this.#prepared(sql, values), text);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await inTime(this.#ended, 'the command line to end');
  }

  async #prepared(sql: string, values: readonly Value[]): Promise<Answer> {
    const names = values.map((_, index) => `@v${index}`);
    if (values.length > 0) {
      await this.#answer(`SET ${values.map((it, index) => `${names[index]} = ${literal(it)}`).join(', ')}`);
    }
    await this.#answer(`PREPARE statement FROM ${literal(sql)}`);
    const answer = await this.#answer(`EXECUTE statement${names.length > 0 ? ` USING ${names.join(', ')}` : ''}`);
    await this.#answer('DEALLOCATE PREPARE statement');
    return answer;
  }

  /** What this statement prints, and what it has changed. */
  async #answer(sql: string): Promise<Answer> {
    this.#statements += 1;
    const mark = `${END}${this.#statements}`;
    // ODP refuses the two in one statement (odp-relay.md §3.4).
    this.#child.stdin.write(`${sql};\nSELECT ROW_COUNT();\nSELECT '${mark}', LAST_INSERT_ID();\n`);
    const rows = rowsOf(await inTime(this.#until(mark), `the command line to answer ${sql.slice(0, 100)}`));
    const [, insertId] = rows.pop()!;
    const [changed] = rows.pop()!;
    return { rows, changed: Number(changed), insertId: Number(insertId) };
  }

  /** The lines up to the one that begins so, which is the last. */
  async #until(mark: string): Promise<string[]> {
    for (;;) {
      const lines = this.#printed.split('\n');
      if (lines.pop() === '' && lines.at(-1)?.startsWith(`${mark}\t`) === true) {
        this.#printed = '';
        const error = lines.map((line) => ERROR.exec(line)).find((it) => it !== null);
        if (error === undefined) return lines;
        throw new CommandLineError(Number(error[1]), error[3]!);
      }
      if (this.#over) throw new Error(`the command line is gone:\n${this.#printed}`);
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

/** NULL and the text `NULL` look the same; nobody asks for the latter. */
function rowsOf(lines: readonly string[]): Rows {
  return lines.map((line) => line.split('\t').map((cell) => (cell === 'NULL' ? null : unescaped(cell))));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', 0: '\0', '\\': '\\' };

function unescaped(cell: string): string {
  return cell.replaceAll(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** SQL in which each `?` has become its value. There is no `?` in a text of the statements that come here. */
function withValues(sql: string, values: readonly Value[]): string {
  let next = 0;
  return sql.replaceAll('?', () => literal(values[next++]));
}

function literal(value: Value): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
  return `'${value.replaceAll(/['\\\n\r]/g, (it) => WRITTEN[it] ?? `\\${it}`)}'`;
}

/** The command line takes line ends for its own. */
const WRITTEN: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };
