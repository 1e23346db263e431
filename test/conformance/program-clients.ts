/**
 * The drivers of other languages behind the face of `driver-clients.ts`: PyMySQL, PHP's mysqli and PDO, Perl's DBD::mysql,
 * Ruby's mysql2 and MariaDB's Connector/J, each a program of `clients/` that one process runs for all tests of a file.
 *
 * They are synchronous, so none of them notices anything before it is asked for something.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClientProgram, type ProgramAnswer } from './client-program.ts';
import type { Answer, DriverClient, Login } from './driver-clients.ts';
import { CONNECTOR_J } from './skip.ts';

/** As the sheet calls them (clients.md §0). */
export const PROGRAM_NAMES = [
  'PyMySQL',
  'mysqli',
  'PDO',
  'DBD::mysql ar=0',
  'DBD::mysql ar=1',
  'ruby',
  'ruby rc',
  'C/J',
  'C/J aR',
] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

interface Kind {
  /** What must be on the machine, see `skip.ts`. */
  readonly needs: readonly string[];
  /** Reconnects by itself, where its driver can be told to. */
  readonly variant: '0' | '1';
  command(programs: Programs): readonly string[];
}

/** What PHP has to say about a lost connection is nothing that its caller catches; it must not stand among the answers. */
const PHP = ['php', '-d', 'display_errors=stderr'];

function kind(needs: readonly string[], command: Kind['command'], variant: '0' | '1' = '0'): Kind {
  return { needs, variant, command };
}

function source(file: string): string {
  return fileURLToPath(new URL(`./clients/${file}`, import.meta.url));
}

const KINDS: Readonly<Record<ProgramName, Kind>> = {
  PyMySQL: kind(['python3-pymysql'], () => ['/usr/bin/python3', source('client.py')]),
  mysqli: kind(['php-mysql'], () => [...PHP, '-d', 'mysqli.allow_local_infile=1', source('mysqli.php')]),
  PDO: kind(['php-mysql'], () => [...PHP, source('pdo.php')]),
  'DBD::mysql ar=0': kind(['libdbd-mysql-perl'], () => ['perl', source('client.pl')]),
  'DBD::mysql ar=1': kind(['libdbd-mysql-perl'], () => ['perl', source('client.pl')], '1'),
  ruby: kind(['ruby-mysql2'], () => ['ruby', source('client.rb')]),
  'ruby rc': kind(['ruby-mysql2'], () => ['ruby', source('client.rb')], '1'),
  'C/J': kind(['javac', 'java', 'libmariadb-java'], (programs) => programs.java()),
  'C/J aR': kind(['javac', 'java', 'libmariadb-java'], (programs) => programs.java(), '1'),
};

/** What a client needs on the machine. */
export function needsOf(name: ProgramName): readonly string[] {
  return KINDS[name].needs;
}

export function isProgram(name: string): name is ProgramName {
  return Object.hasOwn(KINDS, name);
}

/** The processes, each started when it is first needed. */
export class Programs {
  readonly #running = new Map<ProgramName, ClientProgram>();
  #classes: string | null = null;
  #connections = 0;

  /** Waits until no other test uses the same program. Rejects as `LoginRefused` if it may not log in. */
  async open(name: ProgramName, login: Login): Promise<DriverClient> {
    const program = this.program(name);
    const done = await program.turn();
    this.#connections += 1;
    const client = new ProgramClient(name, program, String(this.#connections), done);
    try {
      await client.connect(login);
      return client;
    } catch (error) {
      done();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    this.#running.clear();
    try {
      await Promise.all(running.map((it) => it.stop()));
    } finally {
      if (this.#classes !== null) rmSync(this.#classes, { recursive: true, force: true });
      this.#classes = null;
    }
  }

  /** Compiled once, into a folder that is gone afterwards. */
  java(): readonly string[] {
    if (this.#classes === null) {
      this.#classes = mkdtempSync(join(tmpdir(), 'odplab-java-'));
      const args = ['-d', this.#classes, '-cp', CONNECTOR_J, source('Client.java')];
      const { status, stderr } = spawnSync('javac', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`javac: ${stderr}`);
    }
    // It lives for seconds: the small collector and the first compiler start soonest.
    return ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${this.#classes}:${CONNECTOR_J}`, 'Client'];
  }

  /** Its process. */
  program(name: ProgramName): ClientProgram {
    const running = this.#running.get(name) ?? new ClientProgram(KINDS[name].command(this));
    this.#running.set(name, running);
    return running;
  }
}

/** What a program answered to `connect`, if that was an error. */
export class LoginRefused extends Error {
  readonly answer: ProgramAnswer;

  constructor(answer: ProgramAnswer) {
    super(answer.error?.message ?? '');
    this.answer = answer;
  }
}

class ProgramClient implements DriverClient {
  readonly name: ProgramName;
  readonly ended = null;
  readonly told: readonly unknown[] = [];
  readonly opensAhead = 0;
  readonly idle = 0;
  session = 0;
  readonly #program: ClientProgram;
  readonly #key: string;
  readonly #done: () => void;
  #following: readonly string[] = [];
  /** Handed in with a statement before. */
  readonly #ahead: { readonly sql: string; readonly answer: Promise<Answer> }[] = [];

  constructor(name: ProgramName, program: ClientProgram, key: string, done: () => void) {
    this.name = name;
    this.#program = program;
    this.#key = key;
    this.#done = done;
  }

  async connect({ host, port, user, password, database }: Login): Promise<void> {
    const words = [KINDS[this.name].variant, host, String(port), user, password ?? '', database ?? ''];
    const answer = await this.#ask('connect', ...words);
    if (answer.error !== undefined) throw new LoginRefused(answer);
    // PDO does not show which session it has; it never gets another.
    this.session = answer.session ?? (await this.#askSession());
  }

  query(sql: string): Promise<Answer> {
    const next = this.#ahead.shift();
    if (next !== undefined) {
      if (next.sql !== sql) throw new Error(`${next.sql} was to follow, not ${sql}`);
      return next.answer;
    }
    const statements = [sql, ...this.#following];
    this.#following = [];
    const answers = this.#program.ask(statements.map((it) => ['query', this.#key, it]));
    for (const [index, it] of statements.entries()) {
      this.#ahead.push({ sql: it, answer: this.#answer(it, answers[index]!) });
    }
    return this.#ahead.shift()!.answer;
  }

  follow(statements: readonly string[]): void {
    this.#following = statements;
  }

  async close(): Promise<void> {
    try {
      // What is still asked must be over before somebody else has the turn.
      await Promise.allSettled(this.#ahead.map(({ answer }) => answer));
      await this.#ask('close');
    } finally {
      this.#done();
    }
  }

  async #answer(sql: string, answered: Promise<ProgramAnswer>): Promise<Answer> {
    const { session, rows, error } = await answered;
    // An error is of the session that had the statement, also if the driver has opened another by now.
    const before = this.session;
    this.session = session ?? before;
    if (error !== undefined) return { kind: 'error', session: before, sql, error };
    return { kind: 'rows', session: this.session, sql, rows };
  }

  #ask(verb: string, ...words: string[]): Promise<ProgramAnswer> {
    return this.#program.ask([[verb, this.#key, ...words]])[0]!;
  }

  async #askSession(): Promise<number> {
    const { rows } = await this.#ask('query', "SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'");
    const id = rows?.[0]?.[1];
    if (id === undefined || id === null) throw new Error(`${this.name}: no cs_id`);
    return Number(id);
  }
}
