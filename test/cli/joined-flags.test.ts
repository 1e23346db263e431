/** A value that begins with a dash is a value, and a flag where a value is due is told in one line. */
import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import { joinedFlags } from '../../proxy/cli/joined-flags.ts';

const OPTIONS = { seed: { type: 'string' }, port: { type: 'string', short: 'p' }, trace: { type: 'boolean' } } as const;

test.each([
  [['--seed', '-1'], { seed: '-1' }, []],
  [['-p', '-1', '--trace'], { port: '-1', trace: true }, []],
  [['--seed', '1', 'a'], { seed: '1' }, ['a']],
  [['--trace', '--seed', '1'], { trace: true, seed: '1' }, []],
  [['--seed', '1', '--', '--seed', '-x'], { seed: '1' }, ['--seed', '-x']],
])('%j', (args, values, positionals) => {
  const parsed = parseArgs({ args: joinedFlags(args, OPTIONS), options: OPTIONS, allowPositionals: true });
  expect({ ...parsed.values }).toEqual(values);
  expect(parsed.positionals).toEqual(positionals);
});

test('a flag in place of a value', () => {
  expect(() => joinedFlags(['--seed', '--trace'], OPTIONS)).toThrow(/^--seed: its value is missing; --trace follows$/);
});
