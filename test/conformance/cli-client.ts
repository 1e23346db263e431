/**
 * Debian's `mariadb` command line at a terminal, behind the face of `driver-clients.ts`: what a person reads there, taken
 * apart into one answer for each statement, with and without `--skip-reconnect`.
 *
 * Lines that it does not know fit no answer. It must never know what a statement does.
 */
import type { Answer, DriverClient, Login } from './driver-clients.ts';
import { Terminal } from './terminal.ts';

/** As the sheet calls them (clients.md §0). */
export const CLI_NAMES = ['mariadb CLI', 'mariadb CLI -skip'] as const;
export type CliName = (typeof CLI_NAMES)[number];

export const CLI_NEEDS = ['mariadb', 'script'];

export function isCli(name: string): name is CliName {
  return (CLI_NAMES as readonly string[]).includes(name);
}

/** `ERROR 2013 (HY000): Lost connection …`. */
export interface PrintedError {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** By number (clients.md §4). */
const ERRORS: Readonly<Record<number, Omit<PrintedError, 'errno'>>> = {
  1317: { sqlState: '70100', message: 'Query execution was interrupted' },
  2013: { sqlState: 'HY000', message: 'Lost connection to server during query' },
  2006: { sqlState: 'HY000', message: 'Server has gone away' },
};

const ERROR = /^ERROR (\d+) \((\w{5})\): (.*)$/;
/** Of which server it takes the other side for, the greeting decides. */
export const WELCOME = /^Your (?:MySQL|MariaDB) connection id is (\d+)$/m;
const NO_CONNECTION = 'No connection. Trying to reconnect...';
const CONNECTION = /^Connection id: {4}(\d+)$/;
const DATABASE = /^Current database: /;
const LAST = /^\d+ rows? in set$|^Query OK, /;

export async function openCli(name: CliName, login: Login): Promise<DriverClient> {
  const { host, port, user, password, database } = login;
  const args = ['--no-defaults', `--host=${host}`, `--port=${port}`, `--user=${user}`, '--no-auto-rehash'];
  if (password !== undefined) args.push(`--password=${password}`);
  if (name === 'mariadb CLI -skip') args.push('--skip-reconnect');
  if (database !== undefined) args.push(database);
  const terminal = new Terminal('mariadb', args);
  try {
    await terminal.greeting();
  } catch (error) {
    await terminal.close();
    throw printed(terminal.screen.trimEnd()) ?? error;
  }
  return new CliClient(name, terminal, Number(WELCOME.exec(terminal.screen)![1]));
}

/** `first` is the original session; ids only go up, so the n-th session opened later is `ok+n`. */
export function cliCellOf(answer: Answer, first: number): string {
  if (answer.kind === 'rows') {
    return `${answer.behind ?? ''}${answer.session === first ? 'ok' : `ok+${answer.session - first}`}`;
  }
  const { errno, sqlState, message } = answer.error as PrintedError;
  const known = ERRORS[errno];
  if (known?.sqlState === sqlState && known.message === message) return String(errno);
  return `??? ${errno} ${sqlState} ${message}`;
}

class CliClient implements DriverClient {
  readonly name: CliName;
  readonly ended = null;
  readonly told: readonly unknown[] = [];
  readonly opensAhead = 0;
  readonly idle = 0;
  session: number;
  readonly #terminal: Terminal;
  #following: readonly string[] = [];
  /** Of statements that were typed on a line with one before. */
  readonly #ahead: { readonly sql: string; readonly answer: Promise<Answer> }[] = [];

  constructor(name: CliName, terminal: Terminal, session: number) {
    this.name = name;
    this.#terminal = terminal;
    this.session = session;
  }

  query(sql: string): Promise<Answer> {
    const next = this.#ahead.shift();
    if (next !== undefined) {
      if (next.sql !== sql) throw new Error(`${next.sql} was to follow, not ${sql}`);
      return next.answer;
    }
    const statements = [sql, ...this.#following];
    this.#following = [];
    const answers = this.#typed(statements);
    for (const [index, it] of statements.entries()) {
      this.#ahead.push({ sql: it, answer: answers.then((all) => all[index]!) });
    }
    return this.#ahead.shift()!.answer;
  }

  follow(statements: readonly string[]): void {
    this.#following = statements;
  }

  close(): Promise<void> {
    return this.#terminal.close();
  }

  /** All on one line. */
  async #typed(statements: readonly string[]): Promise<Answer[]> {
    const lines = await this.#terminal.ask(`${statements.join('; ')};`);
    const left = lines.filter((line) => line !== '');
    const answers = statements.map((sql) => this.#answer(sql, left));
    if (left.length > 0) throw new Error(`nobody asked for:\n${left.join('\n')}`);
    return answers;
  }

  /** Takes the lines of one answer. */
  #answer(sql: string, lines: string[]): Answer {
    const line = lines.shift() ?? '';
    const error = printed(line);
    if (error === null) return this.#rows(sql, [line, ...lines.splice(0, lastOf(line, lines))]);
    if (lines[0] !== NO_CONNECTION) return { kind: 'error', session: this.session, sql, error };
    lines.shift();
    this.session = Number(CONNECTION.exec(lines.shift() ?? '')?.[1]);
    if (!DATABASE.test(lines.shift() ?? '')) throw new Error(`no database behind a reconnect for ${sql}`);
    // The statement was sent again; the error is shown before what that came to.
    const again = this.#answer(sql, lines);
    return again.kind === 'rows' ? { ...again, behind: `${error.errno}⟳` } : again;
  }

  #rows(sql: string, lines: readonly string[]): Answer {
    if (!LAST.test(lines.at(-1)!)) throw new Error(`not an answer to ${sql}:\n${lines.join('\n')}`);
    const [, ...rows] = lines.filter((line) => line.startsWith('| '));
    return { kind: 'rows', session: this.session, sql, rows: rows.map((row) => [row.slice(1, -1).trim()]) };
  }
}

/** How many more lines the answer has that begins with this one. */
function lastOf(line: string, lines: readonly string[]): number {
  return LAST.test(line) ? 0 : lines.findIndex((it) => LAST.test(it)) + 1;
}

function printed(line: string): PrintedError | null {
  const found = ERROR.exec(line);
  return found === null ? null : { errno: Number(found[1]), sqlState: found[2]!, message: found[3]! };
}
