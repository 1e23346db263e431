/**
 * The jobs, each as a list of what the caller of a client sees, line by line. What goes before the first line and behind
 * the last is the server's, in a database that is empty when a job begins.
 *
 * A job must never know its client, nor the way that its client goes.
 */
import { createHash } from 'node:crypto';
import type { Caller, JobLogin, Variant } from './caller.ts';
import type { Lab, Way } from './lab.ts';
import type { JobName } from './table.ts';

export interface Stage {
  readonly lab: Lab;
  readonly way: Way;
  /** A file of 100,000 lines for LOAD DATA. */
  readonly file: string;
  /** Whether the client has the variant `reconnecting`. */
  readonly reconnects: boolean;
  /** Whether the client lives on if a statement cannot be prepared. */
  readonly survivesWrong: boolean;
  /** As the usual user, but for what is given. Rejects as `Refused`. */
  open(other?: Partial<JobLogin>, variant?: Variant): Promise<Caller>;
}

export interface Job {
  run(stage: Stage): Promise<string[]>;
  /** Each is in what a client sees, however it prints it; without these a run has shown nothing. */
  readonly proofs: readonly RegExp[];
}

export const USER = { user: 'native', password: 'secret', database: 'job' };
export const OTHER = { user: 'other', password: 'word', database: 'shop' };

const FRUIT = 'CREATE TABLE fruit (id INT, name VARCHAR(20)) ENGINE=Aria';
export const LINES = 100_000;
const LINES_SEEN = 'SELECT COUNT(*), SUM(CRC32(CONCAT(id, name))) FROM fruit';

export const ROWS = 100;
/** Of one of them. */
export const LENGTH = 1_048_576;
export const LARGE = `SELECT REPEAT(CHAR(97 + seq % 26 USING utf8mb4), ${LENGTH}) AS c FROM seq_1_to_${ROWS}`;
/** What `large` of a caller says of it: how many rows, and the SHA-256 of all; or how many were right, and their length. */
const DIGEST = createHash('sha256');
for (let row = 1; row <= ROWS; row += 1) DIGEST.update(Buffer.alloc(LENGTH, 97 + (row % 26)));
export const LARGE_SEEN: readonly unknown[] = [
  { rows: [[String(ROWS), DIGEST.digest('hex')]] },
  { rows: [[String(ROWS), String(ROWS * LENGTH)]] },
];

const NUT =
  `CREATE TABLE nut (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, price DECIMAL(8,2), at DATETIME(3),
  UNIQUE (name)) COMMENT='it''s one'`.replaceAll(/\s+/g, ' ');

const DDL: readonly string[] = [
  NUT,
  'CREATE TABLE nut (id INT)',
  "ALTER TABLE nut ADD kind ENUM('a', 'b') DEFAULT 'a', ADD INDEX (price)",
  'CREATE VIEW dear AS SELECT name, price FROM nut WHERE price > 5',
  'CREATE TRIGGER lower BEFORE INSERT ON nut FOR EACH ROW SET NEW.name = LOWER(NEW.name)',
  'CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n',
  'SHOW CREATE TABLE nut',
  'DESCRIBE dear',
  'SHOW TABLES',
  'RENAME TABLE nut TO hazel',
  'SELECT * FROM dear',
  'TRUNCATE TABLE hazel',
  'DROP VIEW dear',
  'DROP TABLE hazel',
  'DROP TABLE hazel',
  'DROP TABLE IF EXISTS hazel',
  'CREATE TABLE wrong (id NONSENSE)',
  'USE nowhere',
  'SELECT DATABASE()',
];

const DML: readonly string[] = [
  NUT,
  "INSERT INTO nut (name, price, at) VALUES ('hazel', 1.5, '2024-02-29 23:59:59.125'), ('pea', NULL, NULL), ('Nuß é', 10, NULL)",
  'SELECT LAST_INSERT_ID()',
  'SELECT * FROM nut ORDER BY id',
  "INSERT INTO nut (name) VALUES ('wal'), ('hazel')",
  "INSERT INTO nut (name) VALUES (REPEAT('x', 30))",
  "INSERT IGNORE INTO nut (name) VALUES ('hazel')",
  'SHOW WARNINGS',
  'UPDATE nut SET price = price + 1',
  'UPDATE nut SET name = name',
  "REPLACE INTO nut (id, name) VALUES (2, 'coco')",
  "SELECT NULL, '', 1e10, 12345678901234567890, DATE'2024-02-29', TIME'-100:00:01', 1 = 1, REPEAT('y', 300)",
  'SELECT name FROM nut WHERE id = 77',
  'COMMIT',
  'BEGIN',
  'DELETE FROM nut WHERE id < 3',
  'SELECT COUNT(*) FROM nut',
  'ROLLBACK',
  'SELECT COUNT(*) FROM nut',
  'SELECT nonsense',
  'SELEC 1',
  "PREPARE s FROM 'SELECT ? + 1'",
  'SET @a = 41',
  'EXECUTE s USING @a',
  'DEALLOCATE PREPARE s',
  'EXECUTE s USING @a',
  "SELECT GET_LOCK('a', 1), RELEASE_LOCK('a')",
  "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'so it is', MYSQL_ERRNO = 4711",
];

type Executed = readonly [sql: string, ...values: (string | null)[]];

const PREPARED: readonly Executed[] = [
  ['SELECT ? + 1 AS n, ? AS s', '41', 'é'],
  ['SELECT ? + 1 AS n, ? AS s', '1', null],
  ['INSERT INTO nut (name, price) VALUES (?, ?)', 'hazel', '1.5'],
  ['INSERT INTO nut (name, price) VALUES (?, ?)', 'hazel', null],
  ['INSERT INTO nut (name, price) VALUES (?, ?)', 'pea', null],
  ['SELECT id, name, price, at FROM nut WHERE id > ? ORDER BY id', '0'],
  ['SELECT id, name, price, at FROM nut WHERE id > ? ORDER BY id', '1'],
  ['UPDATE nut SET price = ? WHERE name = ?', '2.5', 'pea'],
  // More than a packet takes.
  ["SELECT 'all of it' FROM DUAL WHERE LENGTH(?) = 17000000", 'y'.repeat(17_000_000)],
  ['SELECT ? + 1 AS n, ? AS s', '2', 'again'],
];

export const SLEEP = 'SELECT SLEEP(30)';

async function logIn({ open }: Stage): Promise<string[]> {
  const lines = [
    await refusal(open({ password: 'wrong' })),
    await refusal(open({ user: 'nobody' })),
    await refusal(open({ database: 'nowhere' })),
  ];
  const caller = await open();
  lines.push(await caller.query('SELECT CURRENT_USER(), DATABASE()'));
  // PDO and sysbench do not show it.
  if (caller.session !== null) lines.push(await caller.query(`SELECT CONNECTION_ID() = ${caller.session} AS own`));
  await caller.close();
  return lines;
}

async function refusal(login: Promise<Caller>): Promise<string> {
  let caller: Caller;
  try {
    caller = await login;
  } catch (error) {
    return (error as Error).message;
  }
  await caller.close();
  throw new Error('it was let in');
}

async function each(stage: Stage, statements: readonly string[]): Promise<string[]> {
  const caller = await stage.open();
  const lines: string[] = [];
  for (const sql of statements) lines.push(`${sql}: ${await caller.query(sql)}`);
  await caller.close();
  return lines;
}

async function prepared({ open, survivesWrong }: Stage): Promise<string[]> {
  const caller = await open({}, 'files');
  const lines = [await caller.query(NUT)];
  for (const [sql, ...values] of PREPARED) lines.push(`${sql}: ${await caller.execute!(sql, values)}`);
  if (survivesWrong) lines.push(await caller.execute!('SELECT ? FROM nowhere', ['1']), await caller.query('DO 1'));
  // The server has been asked to.
  lines.push(await caller.query("SHOW SESSION STATUS LIKE 'Com_stmt_%'"));
  await caller.close();
  return lines;
}

async function large({ open }: Stage): Promise<string[]> {
  const caller = await open();
  const lines = [await caller.large!(LARGE), await caller.query("SELECT 'still there'")];
  await caller.close();
  return lines;
}

async function load({ open, file }: Stage): Promise<string[]> {
  const caller = await open({}, 'files');
  const lines = [await caller.query(FRUIT)];
  for (const from of [file, '/no/such/file']) {
    lines.push(await caller.query(`LOAD DATA LOCAL INFILE '${from}' INTO TABLE fruit FIELDS TERMINATED BY ','`));
    lines.push(await caller.query(LINES_SEEN));
  }
  lines.push(await caller.query(`LOAD DATA LOCAL INFILE '${file}' INTO TABLE nowhere`));
  lines.push(await caller.query("SELECT 'still there'"));
  await caller.close();
  return lines;
}

async function changeUser({ open }: Stage): Promise<string[]> {
  const who = 'SELECT CURRENT_USER(), DATABASE(), @a';
  const caller = await open();
  const lines = [await caller.query('SET @a = 5'), await caller.query(who)];
  lines.push(await caller.changeUser!(OTHER.user, OTHER.password, OTHER.database), await caller.query(who));
  lines.push(await caller.changeUser!(USER.user, USER.password, USER.database), await caller.query(who));
  lines.push(await caller.changeUser!(OTHER.user, 'wrong', OTHER.database), await caller.query(who));
  await caller.close();
  return lines;
}

/** The session of a client is ended by another's KILL, in each state, and by its own. */
async function kill(stage: Stage): Promise<string[]> {
  const lines: string[] = [];
  const variants: Variant[] = stage.reconnects ? ['plain', 'reconnecting'] : ['plain'];
  for (const variant of variants) {
    for (const [how, killed] of Object.entries(KILLED)) {
      const caller = await stage.open({}, variant);
      const [id] = await stage.lab.sessions(USER.user);
      const seen = [...(await killed(stage, caller, id!))];
      lines.push(`${variant}, ${how}:`, ...seen.map((line) => line.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), '#')));
      await caller.close();
    }
  }
  return lines;
}

/** Who sends the statement again on a new session is killed again; the ids. */
async function killedUntilAnswered(lab: Lab, answer: Promise<string>): Promise<number[]> {
  const killed: number[] = [];
  let answered = false;
  const over = answer.then(() => {
    answered = true;
  });
  killed.push(await lab.running(USER.user, SLEEP));
  await lab.server.query(`KILL CONNECTION ${killed[0]}`);
  while (!answered) {
    const again = (await lab.sessions(USER.user, SLEEP)).find((id) => !killed.includes(id));
    if (again === undefined) continue;
    killed.push(again);
    await lab.server.query(`KILL CONNECTION ${again}`);
  }
  await over;
  return killed;
}

/** `id` is the server's of the caller's session. */
type Killed = (stage: Stage, caller: Caller, id: number) => Promise<string[]>;

const KILLED: Readonly<Record<string, Killed>> = {
  async 'its statement'({ lab }, caller, id) {
    const statement = caller.query(SLEEP);
    await lab.running(USER.user, SLEEP);
    await lab.server.query(`KILL QUERY ${id}`);
    return [await statement, ...(await three(caller, id))];
  },
  async 'while it runs'({ lab, way }, caller, id) {
    const lost = caller.query(SLEEP);
    const killed = await killedUntilAnswered(lab, lost);
    await lab.gone(way, USER.user, killed.at(-1)!);
    return [await lost, ...(await caller.noticed()), ...(await three(caller, id))];
  },
  async 'while it is idle'({ lab, way }, caller, id) {
    await lab.server.query(`KILL ${id}`);
    await lab.gone(way, USER.user, id);
    return [...(await caller.noticed()), ...(await three(caller, id))];
  },
  async itself({ lab, way }, caller, id) {
    const lines = [await caller.query(`KILL QUERY ${id}`), await caller.query(`KILL CONNECTION ${id}`)];
    await lab.gone(way, USER.user, id);
    return [...lines, ...(await caller.noticed()), ...(await three(caller, id))];
  },
};

/** Whether it is the same session still. */
async function three(caller: Caller, id: number): Promise<string[]> {
  const lines: string[] = [];
  for (let asked = 0; asked < 3; asked += 1) lines.push(await caller.query(`SELECT CONNECTION_ID() = ${id} AS same`));
  return lines;
}

export const JOBS: Readonly<Record<JobName, Job>> = {
  'log in': { run: logIn, proofs: [/1045/, /1049/, /native@%/] },
  DDL: { run: (stage) => each(stage, DDL), proofs: [/1050/, /1051/, /4161|1064/, /it''s one/, /1049/] },
  DML: { run: (stage) => each(stage, DML), proofs: [/1062/, /1406/, /1054/, /2024/, /4711/, /-100/] },
  prepared: {
    run: prepared,
    proofs: [/1062/, /17000000: .*(?:all of it|"1")/, /Com_stmt_prepare\W+(?:Value\W+)?[1-9]/],
  },
  '100 MB result': { run: large, proofs: [new RegExp(`"${ROWS}"`), /still there/] },
  'LOAD DATA LOCAL': { run: load, proofs: [new RegExp(`\\b${LINES}\\b`), /\/no\/such\/file/, /1146/, /still there/] },
  'change user': { run: changeUser, proofs: [/native@%/, /other@%/, /1045/] },
  kill: { run: kill, proofs: [/1317/, /Connection was killed/] },
};
