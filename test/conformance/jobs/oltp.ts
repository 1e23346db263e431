/**
 * sysbench's own work, `oltp_read_write`: its tables are made, its transactions run – so many, by one thread, drawn from one
 * seed – and its tables go. What is seen are its counts.
 */
import { execFile } from 'node:child_process';
import { type Stage, USER } from './jobs.ts';
import { sysbenchLogin } from './program-callers.ts';

/** `disable` sends texts, `auto` prepares by the protocol. */
export const PS_MODES = ['disable', 'auto'] as const;
export type PsMode = (typeof PS_MODES)[number];

export const EVENTS = 100;
const SIZE = ['--tables=2', '--table-size=1000', '--rand-seed=7', '--threads=1', '--time=0', `--events=${EVENTS}`];
const TIMEOUT = 30_000;

/** The counts by their names, and how many statements the server was asked to prepare. */
export async function oltp({ lab, way }: Stage, mode: PsMode): Promise<Record<string, number>> {
  const login = sysbenchLogin({ port: lab.ports[way], ...USER });
  const words = ['oltp_read_write', ...login, `--db-ps-mode=${mode}`, ...SIZE];
  const [asked] = [await prepared(lab)];
  await sysbench([...words, 'prepare']);
  const said = await sysbench([...words, 'run']);
  const statements = (await prepared(lab)) - asked;
  await sysbench([...words, 'cleanup']);
  const counts = [...said.matchAll(/^ +([a-z ]+): +(\d+)(?: |$)/gm)].map(([, name, count]) => [name, Number(count)]);
  return { ...Object.fromEntries(counts), prepared: statements };
}

async function prepared(lab: Stage['lab']): Promise<number> {
  const [rows] = await lab.server.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'");
  return Number((rows as { Value: string }[])[0]!.Value);
}

function sysbench(words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sysbench', words, { timeout: TIMEOUT }, (error, out, err) => {
      if (error !== null || err !== '') reject(new Error(`sysbench ${words.join(' ')}: ${out}${err}`));
      else resolve(out);
    });
  });
}
