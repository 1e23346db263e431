/** A bug that shows in few orders passes in the written one, and is found in a run of all of them. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Copy } from './mutants/copy.ts';

const PAGE = resolve('scenarios/orders/kill-and-commit.md');

let copy: Copy;

beforeAll(() => {
  copy = new Copy();
  copy.plant({
    name: 'the sweep spares who is in a transaction',
    file: 'proxy/session/client-session.ts',
    text: "  killed(by: number): void {\n    this.stop({ kind: 'killed', by });",
    instead: "  killed(by: number): void {\n    if (!this.inTransaction) this.stop({ kind: 'killed', by });",
  });
});

afterAll(() => {
  copy.remove();
});

test('the sweep spares who is in a transaction', () => {
  expect(copy.odplab(['run', PAGE, '--arm', 'memory']).code).toBe(0);
  const { code, out } = copy.odplab(['run', PAGE, '--permute']);
  expect(out).toContain('the invariant kill-is-prompt does not hold');
  expect(out).toMatch(/in the order: begin pay kill \(sweep\) commit\n/);
  expect(code).toBe(1);
}, 60_000);
