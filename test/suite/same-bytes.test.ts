/**
 * Same choices, same bytes: the whole suite in memory, in fresh processes with another time zone, locale and hash seed.
 */
import { expect, test } from 'vitest';
import { inSurroundings } from './surroundings.ts';

test('two processes in different surroundings deliver the same bytes in the same order', async () => {
  const [one, other] = await inSurroundings('test/suite/wire-hash.ts');
  expect(one!.bytes).toBeGreaterThan(1_000_000);
  expect(other).toEqual(one);
}, 60_000);
