/**
 * Debian's `mariadb` command line before the proxy, at a terminal and in batches, on real sockets and real time.
 *
 * What it must print is clients.md §2 (the transcript, the batch) and its rows of the tables in §3; its texts for 2013
 * and 2006 are its own (§4). `N` in `Connection id:    N` is the greeting's thread id, so it must be the `Id` that
 * SHOW PROXYSESSION prints.
 */
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeClock } from '../../proxy/node/clock.ts';
import { RequestLog } from './request-log.ts';
import { isDeserted, type SimulatedOdp, startOdp } from './simulated-odp.ts';
import { describeWith } from './skip.ts';
import { rowsOf, Terminal } from './terminal.ts';
import { inTime, until } from './until.ts';

const INTERRUPTED = 'ERROR 1317 (70100): Query execution was interrupted';
const LOST = 'ERROR 2013 (HY000): Lost connection to server during query';
const GONE = 'ERROR 2006 (HY000): Server has gone away';
const NO_CONNECTION = 'No connection. Trying to reconnect...';

/** How a user logs in. */
const ROOT = ['--user=root@sys#obdemo'];
const APP = ['--user=app@shop#obdemo'];

/** A KILL of another session takes effect at the next tick; the second of the default would only make us wait. */
const SWEEP = 100;

let odp: SimulatedOdp;
let log: RequestLog;
let terminals: Terminal[];

beforeEach(async () => {
  log = new RequestLog();
  terminals = [];
  odp = await startOdp(new NodeClock(), { items: { kill_sweep_interval: SWEEP }, tap: log });
});

afterEach(async () => {
  for (const terminal of terminals) await terminal.close();
  odp.stop();
  await until(() => isDeserted(odp), 'every session to end');
});

function connection(args: readonly string[]): string[] {
  const { host, port } = odp.address;
  return ['--no-defaults', `--host=${host}`, `--port=${port}`, ...args];
}

/** A command line at a terminal, at its first prompt. */
async function open(...args: string[]): Promise<Terminal> {
  const terminal = started(...args);
  await terminal.greeting();
  return terminal;
}

function started(...args: string[]): Terminal {
  const terminal = new Terminal('mariadb', connection(args));
  terminals.push(terminal);
  return terminal;
}

/** What the SHOW PROXYSESSION of this command line says of itself; it is alone. */
async function ownId(terminal: Terminal): Promise<string> {
  const rows = rowsOf(await terminal.ask('SHOW PROXYSESSION;'));
  expect(rows).toHaveLength(1);
  return rows[0]!.Id!;
}

/** What stands behind `Connection id:`. */
function reconnectedId(lines: readonly string[]): string {
  const line = lines.find((it) => it.startsWith('Connection id:'));
  const id = /^Connection id: {4}(\d+)$/.exec(line ?? '')?.[1];
  if (id === undefined) throw new Error(`no connection id in:\n${lines.join('\n')}`);
  return id;
}

/** The lines of a reconnect, before the statement's own answer. */
function reconnect(id: string, database = '*** NONE ***'): string[] {
  return [GONE, NO_CONNECTION, `Connection id:    ${id}`, `Current database: ${database}`, ''];
}

/** The answer to SELECT 1. */
const ONE = ['+---+', '| 1 |', '+---+', '| 1 |', '+---+', '1 row in set'];

/** Resolves once an observer runs this statement. */
function running(statement: string): Promise<void> {
  return until(
    () =>
      odp.cluster
        .observer(1)
        .listed()
        .some(({ processRow }) => processRow.info === statement),
    `the observer to run ${statement}`,
  );
}

/** Resolves once the proxy has let a session go: its FIN is out. */
function ended(before: number): Promise<void> {
  return until(() => odp.proxy.facts().clientSessions < before, 'a session to end');
}

describeWith(['mariadb', 'script'], 'mariadb at a terminal', () => {
  test("the page's three steps: 1317, 2013, 2006 and a new session", async () => {
    const cli = await open(...ROOT);
    expect(cli.screen).toContain('Your MySQL connection id is 1\n');
    const old = await ownId(cli);
    expect(await cli.ask(`KILL PROXYSESSION ${old};`)).toEqual([INTERRUPTED]);
    expect(await cli.ask('SHOW PROXYSESSION;')).toEqual([LOST]);
    const answer = await cli.ask('SHOW PROXYSESSION;');
    const id = reconnectedId(answer);
    expect(answer.slice(0, 5)).toEqual(reconnect(id));
    const table = answer.slice(5);
    expect(table.at(-1)).toBe('1 row in set');
    expect(rowsOf(table)).toMatchObject([{ Id: id, Cluster: 'obdemo', Tenant: 'sys', User: 'root', db: 'NULL' }]);
    expect(id).not.toBe(old);
    // The new session is an ordinary one; and the statement was all that it sent.
    expect(await ownId(cli)).toBe(id);
    expect(log.connections[1]).toEqual(['login', 'COM_QUERY SHOW PROXYSESSION', 'COM_QUERY SHOW PROXYSESSION']);
  });

  test('the same, all typed on one line', async () => {
    const cli = await open(...ROOT);
    const answer = await cli.ask('KILL PROXYSESSION 1; SELECT 1; SELECT 1; SELECT 1;');
    expect(answer.filter((line) => line !== '')).toEqual([
      INTERRUPTED,
      LOST,
      ...reconnect('2').filter((line) => line !== ''),
      ...ONE,
      ...ONE,
    ]);
  });

  test('with --skip-reconnect it stays at 2006', async () => {
    const cli = await open(...ROOT, '--skip-reconnect');
    expect(await cli.ask('KILL 1;')).toEqual([INTERRUPTED]);
    expect(await cli.ask('SELECT 1;')).toEqual([LOST]);
    expect(await cli.ask('SELECT 1;')).toEqual([GONE]);
    expect(await cli.ask('SELECT 1;')).toEqual([GONE]);
    expect(log.connections).toHaveLength(1);
  });

  test('Ctrl-C while a statement runs: KILL QUERY from a second connection', async () => {
    const cli = await open(...ROOT);
    cli.type('SELECT SLEEP(30);\n');
    await running('SELECT SLEEP(30)');
    cli.interrupt();
    const answer = await cli.answer('the end of SLEEP');
    expect(answer.slice(-2)).toEqual(['Ctrl-C -- query killed.', INTERRUPTED]);
    expect(log.connections[1]).toEqual(['login', 'COM_QUERY KILL QUERY 1', 'COM_QUIT']);
    // Nothing else has happened to the session.
    expect(await ownId(cli)).toBe('1');
  });

  test('an administrator ends an idle session: 2013, then 2006 and a new session', async () => {
    const victim = await open(...APP, 'bank', '--no-auto-rehash');
    const admin = await open(...ROOT);
    expect(await victim.ask('SELECT 1;')).toEqual(ONE);
    expect(await admin.ask('KILL PROXYSESSION 1;')).toEqual(['Query OK, 0 rows affected']);
    await ended(2);
    expect(await victim.ask('SELECT 1;')).toEqual([LOST]);
    expect(await victim.ask('SELECT 1;')).toEqual([...reconnect('3', 'bank'), ...ONE]);
    expect(await ownId(victim)).toBe('3');
    expect(log.connections[2]).toEqual(['login bank', 'COM_QUERY SELECT 1', 'COM_QUERY SHOW PROXYSESSION']);
  });

  test('an administrator ends a session whose statement runs: 2013 at once', async () => {
    const victim = await open(...APP, 'bank', '--no-auto-rehash');
    const admin = await open(...ROOT);
    victim.type('SELECT SLEEP(30);\n');
    await running('SELECT SLEEP(30)');
    expect(await admin.ask('KILL 1;')).toEqual(['Query OK, 0 rows affected']);
    expect(await victim.answer('the end of SLEEP')).toEqual([LOST]);
    expect(await victim.ask('SELECT 1;')).toEqual([...reconnect('3', 'bank'), ...ONE]);
  });

  test('with a database and without -A: names are read for completion, also after a reconnect', async () => {
    const reading = ['login bank', 'COM_QUERY show databases', 'COM_QUERY show tables', 'COM_FIELD_LIST account'];
    const cli = await open(...APP, 'bank');
    expect(cli.screen).toContain('Reading table information for completion of table and column names\n');
    expect(log.connections[0]).toEqual([...reading, 'COM_QUERY select @@version_comment limit 1']);
    // The Tab key: what is missing of a name is filled in from what was read.
    cli.type('SELECT bal\t');
    await cli.shows('SELECT balance');
    cli.type('FROM acc\t');
    await cli.shows('FROM account');
    const answer = await cli.ask(' WHERE id = 1;');
    expect(rowsOf(answer)).toEqual([{ balance: '100' }]);

    expect(await cli.ask('KILL 1;')).toEqual([INTERRUPTED]);
    expect(await cli.ask('SELECT 1;')).toEqual([LOST]);
    expect((await cli.ask('SELECT 1;')).slice(-ONE.length)).toEqual(ONE);
    expect(log.connections[1]).toEqual([...reading, 'COM_QUERY SELECT 1']);
  });

  test('use', async () => {
    const cli = await open(...APP);
    expect(await cli.ask('use bank')).toEqual([
      'Reading table information for completion of table and column names',
      'You can turn off this feature to get a quicker startup with -A',
      '',
      'Database changed',
    ]);
    expect(cli.screen.endsWith('\nMySQL [bank]> ')).toBe(true);
    expect(log.connections[0]!.slice(2)).toEqual([
      'COM_QUERY SELECT DATABASE()',
      'COM_INIT_DB bank',
      'COM_QUERY show databases',
      'COM_QUERY show tables',
      'COM_FIELD_LIST account',
    ]);
    expect(rowsOf(await cli.ask('SELECT DATABASE();'))).toEqual([{ 'DATABASE()': 'bank' }]);
    expect(await cli.ask('use nowhere')).toEqual(["ERROR 1049 (42000): Unknown database 'nowhere'"]);
  });

  test.each(['status', '\\s'])('%s', async (command) => {
    const cli = await open(...ROOT);
    const lines = await cli.ask(command);
    const facts = new Map(lines.map((line) => line.split(/:\t+/, 2) as [string, string | undefined]));
    expect(facts.get('Connection id')).toBe('1');
    expect(facts.get('Current user')).toBe('root@127.0.0.1');
    expect(facts.get('Server version')).toMatch(/^5\.6\.25 OceanBase/);
    expect(facts.get('Client characterset')).toBe('utf8mb4');
    // `Active threads not support`, of which the command line takes the first word for a heading.
    expect(lines.some((line) => line.startsWith('Active\t'))).toBe(true);
    expect(log.connections[0]!.at(-1)).toBe('COM_STATISTICS');
  });

  test("ODP's 5010 is shown as 2027, and the session goes on", async () => {
    const cli = await open(...APP);
    expect(await cli.ask('KILL PROXYSESSION 1;')).toEqual(['ERROR 2027 (HY000): Received malformed packet']);
    expect(await ownId(cli)).toBe('1');
  });

  test.each<[what: string, args: readonly string[], line: string]>([
    [
      'a wrong password',
      ['--user=secret@shop#obdemo', '--password=wrong'],
      "ERROR 1045 (42000): Access denied for user 'secret'@'xxx.xxx.xxx.xxx' (using password: YES)",
    ],
    [
      'no password where there is one',
      ['--user=secret@shop#obdemo'],
      "ERROR 1045 (42000): Access denied for user 'secret'@'xxx.xxx.xxx.xxx' (using password: NO)",
    ],
    [
      'an unknown tenant',
      ['--user=root@nowhere#obdemo'],
      "ERROR 1045 (42000): Access denied for user 'root@nowhere#obdemo'@'127.0.0.1' (using password: NO)",
    ],
    ['an unknown cluster', ['--user=root@sys#nowhere'], 'ERROR 4669 (HY000): cluster not exist'],
    ['an unknown database', [...APP, 'nowhere'], "ERROR 1049 (42000): Unknown database 'nowhere'"],
  ])('%s', async (_what, args, line) => {
    const cli = started(...args, '--no-auto-rehash');
    expect(await cli.exit()).toBe(1);
    expect(cli.screen.trimEnd()).toBe(line);
  });

  test('the right password', async () => {
    const cli = await open('--user=secret@shop#obdemo', '--password=s3cret');
    expect(rowsOf(await cli.ask('SHOW PROXYSESSION;'))).toMatchObject([{ Tenant: 'shop', User: 'secret' }]);
    cli.type('quit\n');
    expect(await cli.exit()).toBe(0);
    expect(cli.screen.endsWith('Bye\n')).toBe(true);
  });
});

interface Batch {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string[];
}

/** Runs a batch to its end. The statements that it echoes between dashes are left out of `errors`. */
async function batch(args: readonly string[], input: string): Promise<Batch> {
  const child = spawn('mariadb', connection([...ROOT, ...args]));
  try {
    let out = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    const code = await inTime(closed, `the batch to end: ${errors}`);
    return { code, out, errors: errors.split('\n').filter((line) => line.startsWith('ERROR')) };
  } finally {
    child.kill('SIGKILL');
  }
}

describeWith(['mariadb'], 'mariadb in batches', () => {
  /** The first client's id is 1. */
  const LINES = ['SELECT 7;', 'KILL PROXYSESSION 1;', 'SELECT 8;', 'SELECT 9;', 'SELECT 10;'];

  test('piped statements stop at the first error: exit code 1', async () => {
    expect(await batch([], LINES.join('\n'))).toEqual({
      code: 1,
      out: '7\n7\n',
      errors: ['ERROR 1317 (70100) at line 2: Query execution was interrupted'],
    });
  });

  test.each([[['--force']], [['--force', '--reconnect']]])(
    'piped statements with %j go on, never reconnect, and the exit code is 0',
    async (args) => {
      expect(await batch(args, LINES.join('\n'))).toEqual({
        code: 0,
        out: '7\n7\n',
        errors: [
          'ERROR 1317 (70100) at line 2: Query execution was interrupted',
          'ERROR 2013 (HY000) at line 3: Lost connection to server during query',
          'ERROR 2006 (HY000) at line 4: Server has gone away',
          'ERROR 2006 (HY000) at line 5: Server has gone away',
        ],
      });
      expect(log.connections).toHaveLength(1);
    },
  );

  test('-e stops at the first error: exit code 1', async () => {
    expect(await batch(['-e', LINES.join(' ')], '')).toEqual({
      code: 1,
      out: '7\n7\n',
      errors: ['ERROR 1317 (70100) at line 1: Query execution was interrupted'],
    });
  });

  // In this order: -e takes back a --force before it.
  test('-e with --force goes on: exit code 0', async () => {
    expect(await batch(['-e', LINES.join(' '), '--force'], '')).toEqual({
      code: 0,
      out: '7\n7\n',
      errors: [
        'ERROR 1317 (70100) at line 1: Query execution was interrupted',
        'ERROR 2013 (HY000) at line 1: Lost connection to server during query',
        'ERROR 2006 (HY000) at line 1: Server has gone away',
        'ERROR 2006 (HY000) at line 1: Server has gone away',
      ],
    });
    expect(log.connections).toHaveLength(1);
  });

  test('an answer is what stands in the output: nothing but the table', async () => {
    expect(await batch(['--skip-column-names', '-e', "SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'"], '')).toEqual({
      code: 0,
      out: 'cs_id\t1\tcs common\n',
      errors: [],
    });
    expect(log.connections).toEqual([['login', "COM_QUERY SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'", 'COM_QUIT']]);
  });
});
