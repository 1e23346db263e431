/** A page that says what must hold: played before judges on both arms, and told of by `odplab run`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../proxy/cli/run.ts';
import { Transaction } from '../../simulator/observer/store.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-judged-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function pageOf(front: string): string {
  return `---
clients:
  ada: { login: app@shop#obdemo, database: bank }
  root: root@sys#obdemo
${front}
---
# A killed transaction is undone

\`\`\`odplab
ada> BEGIN;
ada> INSERT INTO bank.account VALUES (1007, 'm7', 0);
[kill] root> KILL PROXYSESSION {ada.cs};
! advance 1s
ada> SELECT 'm8', COUNT(*) FROM bank.account;
\`\`\`
`;
}

function call(name: string, front: string, ...args: string[]) {
  return callOn(name, pageOf(front), ...args);
}

async function callOn(name: string, text: string, ...args: string[]) {
  const path = join(folder, name);
  writeFileSync(path, text);
  let out = '';
  let err = '';
  const code = await run([path, ...args], {
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

/** What was never committed is there all the same. */
function keepRolledBack(): void {
  vi.spyOn(Transaction.prototype, 'rollback').mockImplementation(function (this: Transaction) {
    this.commit();
  });
}

const ARMS = ['memory', 'sockets'] as const;

describe.each(ARMS)('on %s', (arm) => {
  it.each(['all', '[committed-stays, kill-is-final]'])('a page with `invariants: %s` passes', async (invariants) => {
    const { code, out, err } = await call('good.md', `invariants: ${invariants}`, '--arm', arm);
    expect(err).toBe('');
    expect(out).toContain(`✓ A killed transaction is undone  ${arm} `);
    expect(code).toBe(0);
  });

  it('one that does not hold fails, and says what was seen', async () => {
    keepRolledBack();
    const { code, out } = await call('bad.md', 'invariants: all', '--arm', arm);
    expect(out).toContain('✗ A killed transaction is undone');
    expect(out).toContain('the invariant committed-stays does not hold');
    expect(out).toMatch(/\d+ ms after the beginning: ada's row 1007 of account was never committed, and it is there/);
    expect(out).toContain('between nobody in particular and KILL PROXYSESSION');
    expect(code).toBe(1);
  });

  it('only what the page names is judged', async () => {
    keepRolledBack();
    const { code } = await call('other.md', 'invariants: [kill-is-final]', '--arm', arm);
    expect(code).toBe(0);
  });
});

it('one with a recorded world is played in memory, and skipped by name on sockets', async () => {
  const { code, out } = await call('recorded.md', 'invariants: all\nchoices: [net.delay:3:2, net.next:0:1]');
  expect(out).toMatch(
    /✓ A killed transaction is undone {2}memory \d+ ms, sockets skipped: its world \(`choices:`\) is one in memory\n/,
  );
  expect(out).toContain('1 run passed, 1 skipped');
  expect(code).toBe(0);
});

const TRANSCRIPT = `---
clients:
  ada: app@shop#obdemo
---
# She asks for one

\`\`\`odplab
! needs memory
ada> DO 1;
Query OK, 0 rows affected
\`\`\`
`;

it.each([
  ['in its front matter', 'needs.md', pageOf('needs: [memory]\ninvariants: all')],
  ['by a verb', 'verb.md', TRANSCRIPT],
])('one that needs memory, said %s, is skipped by name on sockets', async (_how, name, text) => {
  const { code, out } = await callOn(name, text);
  expect(out).toMatch(/✓ .* {2}memory \d+ ms, sockets skipped: needs links in memory\n/);
  expect(out).toContain('1 run passed, 1 skipped');
  expect(code).toBe(0);
});

it('an invariant that there is none of is a mistake of the page', async () => {
  const { code, err } = await call('unknown.md', 'invariants: [kill-is-funny]');
  expect(err).toMatch(
    /^\S+unknown\.md:\d+: there is no invariant `kill-is-funny`; there are all, right-answers, .*\n$/,
  );
  expect(code).toBe(2);
});
