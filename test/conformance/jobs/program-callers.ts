/**
 * The drivers of other languages, and sysbench, as callers: programs of `../clients/` behind the line protocol of
 * `../client-program.ts`.
 */
import { fileURLToPath } from 'node:url';
import { ClientProgram, type ProgramAnswer } from '../client-program.ts';
import type { ProgramName, Programs } from '../program-clients.ts';
import { type Caller, type JobLogin, nameless, Refused, type Variant } from './caller.ts';

const LOOPBACK = '127.0.0.1';
const WORDS: Readonly<Record<Variant, string>> = { plain: '0', reconnecting: '1', files: 'files' };

/** What a driver of its language has. */
export interface Calls {
  readonly execute: boolean;
  readonly changeUser: boolean;
}

let connections = 0;

export async function openProgram(
  programs: Programs,
  name: ProgramName,
  calls: Calls,
  login: JobLogin,
  variant: Variant,
): Promise<Caller> {
  const program = programs.program(name);
  const done = await program.turn();
  try {
    return await ProgramCaller.open(program, calls, WORDS[variant], login, async () => done());
  } catch (error) {
    done();
    throw error;
  }
}

/** A process for each, since a script is told on the command line where to log in. */
export async function openSysbench(login: JobLogin): Promise<Caller> {
  const program = new ClientProgram([...SYSBENCH, ...sysbenchLogin(login), SCRIPT, 'run']);
  try {
    return await ProgramCaller.open(program, { execute: true, changeUser: false }, '', login, () => program.stop());
  } catch (error) {
    await program.stop();
    if (!(error instanceof Refused)) throw error;
    // A script is told only that there is no connection; its user reads why.
    throw new Refused(nameless(`${program.complaints}${error.message}`));
  }
}

const SYSBENCH: readonly string[] = ['sh', '-c', 'exec sysbench --verbosity=1 "$@" 3>&1 1>&2', 'sh'];
const SCRIPT = fileURLToPath(new URL('../clients/sysbench.lua', import.meta.url));

export function sysbenchLogin({ port, user, password, database }: JobLogin): string[] {
  const options = { host: LOOPBACK, port, user, password, db: database };
  return ['--db-driver=mysql', ...Object.entries(options).map(([name, value]) => `--mysql-${name}=${value}`)];
}

class ProgramCaller implements Caller {
  session: number | null = null;
  readonly execute: Caller['execute'];
  readonly changeUser: Caller['changeUser'];
  readonly #program: ClientProgram;
  readonly #key: string;
  readonly #done: () => Promise<void>;
  #closed = false;

  private constructor(program: ClientProgram, calls: Calls, done: () => Promise<void>) {
    this.#program = program;
    this.#done = done;
    connections += 1;
    this.#key = String(connections);
    this.execute = calls.execute
      ? (sql, values) => this.#seen('execute', sql, ...values.map((it) => it ?? '\\N'))
      : null;
    this.changeUser = calls.changeUser ? (...words) => this.#seen('change', ...words) : null;
  }

  static async open(
    program: ClientProgram,
    calls: Calls,
    variant: string,
    { port, user, password, database }: JobLogin,
    done: () => Promise<void>,
  ): Promise<Caller> {
    const caller = new ProgramCaller(program, calls, done);
    const answer = await caller.#ask('connect', variant, LOOPBACK, String(port), user, password, database);
    if (answer.error !== undefined) throw new Refused(seen(answer));
    caller.session = answer.session;
    return caller;
  }

  query(sql: string): Promise<string> {
    return this.#seen('query', sql);
  }

  large(sql: string): Promise<string> {
    return this.#seen('large', sql);
  }

  async has(call: string): Promise<boolean> {
    const { rows } = await this.#ask('has', call);
    const [[answer]] = rows as [[string]];
    return answer === 'yes';
  }

  async noticed(): Promise<readonly string[]> {
    return [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#ask('close');
    } finally {
      await this.#done();
    }
  }

  async #seen(verb: string, ...words: string[]): Promise<string> {
    return seen(await this.#ask(verb, ...words));
  }

  #ask(verb: string, ...words: string[]): Promise<ProgramAnswer> {
    return this.#program.ask([[verb, this.#key, ...words]])[0]!;
  }
}

function seen({ session, ...answer }: ProgramAnswer): string {
  return nameless(JSON.stringify(answer));
}
