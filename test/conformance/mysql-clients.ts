/**
 * What three real clients are made to do at a MySQL server, as lines: answers, errors, and the events of their sockets. Ids
 * of threads are called by who has them, as they differ from run to run.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import * as mariadb from 'mariadb';
import * as mysql2 from 'mysql2/promise';

const LOOPBACK = '127.0.0.1';
const DATABASE = 'shop';
/** 100 rows of 1 MiB. */
const LARGE = "SELECT REPEAT('x', 1048576) AS c FROM seq_1_to_100";
const FILE = '1,apple\n2,pear\n3,plum\n';
const LOAD = "LOAD DATA LOCAL INFILE 'fruit.csv' INTO TABLE fruit FIELDS TERMINATED BY ','";

export interface Client {
  readonly name: string;
  /** Of what it says: without these a run has shown nothing. */
  readonly proofs: readonly string[];
  run(port: number): Promise<string[]>;
}

interface Failure {
  readonly code?: string | number | null;
  readonly errno?: number;
  readonly sqlState?: string | null;
  readonly message?: string;
}

/** An error as a program sees it, but for what it says of the connection's own number. */
function failure(error: unknown): string {
  const { code, errno, sqlState, message } = error as Failure;
  return `ERROR ${code} ${errno} ${sqlState} ${message?.replaceAll(/\b(conn:|connection |id: )\d+/gi, '$1#')}`;
}

async function attempt(lines: string[], what: string, task: () => Promise<unknown>): Promise<void> {
  lines.push(await outcome(what, task));
}

async function outcome(what: string, task: () => Promise<unknown>): Promise<string> {
  try {
    return `${what}: ${JSON.stringify(await task(), (_, value) => (typeof value === 'bigint' ? String(value) : value))}`;
  } catch (error) {
    return `${what}: ${failure(error)}`;
  }
}

// --- mysql2 ------------------------------------------------------------------------------------------------------------

class Mysql2 implements Client {
  readonly name = 'mysql2';
  readonly proofs = [
    'wrong password: ERROR ER_ACCESS_DENIED_ERROR 1045',
    'own id: true',
    '"n":42,"s":"é"',
    'large: [100,true]',
    '"n":17000000',
    '{"id":3,"name":"plum"}',
    '"u":"native@%","d":"shop"',
    'a statement is killed: ERROR ER_QUERY_INTERRUPTED 1317',
    'kill itself: ERROR undefined 1927',
    'socket: error ECONNRESET',
  ];

  async run(port: number): Promise<string[]> {
    const lines: string[] = [];
    await attempt(lines, 'wrong password', () => this.#open(port, { user: 'native', password: 'wrong' }));
    await attempt(lines, 'unknown user', () => this.#open(port, { user: 'nobody' }));
    await attempt(lines, 'unknown database', () => this.#open(port, { database: 'nowhere' }));
    const one = await this.#open(port, {});
    lines.push(`own id: ${(await this.#rows(one, 'SELECT CONNECTION_ID() AS id'))[0]?.id === one.threadId}`);
    await attempt(lines, 'DDL', () =>
      one.query('CREATE OR REPLACE TABLE fruit (id INT PRIMARY KEY, name VARCHAR(20))'),
    );
    await attempt(lines, 'DML', () => one.query("INSERT INTO fruit VALUES (7, 'fig'), (8, 'kiwi')"));
    await attempt(lines, 'duplicate', () => one.query("INSERT INTO fruit VALUES (7, 'fig')"));
    await attempt(lines, 'several', () => one.query('SELECT 1 AS a; DO 1; SELECT * FROM fruit; SELECT nonsense'));
    await attempt(lines, 'prepared', async () => (await one.execute('SELECT ? + 1 AS n, ? AS s', [41, 'é']))[0]);
    await attempt(lines, 'prepared again', async () => (await one.execute('SELECT ? + 1 AS n, ? AS s', [1, null]))[0]);
    await attempt(lines, 'prepared wrong', () => one.execute('SELECT ? FROM nowhere', [1]));
    await attempt(lines, 'large', async () => {
      const rows = await this.#rows(one, LARGE);
      return [rows.length, rows.every(({ c }) => String(c).length === 1_048_576)];
    });
    await attempt(
      lines,
      'large in',
      async () => (await one.query('SELECT LENGTH(?) AS n', ['y'.repeat(17_000_000)]))[0],
    );
    await attempt(lines, 'file', () =>
      one.query({
        sql: LOAD,
        infileStreamFactory: () => Readable.from([Buffer.from(FILE.slice(0, 5)), Buffer.from(FILE.slice(5))]),
      }),
    );
    await attempt(lines, 'file loaded', () => this.#rows(one, 'SELECT * FROM fruit ORDER BY id'));
    await attempt(lines, 'no file', () => one.query("LOAD DATA LOCAL INFILE '/x' INTO TABLE nowhere"));
    await attempt(lines, 'change user', () =>
      one.changeUser({ user: 'native', password: 'secret', database: DATABASE }),
    );
    await attempt(lines, 'who', () => this.#rows(one, 'SELECT CURRENT_USER() AS u, DATABASE() AS d'));
    await attempt(lines, 'ping', () => one.ping());
    await this.#kills(port, one, lines);
    await attempt(lines, 'wait_timeout', () => one.query('SET wait_timeout = 1'));
    lines.push(...(await this.#events(one, async () => {})));
    return lines;
  }

  async #kills(port: number, one: mysql2.Connection, lines: string[]): Promise<void> {
    const two = await this.#open(port, {});
    const idle = this.#events(two, async () => {
      await attempt(lines, 'kill an idle session', () => one.query(`KILL ${two.threadId}`));
    });
    lines.push(...(await idle));
    await attempt(lines, 'its next statement', () => two.query('SELECT 1'));
    const three = await this.#open(port, {});
    const sleeping = outcome('a statement is killed', () => three.query('SELECT SLEEP(30)'));
    await this.#running(one, three.threadId);
    await attempt(lines, 'kill its statement', () => one.query(`KILL QUERY ${three.threadId}`));
    lines.push(await sleeping);
    const running = this.#events(three, async () => {
      const lost = outcome('a session is killed', () => three.query('SELECT SLEEP(30)'));
      await this.#running(one, three.threadId);
      await attempt(lines, 'kill a session that runs', () => one.query(`KILL CONNECTION ${three.threadId}`));
      lines.push(await lost);
    });
    lines.push(...(await running));
    await attempt(lines, 'kill nobody', () => one.query('KILL 999999'));
    const four = await this.#open(port, {});
    lines.push(
      ...(await this.#events(four, () => attempt(lines, 'kill itself', () => four.query('KILL CONNECTION_ID()')))),
    );
    const five = await this.#open(port, {});
    lines.push(...(await this.#events(five, () => attempt(lines, 'quit', () => five.end()))));
  }

  /** Resolves once this thread runs a statement. */
  async #running(asker: mysql2.Connection, id: number): Promise<void> {
    const list = 'SELECT INFO AS info FROM information_schema.processlist WHERE ID = ? AND INFO IS NOT NULL';
    for (;;) if (((await asker.query(list, [id]))[0] as unknown[]).length > 0) return;
  }

  async #open(port: number, more: mysql2.ConnectionOptions): Promise<mysql2.Connection> {
    const connection = await mysql2.createConnection({
      host: LOOPBACK,
      port,
      user: 'root',
      database: DATABASE,
      multipleStatements: true,
      ...more,
    });
    connection.on('error', () => {});
    return connection;
  }

  async #rows(connection: mysql2.Connection, sql: string): Promise<Record<string, unknown>[]> {
    return (await connection.query(sql))[0] as Record<string, unknown>[];
  }

  /** What its socket is told from now on until it is closed. */
  async #events(connection: mysql2.Connection, task: () => Promise<void>): Promise<string[]> {
    const socket = (connection as unknown as { connection: { stream: Socket } }).connection.stream;
    const events: string[] = [];
    const closed = new Promise<void>((resolve) => {
      socket.on('end', () => events.push('socket: end'));
      socket.on('error', (error: NodeJS.ErrnoException) => events.push(`socket: error ${error.code}`));
      socket.on('close', (broken) => {
        events.push(`socket: close ${broken}`);
        resolve();
      });
    });
    await task();
    await closed;
    return events;
  }
}

// --- mariadb connector -------------------------------------------------------------------------------------------------

class Connector implements Client {
  readonly name = 'mariadb connector';
  readonly proofs = [
    'wrong ed25519: ERROR ER_ACCESS_DENIED_ERROR 1045',
    'native: [{"u":"native@%"}]',
    'ed25519: [{"u":"edward@%"}]',
    'own id: true',
    '[{"id":2,"name":"pea"},{"id":3,"name":null}]',
    '[[{"name":"hazel"}],[{"name":"pea"}],[]]',
    '"n":5',
    'large: [100,true]',
    'who: [{"u":"native@%","d":"shop"}]',
  ];

  async run(port: number): Promise<string[]> {
    const lines: string[] = [];
    await attempt(lines, 'wrong password', () => this.#open(port, { user: 'native', password: 'wrong' }));
    await attempt(lines, 'wrong ed25519', () => this.#open(port, { user: 'edward', password: 'wrong' }));
    const native = await this.#open(port, { user: 'native', password: 'secret' });
    await attempt(lines, 'native', () => native.query('SELECT CURRENT_USER() AS u'));
    await native.end();
    const one = await this.#open(port, { user: 'edward', password: 'secret', permitLocalInfile: true });
    await attempt(lines, 'ed25519', () => one.query('SELECT CURRENT_USER() AS u'));
    await attempt(
      lines,
      'own id',
      async () => Number((await one.query('SELECT CONNECTION_ID() AS id'))[0].id) === one.threadId,
    );
    await attempt(lines, 'DDL', () => one.query('CREATE OR REPLACE TABLE nut (id INT PRIMARY KEY, name VARCHAR(20))'));
    await attempt(lines, 'batch', () =>
      one.batch('INSERT INTO nut VALUES (?, ?)', [
        [1, 'hazel'],
        [2, 'pea'],
        [3, null],
      ]),
    );
    await attempt(lines, 'duplicates', () =>
      one.batch('INSERT INTO nut VALUES (?, ?)', [
        [4, 'wal'],
        [1, 'ha'],
      ]),
    );
    await attempt(lines, 'prepared', () => one.execute('SELECT * FROM nut WHERE id > ? ORDER BY id', [1]));
    // The second time the server leaves the definitions out, if that was agreed.
    await attempt(lines, 'prepared again', () => one.execute('SELECT * FROM nut WHERE id > ? ORDER BY id', [2]));
    await attempt(lines, 'statement kept', async () => {
      const statement = await one.prepare('SELECT name FROM nut WHERE id = ?');
      const rows = [await statement.execute([1]), await statement.execute([2]), await statement.execute([9])];
      statement.close();
      return rows;
    });
    await attempt(lines, 'pipelined', () =>
      Promise.all(
        [1, 2, 3].map((n) => one.query(`SELECT ${n} AS n`)).concat(one.query('SELECT nonsense').catch(failure)),
      ),
    );
    await attempt(lines, 'call', async () => {
      await one.query('CREATE OR REPLACE PROCEDURE p(OUT n INT) BEGIN SELECT 1; SELECT * FROM nut; SET n = 5; END');
      return one.execute('CALL p(?)', [null]);
    });
    await attempt(lines, 'large', async () => {
      const rows: { c: string }[] = await one.query(LARGE);
      return [rows.length, rows.every(({ c }) => c.length === 1_048_576)];
    });
    await attempt(lines, 'reset', () => one.reset());
    await attempt(lines, 'change user', () =>
      one.changeUser({ user: 'native', password: 'secret', database: DATABASE }),
    );
    await attempt(lines, 'who', () => one.query('SELECT CURRENT_USER() AS u, DATABASE() AS d'));
    await attempt(lines, 'change to a wrong password', () => one.changeUser({ user: 'native', password: 'no' }));
    await attempt(lines, 'after that', () => one.query('SELECT CURRENT_USER() AS u'));
    one.destroy();
    return lines;
  }

  async #open(port: number, more: mariadb.ConnectionConfig): Promise<mariadb.Connection> {
    const connection = await mariadb.createConnection({ host: LOOPBACK, port, database: DATABASE, ...more });
    connection.on('error', () => {});
    return connection;
  }
}

// --- The command line --------------------------------------------------------------------------------------------------

class CommandLine implements Client {
  readonly name = 'mariadb command line';
  readonly proofs = [
    "ERROR 1045 (28000): Access denied for user 'native'",
    'edward@%',
    'fruit',
    'ERROR 1054',
    '104857',
  ];

  async run(port: number): Promise<string[]> {
    const as = (user: string, password: string) => [`--user=${user}`, `--password=${password}`];
    const lines: string[] = [];
    lines.push(await this.#batch(port, as('native', 'wrong'), 'SELECT 1'));
    lines.push(await this.#batch(port, as('native', 'secret'), 'SELECT CURRENT_USER()'));
    lines.push(await this.#batch(port, as('edward', 'wrong'), 'SELECT 1'));
    lines.push(await this.#batch(port, as('edward', 'secret'), 'SELECT CURRENT_USER()'));
    const root = ['--user=root'];
    lines.push(
      await this.#batch(
        port,
        root,
        'SHOW DATABASES; SELECT 1; USE shop; SHOW TABLES LIKE "f%"; SELECT nonsense; SELECT 2',
      ),
    );
    lines.push(await this.#batch(port, [...root, '--force'], 'SELECT nonsense; WARNINGS; SELECT 1/0; SHOW WARNINGS;'));
    lines.push(await this.#batch(port, root, "DELIMITER //\nBEGIN NOT ATOMIC SELECT 1; SELECT 'é'; END//"));
    lines.push(
      await this.#batch(
        port,
        [...root, '--local-infile'],
        'USE shop; CREATE OR REPLACE TABLE line (t TEXT); ' +
          "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE line; SELECT COUNT(*) > 0 FROM line; " +
          "LOAD DATA LOCAL INFILE '/no/such/file' INTO TABLE line; SELECT 1",
      ),
    );
    lines.push(await this.#batch(port, root, 'KILL CONNECTION_ID(); SELECT 1'));
    lines.push(String((await this.#batch(port, [...root, '--quick'], `USE shop; ${LARGE}`)).length));
    return lines;
  }

  #batch(port: number, args: readonly string[], input: string): Promise<string> {
    const all = ['--no-defaults', `--host=${LOOPBACK}`, `--port=${port}`, '--skip-ssl', '-vv', ...args];
    return new Promise((resolve) => {
      const child = spawn('mariadb', all, { stdio: ['pipe', 'pipe', 'pipe'] });
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        out += chunk;
      });
      child.on('close', (code) => resolve(`${out.replaceAll(/ \(\d+\.\d+ sec\)/g, '')}exit ${code}`));
      child.stdin.end(input);
    });
  }
}

export const CLIENTS: readonly Client[] = [new Mysql2(), new Connector(), new CommandLine()];

/** Users and database that the clients need, made by root. */
export async function prepareServer(port: number): Promise<void> {
  const root = await mysql2.createConnection({ host: LOOPBACK, port, user: 'root', multipleStatements: true });
  await root.query(
    `INSTALL SONAME 'auth_ed25519'; CREATE DATABASE ${DATABASE}; SET GLOBAL max_allowed_packet = 67108864;
     CREATE USER native IDENTIFIED VIA mysql_native_password USING PASSWORD('secret');
     CREATE USER edward IDENTIFIED VIA ed25519 USING PASSWORD('secret');
     GRANT ALL ON *.* TO native; GRANT ALL ON *.* TO edward; DROP USER IF EXISTS ''@'localhost', ''@'${LOOPBACK}'`,
  );
  await root.end();
}
