/** `odplab run` as a person calls it: flags, exit codes, files; the real proxy on both arms. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../proxy/cli/run.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-run-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const HEAD = '---\nclients:\n  admin: root@sys#obdemo\n---\n';

const SELF_KILL = `${HEAD}# Self-kill

\`\`\`odplab
! open admin
Connection id:    {id}
admin> KILL PROXYSESSION {id};
ERROR 1317 (70100): Query execution was interrupted
admin> SET @a = 1;
ERROR 2013 (HY000): Lost connection to MySQL server during query
admin> SET @a = 1;
ERROR 2006 (HY000): OceanBase server has gone away
No connection. Trying to reconnect...
Connection id:    {new != id}
Current database: *** NONE ***
Query OK, 0 rows affected
\`\`\`
`;

function page(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

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

describe('one self-kill, from client to observer', () => {
  it('passes on both arms', async () => {
    const { code, out } = await call(page('self.md', SELF_KILL));
    expect(out).toMatch(/✓ Self-kill {2}memory \d+ ms, sockets \d+ ms\n\n1 scenario, 2 runs passed in/);
    expect(code).toBe(0);
  });

  it.each(['memory', 'sockets'])('blessed on %s it passes on both', async (arm) => {
    const empty = SELF_KILL.replace(/^(ERROR|No|Current|Query|Connection id: {4}\{new).*\n/gm, '');
    const path = page(`bless-${arm}.md`, empty);
    expect((await call(path, '--bless', '--arm', arm)).err).toBe('');
    expect(readFileSync(path, 'utf8')).toBe(SELF_KILL.replace('{new != id}', '{_}'));
    expect((await call(path)).code).toBe(0);
    expect((await call(path, '--bless')).out).toBe('nothing to bless\n');
  });

  it('leaves nothing behind, and tells the same story twice', async () => {
    const path = page('twice.md', SELF_KILL);
    const once = await call(path, '--trace', '--arm', 'memory');
    const again = await call(path, '--trace', '--arm', 'memory');
    const plain = (text: string) => text.replace(/\d+ ms|[\d.]+ s/g, '');
    expect(plain(again.out)).toBe(plain(once.out));
    expect(once.out).toContain('KILL PROXYSESSION');
  });
});

describe('flags and exit codes', () => {
  it('1: a scenario failed, with file and line', async () => {
    const path = page('fails.md', SELF_KILL.replace('1317', '1318'));
    const { code, out } = await call(path, '--arm', 'memory');
    expect(code).toBe(1);
    expect(out).toContain(`${path}:10: the answer is another (memory)`);
    expect(out).toContain('1 scenario, 0 runs passed, 1 failed in');
  });

  it('2: a broken page, with file and line, and nothing runs', async () => {
    const path = page('broken.md', SELF_KILL.replace('! open admin', '! opn admin'));
    const { code, out, err } = await call(path);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`${path}:8: \`! opn\` is no verb; there are`);
  });

  it.each([
    [['--arm', 'paper'], '--arm paper: there are memory, sockets, both'],
    [['--reporter', 'html'], '--reporter html: there are spec, junit, tap'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['no/such/path'], 'there is no file or folder no/such/path'],
  ])('2: %j', async (args, text) => {
    const { code, err } = await call(...args);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  it('2: nothing found', async () => {
    const { code, err } = await call(page('grep.md', SELF_KILL), '--grep', 'nowhere to be found');
    expect(code).toBe(2);
    expect(err).toContain("whose file and name contain 'nowhere to be found'");
  });

  it('--list and --grep', async () => {
    const path = page(
      'list.md',
      `${SELF_KILL}\n## Another\n\`\`\`odplab\n! advance 1s\n\`\`\`\n## Third\n\`\`\`odplab\n! advance 1s\n\`\`\`\n`,
    );
    expect((await call(path, '--list')).out).toBe(`${path}:22: Another\n${path}:26: Third\n`);
    expect((await call(path, '--list', '--grep', 'Third')).out).toBe(`${path}:26: Third\n`);
  });

  it('--output: the report in a file, the course on the terminal', async () => {
    const path = page('output.md', SELF_KILL);
    const file = join(folder, 'report.xml');
    const { code, out } = await call(path, '--reporter', 'junit', '--output', file);
    expect(code).toBe(0);
    expect(out).toContain('✓ Self-kill');
    expect(readFileSync(file, 'utf8')).toContain('<testsuites name="odplab" tests="2" failures="0"');
  });

  it.each([
    ['no/such/folder/report.xml', 'there is no folder no/such/folder'],
    ['.', 'it is a folder'],
  ])('2: --output %s, before anything runs', async (output, why) => {
    const { code, out, err } = await call(page('unwritten.md', SELF_KILL), '--output', output);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(`odplab run: cannot write ${output}: ${why}\n`);
  });

  it('--output to what is no file: nothing is put in its place', async () => {
    expect((await call(page('null.md', SELF_KILL), '--arm', 'memory', '--output', '/dev/null')).code).toBe(0);
    expect(readdirSync('/dev').filter((name) => name.startsWith('null'))).toEqual(['null']);
    const real = join(folder, 'real.txt');
    writeFileSync(real, '');
    symlinkSync(real, join(folder, 'link.txt'));
    await call(page('null.md', SELF_KILL), '--arm', 'memory', '--output', join(folder, 'link.txt'));
    expect(readFileSync(real, 'utf8')).toContain('Self-kill');
  });

  it('the same page in two spellings runs once', async () => {
    const below = join(folder, 'twice');
    mkdirSync(below);
    writeFileSync(join(below, 'a.md'), SELF_KILL);
    symlinkSync(join(below, 'a.md'), join(below, 'b.md'));
    const spellings = [below, `${below}/`, `${below}/a.md`, `${below}/../twice/a.md`];
    expect((await call('--list', ...spellings)).out).toBe(`${below}/a.md:8: Self-kill\n`);
  });

  it('in a folder a page with a slip in its fence is told, and one that only quotes a page is none', async () => {
    const below = join(folder, 'fences');
    mkdirSync(below);
    writeFileSync(join(below, 'quotes.md'), `# How to\n\n\`\`\`\`markdown\n${SELF_KILL}\`\`\`\`\n`);
    writeFileSync(join(below, 'prose.md'), '# Nothing\n\n```js\n1\n```\n');
    writeFileSync(join(below, 'right.md'), SELF_KILL);
    expect((await call('--list', below)).out).toBe(`${below}/right.md:8: Self-kill\n`);
    writeFileSync(join(below, 'slip.md'), SELF_KILL.replace('odplab', 'odplap'));
    const { code, err } = await call('--list', below);
    expect(code).toBe(2);
    expect(err).toContain(`${below}/slip.md:7: \`odplap\` behind a fence is not our word`);
  });

  it('1: --bless that could not write all says so in its last line', async () => {
    const literal = 'admin> KILL PROXYSESSION 1;\n';
    const path = page(
      'partly.md',
      `${HEAD}## Good\n\`\`\`odplab\nadmin> SET @a = 1;\n\`\`\`\n## Bad\n\`\`\`odplab\n${literal}\`\`\`\n`,
    );
    const { code, out } = await call(path, '--bless');
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n').at(-1)).toBe(`1 answer written, 1 scenario not: ${path}:9: Bad`);
  });

  it('who reads stops before the end: quiet, and the run counts', async () => {
    const path = page('head.md', SELF_KILL);
    const child = spawn(process.execPath, ['--import', 'tsx', 'proxy/cli.ts', 'run', path, '--trace']);
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(err).toBe('');
  });

  it('--reporter tap on the terminal', async () => {
    const { out } = await call(page('tap.md', SELF_KILL), '--reporter', 'tap');
    expect(out).toMatch(/^TAP version 14\n1\.\.2\nok 1 - .*Self-kill \(memory\)\nok 2 - .*\(sockets\)\n$/);
  });

  it('--help teaches', async () => {
    const { code, out } = await call('--help');
    expect(code).toBe(0);
    expect(out).toContain('--bless');
  });
});
