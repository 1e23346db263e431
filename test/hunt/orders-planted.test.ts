/** A bug that shows in few orders passes in the written one, and is found in a run of all of them; its order is handed over as a page. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Copy } from './mutants/copy.ts';

const PAGE = resolve('scenarios/orders/kill-and-commit.md');

let copy: Copy;
let sound: Copy;

beforeAll(() => {
  copy = new Copy();
  sound = new Copy();
  copy.plant({
    name: 'the sweep spares who is in a transaction',
    file: 'proxy/session/client-session.ts',
    text: "  killed(by: number): void {\n    this.stop({ kind: 'killed', by });",
    instead: "  killed(by: number): void {\n    if (!this.inTransaction) this.stop({ kind: 'killed', by });",
  });
});

afterAll(() => {
  copy.remove();
  sound.remove();
});

test('the sweep spares who is in a transaction', () => {
  expect(copy.odplab(['run', PAGE, '--arm', 'memory']).code).toBe(0);
  const { code, out } = copy.odplab(['run', PAGE, '--permute']);
  expect(out).toContain('the invariant kill-is-prompt does not hold');
  expect(out).toMatch(/in the order: begin pay kill \(sweep\) commit\n/);
  expect(code).toBe(1);
  const path = /the same order as a page: {2}npm run scenarios -- (\S+)$/m.exec(out)?.[1] ?? '';
  const written = join(copy.root, path);
  expect(readFileSync(written, 'utf8')).toContain(`
invariants: kill-is-prompt
---
# Her session is killed: kill-is-prompt
`);
  const broken = copy.odplab(['run', written]);
  expect(broken.code, broken.out).toBe(1);
  expect(broken.out).toContain('the invariant kill-is-prompt does not hold');
  const whole = sound.odplab(['run', written]);
  expect(whole.code, whole.out).toBe(0);
}, 60_000);
