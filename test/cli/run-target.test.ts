/**
 * `odplab run --target` as a person calls it: flags, exit codes, who logs in, what is skipped, what is left alone.
 *
 * The targets are of this process, on free ports of loopback: our own proxy before its cluster, or a scripted server.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../proxy/cli/run.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Address, Network } from '../../proxy/ports.ts';
import { FakeServer, type Script } from '../client/fake-server.ts';
import { startOdp } from '../conformance/simulated-odp.ts';

let folder = '';
const cleanups: (() => void)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-target-'));
});

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  delete process.env.ODPLAB_TEST_PASSWORD;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function call(...args: string[]) {
  let out = '';
  let err = '';
  const code = await run(args, {
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    colours: false,
  });
  return { code, out, err };
}

function page(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const HEAD = `---
clients:
  admin: root@sys#obdemo
  alice: { login: app@shop#obdemo, database: bank }
---
`;

function block(lines: string): string {
  return `\`\`\`odplab\n${lines}\n\`\`\`\n`;
}

const ONE = '+---+\n| 1 |\n+---+\n| 1 |\n+---+\n1 row in set';
const PLAIN = `${HEAD}# Plain\n${block(`admin> SELECT 1;\n${ONE}`)}`;

/** Our own proxy before its cluster, on real time. */
async function odp(): Promise<string> {
  const it = await startOdp(new NodeClock());
  cleanups.push(() => it.stop());
  return `${it.address.host}:${it.address.port}`;
}

/** A server that answers as scripted, and else as one of this version. */
async function fake(version: string, script: Script = {}): Promise<{ readonly server: FakeServer; at: string }> {
  const { network, listening } = toldWhere(new NodeNetwork());
  const friendly: Script = {
    accepted(session) {
      session.greet({ version });
    },
    command(session, text) {
      if (text.includes('version_comment')) session.rows(['c'], [['no more than a fake']]);
      else if (text === 'SELECT 1') session.rows(['1'], [['1']]);
      else if (text.startsWith('SHOW TABLES')) session.rows(['t'], [['stranger']]);
      else if (text.startsWith('SHOW PROXYSESSION')) session.err(1064, '42000', 'you have an error');
      else session.ok();
    },
    ...script,
  };
  const server = new FakeServer(network, friendly, { host: '127.0.0.1', port: 0 });
  cleanups.push(() => server.stop());
  const { host, port } = await listening;
  return { server, at: `${host}:${port}` };
}

function toldWhere(inner: Network): { readonly network: Network; readonly listening: Promise<Address> } {
  let told: (address: Address) => void = () => {};
  const listening = new Promise<Address>((resolve) => {
    told = resolve;
  });
  const network: Network = {
    acceptsTls: inner.acceptsTls,
    listen(address, events) {
      return inner.listen(address, {
        listening(bound) {
          told(bound);
          events.listening(bound);
        },
        failed: (code) => events.failed(code),
        accept: (connection) => events.accept(connection),
        closed: () => events.closed(),
      });
    },
    connect(address, events, from) {
      return inner.connect(address, events, from);
    },
  };
  return { network, listening };
}

describe('2: wrong usage', () => {
  it.each([
    [['--target', 'nowhere'], '--target nowhere: a server is written host:port, such as 127.0.0.1:2883'],
    [['--target', 'a:70000'], 'a server is written host:port'],
    [['--target', 'a:1', '--arm', 'memory'], '--arm names an arm of the simulator, --target another server: give one'],
    [['--target', 'a:1', '--bless'], '--bless compares two worlds of the simulator'],
    [['--target', 'a:1', '--dialect', 'psql'], '--dialect psql: there are obclient, mariadb, mysql'],
    [['--target', 'a:1', '--cluster', 'x'], '--cluster x: there are default, three'],
    [['--target', 'a:1', '--longest', '5'], '--longest 5: a time is written 500ms, 30s or 2m'],
    [['--target', 'a:1', '--config', 'x=1'], '--config x=1: it is written name=value; there are mysql_version'],
    [['--target', 'a:1', '--config', 'proxy_id=x'], '--config proxy_id=x: a whole number'],
    [['--target', 'a:1', '--user', '=x'], "--user '=x': it is written --user 'app@shop#obdemo=me@mine#ob'"],
    [['--user', 'root'], '--user goes with --target, which is missing'],
    [['--remake'], '--remake goes with --target, which is missing'],
  ])('%j', async (args, text) => {
    const { code, out, err } = await call(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });

  it('a password on the command line is not repeated', async () => {
    const { code, err } = await call('--target', 'a:1', '--password-env', 's3cr3t!');
    expect(code).toBe(2);
    expect(err).toContain('--password-env takes the name of an environment variable');
    expect(err).not.toContain('s3cr3t');
  });

  it('a variable that is not set', async () => {
    const { code, err } = await call(page('p.md', PLAIN), '--target', '127.0.0.1:1', '--password-env', 'ODPLAB_NONE');
    expect(code).toBe(2);
    expect(err).toContain('there is no ODPLAB_NONE in the environment; put the password there: export ODPLAB_NONE=…');
  });

  it('nobody may log in', async () => {
    const login: Script = { login: (session) => session.err(1045, '42000', 'Access denied') };
    const { at } = await fake('5.7.0-OceanBase', login);
    const { code, err } = await call(page('p.md', PLAIN), '--target', at);
    expect(code).toBe(2);
    expect(err).toContain(`nobody of the pages may log in on ${at}: ERROR 1045 (42000): Access denied`);
    expect(err).toContain('--user USER says who does, and --password-env VARIABLE where the password is');
  });
});

describe('3: unreachable', () => {
  it('nobody listens', async () => {
    // A port that was just given back.
    const { server, at } = await fake('5.7.0');
    server.stop();
    const { code, out, err } = await call(page('p.md', PLAIN), '--target', at);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain(`nobody answers on ${at}; start a server there (npm start is one), or give another --target`);
  });

  it('somebody listens and greets nobody', async () => {
    const { at } = await fake('5.7.0', { accepted: (session) => session.close() });
    expect((await call(page('p.md', PLAIN), '--target', at)).code).toBe(3);
  });

  it('it goes away in between: what is left fails, and the code says why', async () => {
    const { server, at } = await fake('10.11-MariaDB', {
      command(session, text) {
        if (text === 'SELECT 2') server.stop();
        else session.rows(['1'], [['1']]);
      },
    });
    const first = block('admin> SELECT 2;\nERROR 2013 (HY000): Lost connection to MySQL server during query');
    const path = page('lost.md', `${HEAD}## A\n${first}## B\n${block(`admin> SELECT 1;\n${ONE}`)}`);
    const { code, out, err } = await call(path, '--target', at);
    expect(out).toContain('✓ A');
    expect(out).toContain(`nobody answers on ${at}`);
    expect(err).toContain(`${at} could not be reached any more`);
    expect(code).toBe(3);
  });
});

const MIXED = `${HEAD}# Mixed
## Runs
${block(`alice> UPDATE account SET balance = balance - 10 WHERE id = 1;
Query OK, 1 row affected
Rows matched: 1  Changed: 1  Warnings: 0
alice> SELECT SUM(balance) FROM account;
+--------------+
| SUM(balance) |
+--------------+
|          390 |
+--------------+
1 row in set`)}
## Runs again, in a world as new
${block(`alice> SELECT SUM(balance) FROM account;
+--------------+
| SUM(balance) |
+--------------+
|          400 |
+--------------+
1 row in set`)}
## Cannot be run
${block('! crash observer 1\n! restart observer 1')}`;

describe('before our own proxy and cluster', () => {
  it('0: what can be run passes, each scenario in a world as new, the rest is skipped by name', async () => {
    const at = await odp();
    const { code, out, err } = await call(page('mixed.md', MIXED), '--target', at);
    expect(out.replaceAll(/\d+ ms/g, 'N ms').replace(/in .* s\n$/, 'in N s\n')).toBe(`${join(folder, 'mixed.md')}
  ✓ Runs  target N ms
  ✓ Runs again, in a world as new  target N ms
  - Cannot be run  skipped: needs \`! crash\`, \`! restart\`

3 scenarios, 2 runs passed, 1 skipped in N s
`);
    expect(err).toBe(
      `${at}: an ODP before odplab's simulated cluster, which greets as 5.6.25\n` +
        'runs 2 of 3 scenarios, one after the other; `! advance` sleeps 0 s in all\n\n',
    );
    expect(code).toBe(0);
  });

  it('1: one fails', async () => {
    const text = `${HEAD}# Fails\n${block('admin> SELECT 1;\nnothing')}`;
    const { code, out } = await call(page('fails.md', text), '--target', await odp());
    expect(code).toBe(1);
    expect(out).toContain('1 scenario, 0 runs passed, 1 failed in');
  });

  it('an answer is awaited, <waiting …> is silence, and a KILL takes its second', async () => {
    const text = `${HEAD}# Time\n${block(`! open alice
Connection id:    {alice}
alice> SELECT SLEEP(0.4);
<waiting …>
alice> <… completed>
+------------+
| SLEEP(0.4) |
+------------+
|          0 |
+------------+
1 row in set
alice> SELECT SLEEP(50);
<waiting …>
admin> KILL {alice};
Query OK, 0 rows affected
! advance 1s
alice> <… completed>
ERROR 2013 (HY000): Lost connection to MySQL server during query`)}`;
    expect(await call(page('time.md', text), '--target', await odp())).toMatchObject({ code: 0 });
  });

  it('an answer where the page says that none comes', async () => {
    const text = `${HEAD}# Time\n${block('admin> SELECT 1;\n<waiting …>')}`;
    const { code, out } = await call(page('early.md', text), '--target', await odp());
    expect(code).toBe(1);
    expect(out).toContain('- <waiting …>');
  });

  it('tap and junit skip in their own way', async () => {
    const at = await odp();
    const path = page('mixed.md', MIXED);
    const tap = await call(path, '--target', at, '--reporter', 'tap');
    expect(tap.out.trimEnd().split('\n')).toEqual([
      'TAP version 14',
      '1..3',
      `ok 1 - ${path}: Runs (target)`,
      `ok 2 - ${path}: Runs again, in a world as new (target)`,
      `ok 3 - ${path}: Cannot be run (target) # SKIP needs \`! crash\`, \`! restart\``,
    ]);
    const file = join(folder, 'report.xml');
    await call(path, '--target', at, '--reporter', 'junit', '--output', file);
    const xml = readFileSync(file, 'utf8');
    expect(xml).toMatch(/<testsuites name="odplab" tests="3" failures="0" errors="0" skipped="1" time="/);
    expect(xml).toMatch(/<testsuite [^>]*tests="3" failures="0" errors="0" skipped="1"/);
    expect(xml).toContain('<skipped message="needs `! crash`, `! restart`"/>');
  });

  it('--trace shows both directions', async () => {
    const { out } = await call(page('p.md', PLAIN), '--target', await odp(), '--trace');
    expect(out).toMatch(/admin → proxy #1 +COM_QUERY "SELECT 1"\n/);
    expect(out).toMatch(/proxy → admin #1 +columns 1\n/);
  });

  it('--longest', async () => {
    const text = `${HEAD}# Slow\n${block('! advance 3s')}`;
    const { code, out } = await call(page('slow.md', text), '--target', await odp(), '--longest', '2s');
    expect(code).toBe(0);
    expect(out).toContain('- Slow  skipped: needs 3 s of sleep (`--longest`)');
  });

  it('nobody waits for hours who has not said so', async () => {
    const text = `${HEAD}# Slow\n${block('! advance 8h')}`;
    const { code, out } = await call(page('slow.md', text), '--target', await odp());
    expect(code).toBe(0);
    expect(out).toContain('- Slow  skipped: needs 28800 s of sleep (`--longest`)');
  });
});

describe('before a server of another make', () => {
  const TABLES = `${HEAD}# Tables\n${block('alice> use bank\nDatabase changed')}`;

  it('its tables are left alone, and scenarios that need them are skipped', async () => {
    const { server, at } = await fake('5.5.5-10.11-MariaDB');
    const { code, out, err } = await call(page('tables.md', TABLES), page('p.md', PLAIN), '--target', at);
    expect(code).toBe(0);
    expect(out).toContain(
      '- Tables  skipped: needs the user app@shop#obdemo (`--remake`, or `--user`), its tables as new (`--remake`)',
    );
    expect(out).toContain('✓ Plain');
    expect(err).toContain(`${at}: MariaDB, which greets as 5.5.5-10.11-MariaDB`);
    expect(server.commands.filter((it) => /CREATE|DROP|DELETE|INSERT|FOR UPDATE/.test(it))).toEqual([]);
  });

  it('--remake makes them, and drops what does not belong there', async () => {
    const { server, at } = await fake('5.5.5-10.11-MariaDB');
    expect((await call(page('tables.md', TABLES), '--target', at, '--remake')).code).toBe(0);
    const done = server.commands.filter((it) => /CREATE|DROP|INSERT/.test(it));
    expect(done).toContain('DROP TABLE `bank`.`stranger`');
    expect(done).toContain(
      'CREATE TABLE `bank`.`account` (`id` INT NOT NULL PRIMARY KEY, `owner` VARCHAR(255), `balance` INT)',
    );
    expect(done.some((it) => it.startsWith("INSERT INTO `bank`.`account` VALUES (1, 'alice', 100), "))).toBe(true);
  });

  it('who logs in is the user without the tenant; --remake makes those that are not there, and drops them again', async () => {
    const { server, at } = await fake('5.5.5-10.11-MariaDB', {
      command(session, text) {
        if (text.startsWith("SELECT 1 FROM mysql.user WHERE User = 'boss'")) session.rows(['1'], [['1']]);
        else if (text === 'SELECT USER()') session.rows(['u'], [['root@192.0.2.7']]);
        else if (text === 'SELECT 1') session.rows(['1'], [['1']]);
        else session.ok();
      },
    });
    const path = page('users.md', `${HEAD}# Users\n${block(`admin> SELECT 1;\n${ONE}\nalice> SELECT 1;\n${ONE}`)}`);
    const alone = await call(path, '--target', at);
    expect(alone.out).toContain('- Users  skipped: needs the user app@shop#obdemo (`--remake`, or `--user`)');
    expect((await call(path, '--target', at, '--remake')).code).toBe(0);
    expect(new Set(server.sessions.map(({ login }) => login?.user).slice(-2))).toEqual(new Set(['app', 'root']));
    expect(server.commands.filter((it) => /USER '|GRANT/.test(it))).toEqual([
      "CREATE USER 'dba'@'192.0.2.7' IDENTIFIED WITH mysql_native_password AS ''",
      "GRANT ALL ON `oceanbase`.* TO 'dba'@'192.0.2.7'",
      "GRANT ALL ON `test`.* TO 'dba'@'192.0.2.7'",
      "CREATE USER 'app'@'192.0.2.7' IDENTIFIED WITH mysql_native_password AS ''",
      "GRANT ALL ON `bank`.* TO 'app'@'192.0.2.7'",
      "GRANT ALL ON `test`.* TO 'app'@'192.0.2.7'",
      "CREATE USER 'secret'@'192.0.2.7' IDENTIFIED WITH mysql_native_password AS '*B865CAE8F340F6CE1485A06F4492BB49718DF1EC'",
      "GRANT ALL ON `bank`.* TO 'secret'@'192.0.2.7'",
      "GRANT ALL ON `test`.* TO 'secret'@'192.0.2.7'",
      "DROP USER 'dba'@'192.0.2.7'",
      "DROP USER 'app'@'192.0.2.7'",
      "DROP USER 'secret'@'192.0.2.7'",
    ]);
  });

  it('--dialect says what the greeting does not', async () => {
    const { at } = await fake('8.0.30');
    const text = `${HEAD}# Own\n${block('admin> SET @a = 1;\nwhat others say\n@mariadb Query OK, 0 rows affected')}`;
    expect((await call(page('own.md', text), '--target', at)).code).toBe(1);
    expect((await call(page('own.md', text), '--target', at, '--dialect', 'mariadb')).code).toBe(0);
  });

  it('a client does not claim what only OceanBase has', async () => {
    const { server, at } = await fake('8.0.30');
    await call(page('p.md', PLAIN), '--target', at);
    expect(server.sessions.map(({ login }) => (login?.capabilities ?? 0) & 0x0800_0000)).toEqual(
      server.sessions.map(() => 0),
    );
  });

  it('--user and --password-env: who logs in, and with what', async () => {
    const { server, at } = await fake('5.7.25-OceanBase');
    process.env.ODPLAB_TEST_PASSWORD = 'x';
    const path = page('who.md', `${HEAD}# Who\n${block(`admin> SELECT 1;\n${ONE}\nalice> SELECT 1;\n${ONE}`)}`);
    const users = ['--user', 'alice=al@mine', '--user', 'root@sys#obdemo=root@mine'];
    await call(path, '--target', at, '--remake', ...users, '--password-env', 'al@mine=ODPLAB_TEST_PASSWORD');
    const seen = () => new Set(server.sessions.map(({ login }) => `${login?.user} ${login?.authResponse.length}`));
    expect([...seen()].sort()).toEqual(['al@mine 20', 'root@mine 0', 'root@shop#obdemo 0']);
    await call(path, '--target', at, '--user', 'tester', '--password-env', 'ODPLAB_TEST_PASSWORD');
    expect(seen()).toContain('tester 20');
  });

  it('a rule for nobody is told', async () => {
    const { at } = await fake('5.7.25-OceanBase');
    const { code, err } = await call(page('p.md', PLAIN), '--target', at, '--user', 'amdin=root', '--user', 'admin=x');
    expect(code).toBe(0);
    expect(err).toContain("--user amdin=…: no client and no login of these pages is called 'amdin'\n");
    expect(err).not.toContain("'admin'");
  });
});
