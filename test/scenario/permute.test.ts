/** `odplab run --permute` as a person calls it: every order, the outcomes of pages, what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../proxy/cli/run.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-permute-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function page(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function call(...args: string[]) {
  let out = '';
  let err = '';
  const code = await run(['--permute', '--findings', join(folder, 'findings'), ...args], {
    out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    colours: false,
  });
  return { code, out: out.replaceAll(folder, ''), err: err.replaceAll(folder, '') };
}

const CLIENTS = `  admin: root@sys#obdemo
  alice: { login: app@shop#obdemo, database: bank }
  bob: { login: app@shop#obdemo, database: bank }
  carol: { login: app@shop#obdemo, database: bank }
  dave: { login: app@shop#obdemo, database: bank }
`;
const HEAD = `---\nclients:\n${CLIENTS}---\n# A page\n\n`;
const FENCE = '```odplab\n';

const READY = `admin> SELECT 'ready';
…
alice> SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id';
+----------------+---------+-----------+
| attribute_name | value   | info      |
+----------------+---------+-----------+
| cs_id          | {alice} | cs common |
+----------------+---------+-----------+
1 row in set
`;

const RACE = `${HEAD}${FENCE}${READY}[begin] alice> BEGIN;
[pay] alice> UPDATE account SET balance = balance - 10 WHERE id = 1;
[kill] admin> KILL PROXYSESSION {alice};
[commit] alice> COMMIT;
\`\`\`
`;

const RACE_OUTCOMES = `| orders | begin | pay      | kill | commit   | first                         |
|      4 | OK    | OK       | OK   | OK       | begin pay kill commit         |
|      3 | OK    | OK       | OK   | 2013     | begin pay kill (sweep) commit |
|      2 | OK    | 2013     | OK   | 2006, OK | begin kill (sweep) pay commit |
|      1 | 2013  | 2006, OK | OK   | OK       | kill (sweep) begin pay commit |
`;

/** A page whose steps are alone in the world: none waits for another. */
function independent(...counts: number[]): string {
  const clients = ['alice', 'bob', 'carol', 'dave'];
  const steps = counts.flatMap((count, who) =>
    Array.from({ length: count }, (_, index) => `[${clients[who]![0]}${index}] ${clients[who]}> SELECT ${index};`),
  );
  const ready = counts.map((_, who) => `${clients[who]}> SELECT 0;\n…`);
  return `${HEAD}${FENCE}${[...ready, ...steps].join('\n')}\n\`\`\`\n`;
}

describe('the pages of the project', () => {
  it('say what comes of every order', async () => {
    const { code, out, err } = await call('scenarios/orders');
    expect(err).toBe('');
    expect(out.split('\n').filter((line) => line.includes('✗'))).toEqual([]);
    expect(out).toMatch(/\n\d+ scenarios: \d+ orders in \d+ runs, \d+ fewer than orders\n$/);
    expect(code).toBe(0);
  });

  it('twice the same', async () => {
    expect(await call('scenarios/orders/kill-and-commit.md')).toEqual(
      await call('scenarios/orders/kill-and-commit.md'),
    );
  });
});

describe('a kill in a race', () => {
  it('all orders, and all places of the sweep, are counted; the first is that of the page', async () => {
    const { code, out } = await call(page('race.md', RACE));
    const table = RACE_OUTCOMES.trimEnd().replaceAll(/^/gm, '    ');
    expect(out).toBe(`/race.md
  ✓ A page  10 orders (4 of the steps, and where sweep and FIN fall) in 7 runs, 3 of them as far as a state already seen
${table}
    the page says nothing of this; --bless writes it there

1 scenario: 10 orders in 7 runs, 3 fewer than orders
`);
    expect(code).toBe(0);
  });

  it('--bless writes the outcomes below the block; then they are compared', async () => {
    const path = page('bless.md', `${RACE}\nProse.\n`);
    const blessed = await call(path, '--bless');
    expect(blessed.out).toContain('outcomes of 1 scenario written');
    expect(blessed.code).toBe(0);
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(`${RACE}\n\`\`\`odplab outcomes\n${RACE_OUTCOMES}\`\`\`\n\nProse.\n`);
    expect((await call(path)).out).not.toContain('says nothing');
    expect((await call(path, '--bless')).out).toContain('nothing to bless');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('other outcomes than the page says: a difference, and --bless mends it', async () => {
    const right = `${RACE}\n\`\`\`odplab outcomes\n${RACE_OUTCOMES}\`\`\`\n`;
    const wrong = right.replace(
      '|      3 | OK    | OK       | OK   | 2013  ',
      '|      3 | OK    | OK       | OK   | 1317  ',
    );
    const path = page('wrong.md', wrong);
    const { code, out } = await call(path);
    const line = wrong.split('\n').indexOf('```odplab outcomes') + 1;
    expect(out).toContain(`✗ A page`);
    expect(out).toContain(`/wrong.md:${line}: other outcomes than the page says`);
    expect(out).toContain('- |      3 | OK    | OK       | OK   | 1317 ');
    expect(out).toContain('+ |      3 | OK    | OK       | OK   | 2013 ');
    expect(out).toContain('  |      4 | OK    | OK       | OK   | OK ');
    expect(out).toContain('1 scenario, 1 failed: 10 orders in 7 runs');
    expect(code).toBe(1);
    expect((await call(path, '--bless')).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(right);
  });

  it('the set-up must be what the page says', async () => {
    const { code, out } = await call(page('set-up.md', RACE.replace('cs common', 'cs uncommon')));
    expect(out).toContain('/set-up.md:14: above the first label the answer is another');
    expect(code).toBe(1);
    const sleeps = RACE.replace("SELECT 'ready'", 'SELECT SLEEP(1)');
    expect((await call(page('sleeps.md', sleeps))).out).toContain(
      '/sleeps.md:12: above the first label the answer does not come',
    );
  });
});

describe('what is left to run', () => {
  it('states that were seen are not run from again: few runs for many orders', async () => {
    const { out } = await call(page('many.md', independent(3, 3, 3)));
    expect(out).toMatch(/ 1680 orders in (\d+) runs/);
    expect(Number(/in (\d+) runs/.exec(out)![1])).toBeLessThan(120);
  });

  it('--max bounds it, and says at least what was left out', async () => {
    const path = page('bounded.md', independent(3, 3));
    const { code, out } = await call(path, '--max', '2');
    const orders = Number(/(\d+) orders in 2 runs/.exec(out)![1]);
    const left = /\n {4}at least (\d+) orders left out: 2 runs were made \(--max 2\)\n/.exec(out);
    expect(orders + Number(left![1])).toBe(20);
    expect(code).toBe(0);
  });

  it('what --max leaves out is counted as orders are, with the places of sweep and FIN, and not as orders of the steps', async () => {
    const path = page('bounded-places.md', RACE);
    const one = await call(path, '--max', '1');
    expect(one.out).toContain('✓ A page  1 order in 1 run\n');
    expect(one.out).toContain(
      '\n    at least 4 orders left out (orders differ in where sweep and FIN fall, too; the steps alone have 4): 1 run was made (--max 1)\n',
    );
    for (const max of [2, 3, 4, 5, 6]) {
      const { out } = await call(path, '--max', String(max));
      const [orders, left] = / {2}(\d+) orders? in .*\n.* at least (\d+) orders? left out/
        .exec(out)!
        .slice(1)
        .map(Number);
      expect(orders! + left!).toBeGreaterThan(4);
      expect(orders! + left!).toBeLessThanOrEqual(10);
      expect(out).not.toContain('and where sweep and FIN fall)');
    }
    expect((await call(path, '--max', '7')).out).toContain(
      '10 orders (4 of the steps, and where sweep and FIN fall) in 7',
    );
  });

  it('what was left out is neither compared nor written', async () => {
    const path = page('bounded-race.md', `${RACE}\n\`\`\`odplab outcomes\n${RACE_OUTCOMES}\`\`\`\n`);
    expect((await call(path, '--max', '1')).code).toBe(0);
    const fresh = page('bounded-bless.md', RACE);
    const { code, out } = await call(fresh, '--max', '1', '--bless');
    expect(out).toContain(', so nothing is written: 1 run was made (--max 1)\n');
    expect(code).toBe(1);
    expect(readFileSync(fresh, 'utf8')).toBe(RACE);
  });
});

describe('each client keeps its own order', () => {
  it('steps without a label go along with the one above', async () => {
    const block = `alice> SELECT 0;\n…\nbob> SELECT 0;\n…\n[one] alice> SELECT 1;\nbob> SELECT 1;\n[two] bob> SELECT 2;\n[three] alice> SELECT 3;\n`;
    const { out } = await call(page('along.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain('  2 orders in 2 runs');
  });

  it('verbs that name no client keep theirs, and time goes on where it is labelled', async () => {
    const block = `alice> SELECT 0;\n…\n[cut] ! partition proxy observer 1\n[mend] ! repair proxy observer 1\n[ask] alice> SELECT 1;\n`;
    const { code, out } = await call(page('verbs.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain('  3 orders in ');
    expect(out).toContain('|      3 | 1 row | cut mend ask |');
    expect(code).toBe(0);
  });

  it('who waits for ever is told so', async () => {
    const block = `alice> SELECT 0;\n…\nbob> SELECT 0;\n…\n[ask] alice> SELECT SLEEP(1);\n! close alice\n[bob] bob> SELECT 1;\n`;
    const { out } = await call(page('waits.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain('|      2 | waiting | 1 row | ask bob |');
  });
});

describe('invariants', () => {
  it('the one that counts money is left out where it does not understand a change, and that is said', async () => {
    const block = `alice> SELECT 0;\n…\n[pay] alice> UPDATE account SET balance = 7\n    -> WHERE id = 1;\n[look] alice> SELECT 1;\n`;
    const { code, out } = await call(page('uncounted.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain('without committed-stays, which cannot count `UPDATE account SET balance = 7 WHERE id = 1`');
    expect(code).toBe(0);
  });

  it('hold in a deadlock, whoever gives way: the other goes on', async () => {
    const block = `alice> BEGIN;
Query OK, 0 rows affected
bob> BEGIN;
Query OK, 0 rows affected
[a1] alice> UPDATE account SET balance = balance - 1 WHERE id = 1;
[a2] alice> UPDATE account SET balance = balance + 1 WHERE id = 2;
[a3] alice> COMMIT;
[b1] bob> UPDATE account SET balance = balance - 2 WHERE id = 2;
[b2] bob> UPDATE account SET balance = balance + 2 WHERE id = 1;
[b3] bob> COMMIT;
`;
    const { code, out } = await call(page('deadlock.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain('| OK | OK   | OK   | OK | 1213 | 6002 | a1 b1 a2 a3 b2 b3 |');
    expect(out).toContain('| OK | 1213 | 6002 | OK | OK   | OK   | b1 a1 a2 a3 b2 b3 |');
    expect(code).toBe(0);
  });

  it('one that does not hold is told with the order', async () => {
    // No hunt knows of this table: nothing in sight is the cause of the error.
    const block = `alice> SELECT 0;\n…\nbob> SELECT 0;\n…\n[make] alice> CREATE TABLE test.t (a INT);\n[ask] bob> SELECT * FROM test.t;\n`;
    const { code, out } = await call(page('violated.md', `${HEAD}${FENCE}${block}\`\`\`\n`));
    expect(out).toContain(': the invariant errors-have-a-cause does not hold');
    expect(out).toContain('in the order: ask\n');
    expect(out).toContain('bob asked SELECT * FROM test.t and got ERROR 1146');
    expect(code).toBe(1);
    const path = /the same order as a page: {2}npm run scenarios -- (\S+)$/m.exec(out)?.[1] ?? '';
    expect(path).toBe('/findings/permute-violated-12.md');
    const text = readFileSync(join(folder, path), 'utf8');
    expect(text).toContain('\ninvariants: errors-have-a-cause\n---\n');
    expect(text).toContain(`${FENCE}alice> SELECT 0;\nbob> SELECT 0;\n[ask] bob> SELECT * FROM test.t;\n`);
    expect(text).not.toContain('[make]');
  });

  it('where its page can be written nowhere, that is told, and the order all the same', async () => {
    const block = `alice> SELECT 0;\n…\nbob> SELECT 0;\n…\n[make] alice> CREATE TABLE test.t (a INT);\n[ask] bob> SELECT * FROM test.t;\n`;
    const path = page('nowhere.md', `${HEAD}${FENCE}${block}\`\`\`\n`);
    const { code, out, err } = await call(path, '--findings', path);
    expect(out).toContain('in the order: ask\n');
    expect(err).toBe('odplab run: --findings /nowhere.md: it is no folder; name a folder that can be written into\n');
    expect(code).toBe(1);
  });
});

describe('what is refused, before anything runs', () => {
  const refused: readonly (readonly [string, string, string])[] = [
    [
      'four clients',
      independent(1, 1, 1, 1),
      '/refused.md:12: --permute orders the steps of 3 clients besides the administrator at most, and here from the first label on act `alice`, `bob`, `carol` and `dave`; let the others act above it\n',
    ],
    [
      'a name that another order does not know yet',
      `${HEAD}${FENCE}[one] alice> SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id';\n…\n| cs_id | {id} | cs common |\n…\n[two] admin> KILL PROXYSESSION {id};\n\`\`\`\n`,
      '/refused.md:16: {id} is bound below the first label: in another order it may stand for nothing yet; let an answer above that label show it\n',
    ],
    [
      'Ctrl-C',
      `${HEAD}${FENCE}[one] alice> SELECT SLEEP(1);\n<waiting …>\n[two] alice> ^C\n\`\`\`\n`,
      '/refused.md:14: `^C` is only typed while a statement waits, which in another order it may not: with --permute use KILL QUERY\n',
    ],
    [
      'a labelled answer',
      `${HEAD}${FENCE}[one] alice> SELECT SLEEP(1);\n<waiting …>\n! advance 1s\n[two] alice> <… completed>\n…\n\`\`\`\n`,
      '/refused.md:15: an answer has no place among the orders: the label [two] belongs to the step that alice waits for\n',
    ],
    [
      'no label',
      `${HEAD}${FENCE}alice> SELECT 1;\n\`\`\`\n`,
      'odplab run --permute: no step of this scenario has a label; `[name] client> …` gives it one\n',
    ],
  ];

  it.each(refused)('%s', async (_what, text, message) => {
    const { code, out, err } = await call(page('refused.md', text));
    expect(err).toBe(message);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    [
      ['--arm', 'sockets'],
      '--permute runs in memory alone, where the same order is the same run and states can be told apart: take --arm sockets away',
    ],
    [['--target', '127.0.0.1:1'], '--permute runs in memory alone, '],
    [['--max', '0'], '--max 0: a whole number of runs from 1 on'],
    [['--trace'], '--permute has a report of its own: take --trace away'],
    [['--reporter', 'tap'], '--permute has a report of its own: take --reporter away'],
  ])('%j', async (args, message) => {
    const { code, err } = await call('scenarios/orders', ...args);
    expect(err).toContain(`odplab run: ${message}`);
    expect(code).toBe(2);
  });

  it.each(['--max', '--findings'])('%s alone', async (flag) => {
    const said: string[] = [];
    const code = await run([flag, '3'], { out() {}, err: (text) => said.push(text), colours: false });
    expect(said.join('')).toContain(`odplab run: ${flag} goes with --permute, which is missing`);
    expect(code).toBe(2);
  });
});
