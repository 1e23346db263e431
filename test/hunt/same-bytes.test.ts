/** Same seed, same bytes: fifty runs of a hunt, in fresh processes with another time zone, locale and hash seed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SURROUNDINGS = [
  { TZ: 'UTC', LANG: 'C.UTF-8', seed: 1 },
  { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', seed: 987654 },
] as const;

test('two processes in different surroundings deliver the same bytes in the same order', async () => {
  const outputs = await Promise.all(
    SURROUNDINGS.map(async ({ TZ, LANG, seed }) => {
      const args = [`--hash-seed=${seed}`, '--import', 'tsx', 'test/hunt/hunt-hash.ts'];
      const env = { ...process.env, TZ, LANG, LC_ALL: LANG };
      return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
    }),
  );
  expect(outputs[0].bytes).toBeGreaterThan(1_000_000);
  expect(outputs[1]).toEqual(outputs[0]);
}, 60_000);
