/** The `mariadb` command line at a terminal as a caller, what it prints being what is seen; a large result goes to a file. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { WELCOME } from '../cli-client.ts';
import { Terminal } from '../terminal.ts';
import { type Caller, type JobLogin, nameless, Refused, type Variant } from './caller.ts';

const NEWLINE = 10;

export async function openCommandLine(login: JobLogin, variant: Variant): Promise<Caller> {
  const args = [...commandLineLogin(login), '--no-auto-rehash'];
  if (variant === 'files') args.push('--local-infile');
  if (variant !== 'reconnecting') args.push('--skip-reconnect');
  const terminal = new Terminal('mariadb', [...args, login.database]);
  try {
    await terminal.greeting();
  } catch {
    await terminal.close();
    throw new Refused(nameless(terminal.screen));
  }
  let closed: Promise<void> | null = null;
  return {
    session: Number(WELCOME.exec(terminal.screen)?.[1]),
    query: async (sql) => nameless((await terminal.ask(`${sql};`)).join('\n')),
    execute: null,
    large: (sql) =>
      digest([...commandLineLogin(login), '--quick', '--batch', '--skip-column-names', '-e', sql, login.database]),
    changeUser: null,
    has: async (call) => (await terminal.ask('help')).some((line) => line.startsWith(`${call} `)),
    noticed: async () => [],
    close() {
      closed ??= terminal.close();
      return closed;
    },
  };
}

export function commandLineLogin({ port, user, password }: JobLogin): string[] {
  return [
    '--no-defaults',
    '--host=127.0.0.1',
    `--port=${port}`,
    `--user=${user}`,
    `--password=${password}`,
    '--skip-ssl',
  ];
}

/** Of a row a line. */
function digest(args: readonly string[]): Promise<string> {
  const child = spawn('mariadb', args);
  const bytes = createHash('sha256');
  let count = 0;
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      bytes.update(chunk.subarray(from, at));
      count += 1;
      from = at + 1;
    }
    bytes.update(chunk.subarray(from));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.stringify({ rows: [[String(count), bytes.digest('hex')]] }));
      else resolve(`${complaints}exit ${code}`);
    });
  });
}
