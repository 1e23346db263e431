/** Same string, same bytes: fifty runs of a hunt, in fresh processes with another time zone, locale and hash seed. */
import { expect, test } from 'vitest';
import { inSurroundings } from '../suite/surroundings.ts';

test('two processes in different surroundings deliver the same bytes in the same order', async () => {
  const [one, other] = await inSurroundings('test/hunt/hunt-hash.ts');
  expect(one!.bytes).toBeGreaterThan(1_000_000);
  expect(other).toEqual(one);
}, 60_000);
