/**
 * `mariadb-dump`: its jobs, as those of `jobs.ts`, and its own work, to take a database out that the `mariadb` command line
 * puts back. What is seen is what it prints; only the last line, which tells the time, is left out.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { JobLogin } from './caller.ts';
import { commandLineLogin } from './cli-caller.ts';
import { type Job, LARGE, LENGTH, ROWS, type Stage, USER } from './jobs.ts';
import type { Lab } from './lab.ts';
import type { JobName } from './table.ts';

const DUMP = 'mariadb-dump';
const ALL = ['--routines', '--triggers', '--events', '--hex-blob', '--single-transaction'];
/** Its rows are read for that long; as part of its SELECT. */
export const SLEEPS = 'SLEEP(30)';

interface Printed {
  readonly text: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The text is the first of it, where it is large. */
const KEPT = 200_000;

function run(program: string, args: readonly string[], input = ''): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    const digest = createHash('sha256');
    let [text, complaints, bytes] = ['', '', 0];
    child.stdout.on('data', (chunk: Buffer) => {
      digest.update(chunk);
      bytes += chunk.length;
      if (text.length < KEPT) text += chunk.toString('latin1');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaints += chunk;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input, 'latin1');
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({
        text: `${text.replace(/^-- Dump completed on .*$/m, '')}${complaints}exit ${code}`,
        bytes,
        sha256: digest.digest('hex'),
      });
    });
  });
}

function login({ lab, way }: Stage, other: Partial<JobLogin> = {}): { args: string[]; database: string } {
  const to = { port: lab.ports[way], ...USER, ...other };
  return { args: commandLineLogin(to), database: to.database };
}

export async function dump(stage: Stage, other: Partial<JobLogin>, ...options: string[]): Promise<string> {
  const { args, database } = login(stage, other);
  return (await run(DUMP, [...args, ...options, database])).text;
}

/** Whether it has an option of this name. */
export async function hasOption(name: string): Promise<boolean> {
  const { text } = await run(DUMP, ['--help']);
  return text.split('\n').some((line) =>
    line
      .trim()
      .split(/[\s=[]/)
      .includes(name),
  );
}

const TABLES = `
CREATE TABLE odd (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'it''s', d DECIMAL(10,2),
  at DATETIME(3), ts TIMESTAMP NULL, b BLOB, e ENUM('a','b'), KEY n (name)) COMMENT='odd one';
INSERT INTO odd (name, d, at, ts, b, e) VALUES ('a\\\\'b\\\\n', 1.5, '2024-01-01 10:11:12.123', '2024-01-01 10:11:12', x'00ff27', 'a'),
  ('Nuß é', NULL, NULL, NULL, NULL, NULL);
INSERT INTO odd (name, b) SELECT CONCAT('row ', seq), REPEAT(CHAR(seq), 300) FROM seq_1_to_100;
CREATE TABLE empty (id INT); CREATE TABLE log (what TEXT);
CREATE VIEW named AS SELECT id, name FROM odd WHERE name IS NOT NULL;
CREATE TRIGGER noted AFTER DELETE ON odd FOR EACH ROW INSERT INTO log VALUES (OLD.name);
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
CREATE PROCEDURE both_of(OUT n INT) SELECT COUNT(*) INTO n FROM odd;
CREATE EVENT never ON SCHEDULE EVERY 1 DAY STARTS '2038-01-01' DO DELETE FROM log;`.replaceAll('\\\\', '\\');

/** What must be in the dump of these. */
export const DUMPED: readonly string[] = [
  'TRIGGER noted',
  'VIEW `named`',
  'FUNCTION `twice`',
  'PROCEDURE `both_of`',
  'EVENT `never`',
  'odd one',
  '0x00FF27',
];

/** The dump of a database, and of the one that is made of it: the same; the dump. */
export async function dumpedAndLoaded(stage: Stage): Promise<readonly [first: string, again: string]> {
  const { args, database } = login(stage);
  const { server } = stage.lab;
  await server.query(`DROP DATABASE IF EXISTS again; CREATE DATABASE again; USE job; ${TABLES}`);
  const taken = await run(DUMP, [...args, ...ALL, '--skip-dump-date', database]);
  const loaded = await run('mariadb', [...args, 'again'], taken.text.replace(/exit 0$/, ''));
  if (loaded.text !== 'exit 0') throw new Error(loaded.text);
  const again = await dump(stage, { database: 'again' }, ...ALL, '--skip-dump-date');
  return [taken.text, again.replaceAll('again', 'job')];
}

/** A statement that kills: what the dump then says. */
export async function killedDump(stage: Stage, kill: (id: number) => Promise<unknown>): Promise<string> {
  const answer = dump(stage, { database: 'shop' }, '--compact', `--where=${SLEEPS}`);
  await kill(await stage.lab.running(USER.user, SLEEPS));
  return answer;
}

/** What the jobs read, in the database `shop`. */
export async function prepareDump(lab: Lab): Promise<void> {
  await lab.server.query(`CREATE TABLE shop.large ENGINE=Aria ${LARGE}`);
}

/** What is printed of the table. */
const LARGE_BYTES =
  `/*M!999999\\- enable the sandbox mode */ \n`.length + ROWS * (LENGTH + "INSERT INTO `large` VALUES ('');\n".length);

async function large(stage: Stage): Promise<string[]> {
  const { args } = login(stage);
  const options = ['--compact', '--no-create-info', '--skip-extended-insert', 'shop', 'large'];
  const { bytes, sha256 } = await run(DUMP, [...args, ...options]);
  return [`${bytes} bytes, ${sha256}`];
}

async function killed(stage: Stage): Promise<string[]> {
  const { server } = stage.lab;
  return [
    await killedDump(stage, (id) => server.query(`KILL QUERY ${id}`)),
    await killedDump(stage, (id) => server.query(`KILL CONNECTION ${id}`)),
  ];
}

export const DUMP_JOBS: Readonly<Partial<Record<JobName, Job>>> = {
  'log in': {
    run: async (stage) => [
      await dump(stage, { password: 'wrong' }),
      await dump(stage, { database: 'nowhere' }),
      await dump(stage, {}),
    ],
    proofs: [/1045/, /1049/, /Database: job/],
  },
  '100 MB result': {
    run: large,
    proofs: [new RegExp(`^${LARGE_BYTES} bytes`, 'm')],
  },
  kill: { run: killed, proofs: [/1317/, /1927|2013/] },
};
