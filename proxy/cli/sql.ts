/**
 * `odplab sql`: gives the scripted client a keyboard, on real sockets and real time.
 *
 * It prints what that client would, so a scenario can be tried by hand. Knows terminals and nothing of MySQL.
 */
import { createHash } from 'node:crypto';
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { DIALECTS, type Dialect, isDialect } from '../../simulator/client/dialects.ts';
import { type ClientCommand, readInput } from '../../simulator/client/input.ts';
import { ScriptedClient } from '../../simulator/client/scripted-client.ts';
import { NodeNetwork } from '../node/net.ts';
import { readAuthorities, TlsFileError } from '../node/tls-files.ts';
import { joinedFlags } from './joined-flags.ts';

const HELP = `odplab sql – a MySQL client that behaves as obclient does, errors and reconnects included

Usage: odplab sql [OPTIONS]

  -h HOST            default 127.0.0.1
  -P PORT            default 2883
  -u USER            user@tenant#cluster; default root@sys#obdemo
  -p                 ask for the password; or set ODPLAB_PASSWORD. Never on the command line, where others see it
  -D DATABASE        choose it at login
  --dialect NAME     obclient (default), mariadb or mysql: their texts and habits
  --tls              over TLS, or not at all; any certificate will do, a self-signed one too: it helps against listeners only
  --tls-ca FILE      the same, and the server must show a certificate signed by one in this file (PEM); its name is not
                     looked at
  --skip-reconnect   do not reconnect after 2006
  -h, --help         this text (-h with nothing behind it)

A statement ends with ; or \\g, or with \\G for one line a column. Also: use DB, connect, quit, \\ping, \\prepare SQL and
\\execute VALUE, … in the binary protocol, \\change_user NAME, and Ctrl-C while a statement runs. Statements may come
through a pipe; they are carried out as if typed, one after the other, and the last one needs no ; at its end.

Exit codes: 0 good; 1 it cannot connect, or through a pipe a statement failed or the server was lost; 2 wrong usage
`;

const DEFAULT_PORT = 2883;
const DEFAULT_USER = 'root@sys#obdemo';

interface Flags {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly asksPassword: boolean;
  readonly database: string | null;
  readonly dialect: Dialect;
  readonly reconnect: boolean;
  readonly tls: boolean;
  /** Whom to trust, as PEM; null: anybody. */
  readonly authorities: string | null;
}

/** Runs the command; the answer is the exit code. */
export async function sql(args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  if (flags === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (typeof flags === 'string') {
    process.stderr.write(`odplab sql: ${flags}\nodplab sql --help explains.\n`);
    return 2;
  }
  if (flags.asksPassword && process.stdin.isTTY !== true) {
    process.stderr.write('odplab sql: -p asks at a terminal; for a pipe set ODPLAB_PASSWORD\n');
    return 2;
  }
  // Who reads what we print may stop before the end, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const password = flags.asksPassword ? await askPassword() : (process.env.ODPLAB_PASSWORD ?? '');
  const { host, port, user, database, dialect, reconnect, tls, authorities } = flags;
  const client = new ScriptedClient(
    { target: { host, port }, from: null, user, password, dialect, database, reconnect, tls },
    { network: new NodeNetwork({ tls: { certificate: null, authorities } }), sha1 },
  );
  const refused = await new Promise<readonly string[]>((resolve) => client.login(resolve));
  if (refused.length > 0) {
    for (const line of refused) process.stderr.write(`${line}\n`);
    return 1;
  }
  return (await new Keyboard(client, user).run()) ? 0 : 1;
}

function readFlags(args: readonly string[]): Flags | 'help' | string {
  if (args.some((arg) => /^-p.|^--password/.test(arg))) {
    return 'a password on the command line can be seen by others: use -p alone, or ODPLAB_PASSWORD';
  }
  // As a question, not as a host: with nothing behind it, or with another flag.
  if (args.some((arg, index) => arg === '-h' && !/^[^-]/.test(args[index + 1] ?? ''))) return 'help';
  let values: ReturnType<typeof parse>['values'];
  try {
    values = parse(args).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (values.help) return 'help';
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port < 1 || port > 65_535)
    return `-P ${values.port}: a port is a number from 1 to 65535`;
  const trusted = values['tls-ca'];
  const authorities = trusted === undefined ? null : authoritiesIn(trusted);
  if (authorities instanceof TlsFileError) return `--tls-ca: ${authorities.message}`;
  if (!isDialect(values.dialect)) return `--dialect ${values.dialect}: there are ${Object.keys(DIALECTS).join(', ')}`;
  return {
    host: values.host,
    port,
    user: values.user,
    asksPassword: values.password,
    database: values.database ?? null,
    dialect: DIALECTS[values.dialect],
    reconnect: !values['skip-reconnect'],
    tls: values.tls || authorities !== null,
    authorities,
  };
}

function authoritiesIn(file: string): string | TlsFileError {
  try {
    return readAuthorities(file);
  } catch (error) {
    if (error instanceof TlsFileError) return error;
    throw error;
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: joinedFlags(args, OPTIONS), options: OPTIONS });
}

const OPTIONS = {
  host: { type: 'string', short: 'h', default: '127.0.0.1' },
  port: { type: 'string', short: 'P', default: String(DEFAULT_PORT) },
  user: { type: 'string', short: 'u', default: DEFAULT_USER },
  password: { type: 'boolean', short: 'p', default: false },
  database: { type: 'string', short: 'D' },
  dialect: { type: 'string', default: 'obclient' },
  tls: { type: 'boolean', default: false },
  'tls-ca': { type: 'string' },
  'skip-reconnect': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

/** What is typed is not shown. */
async function askPassword(): Promise<string> {
  process.stderr.write('Enter password: ');
  const nowhere = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const password = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
  lines.close();
  process.stderr.write('\n');
  return password;
}

/** What the client prints of an error; a row and a line of \G never look so. */
const ERROR_LINE = /^ERROR \d+ \(\w{5}\): |^ERROR: Can't connect/;

/** Comments of MySQL's own, with a `!`, are statements. */
function isOnlyComment(text: string): boolean {
  return text.replace(/\/\*(?!!)[\s\S]*?\*\/|(?:--(?=\s|$)|#).*/g, '').trim() === '';
}

/** Lines in, answers out, one statement at a time. */
class Keyboard {
  readonly #client: ScriptedClient;
  readonly #user: string;
  readonly #lines: Interface;
  readonly #interactive = process.stdin.isTTY === true;
  /** Lines that came while a statement was running. */
  readonly #queue: string[] = [];
  /** What has been typed of a statement that has not ended. */
  #typed: string | null = null;
  #ended = false;
  #failed = false;
  #finish: (good: boolean) => void = () => {};

  constructor(client: ScriptedClient, user: string) {
    this.#client = client;
    this.#user = user;
    const input = process.stdin;
    this.#lines = createInterface({ input, output: process.stdout, terminal: this.#interactive });
  }

  /** False: what came through a pipe did not all succeed. At a terminal the person has seen it. */
  run(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.#lines.on('line', (line) => {
        this.#queue.push(line);
        this.#next();
      });
      this.#lines.on('close', () => {
        this.#ended = true;
        this.#next();
      });
      this.#lines.on('SIGINT', () => this.#interrupt());
      if (this.#interactive) {
        const { connectionId, serverVersion } = this.#client;
        this.#print([
          'Commands end with ; or \\g.',
          `Your connection id is ${connectionId}`,
          `Server version: ${serverVersion}`,
          '',
        ]);
      }
      this.#prompt();
    });
  }

  #next(): void {
    if (this.#client.busy) return;
    const line = this.#queue.shift();
    if (line !== undefined) this.#line(line);
    else if (!this.#ended) this.#prompt();
    else if (this.#typed !== null && !this.#interactive) this.#lastStatement(this.#typed);
    else this.#leave();
  }

  /** At the end of a pipe a statement needs no delimiter; it is sent as it is. */
  #lastStatement(text: string): void {
    this.#typed = null;
    if (isOnlyComment(text)) this.#leave();
    else this.#command({ kind: 'statement', sql: text, form: 'table' });
  }

  #line(line: string): void {
    const text = this.#typed === null ? line : `${this.#typed}\n${line}`;
    const input = readInput(text);
    this.#typed = null;
    switch (input.kind) {
      case 'unfinished':
        this.#typed = text;
        break;
      case 'mistake':
        this.#print([`ERROR: ${input.what}`]);
        this.#failed = true;
        break;
      case 'command':
        this.#command(input.command);
        return;
      case 'nothing':
        break;
    }
    this.#next();
  }

  #command(command: ClientCommand): void {
    if (command.kind === 'interrupt') {
      this.#next();
      return;
    }
    this.#client.run(command, (lines) => {
      if (lines.some((line) => ERROR_LINE.test(line))) this.#failed = true;
      // A blank line behind every answer, as the command line prints it.
      this.#print(lines.at(-1) === '' ? lines : [...lines, '']);
      if (command.kind === 'quit') this.#leave();
      // Not from inside the answer: a long pipe would otherwise go ever deeper.
      else setImmediate(() => this.#next());
    });
  }

  #interrupt(): void {
    if (!this.#client.busy) {
      this.#print(['Ctrl-C -- exit!']);
      this.#ended = true;
      this.#queue.length = 0;
      this.#next();
      return;
    }
    this.#client.run({ kind: 'interrupt' }, (lines) => this.#print(lines));
  }

  #leave(): void {
    this.#lines.close();
    // A client that has been told to quit, or that never came back, has nothing left to say.
    if (this.#client.state === 'up') this.#client.run({ kind: 'quit' }, () => {});
    this.#finish(this.#interactive || !this.#failed);
  }

  #prompt(): void {
    if (!this.#interactive) return;
    this.#lines.setPrompt(this.#typed === null ? this.#mainPrompt() : this.#continuation());
    this.#lines.prompt();
  }

  /** `obclient(root@sys)[(none)]> `; the others name no user. */
  #mainPrompt(): string {
    const database = this.#client.database ?? '(none)';
    const { name } = this.#client.dialect;
    if (name === 'obclient') return `obclient(${this.#user.replace(/#.*$/, '')})[${database}]> `;
    return name === 'mariadb' ? `MySQL [${database}]> ` : 'mysql> ';
  }

  #continuation(): string {
    const input = readInput(this.#typed ?? '');
    return `${(input.kind === 'unfinished' ? input.prompt : '->').padStart(6)} `;
  }

  #print(lines: readonly string[]): void {
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
}
