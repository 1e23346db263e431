/** Runs a program in fresh processes of different surroundings: what must be the same everywhere. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const SURROUNDINGS = [
  { TZ: 'UTC', LANG: 'C.UTF-8', seed: 1 },
  { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', seed: 987654 },
] as const;

/** What it prints there, as JSON: with another time zone, locale and hash seed. */
export function inSurroundings(program: string): Promise<{ readonly bytes: number }[]> {
  return Promise.all(
    SURROUNDINGS.map(async ({ TZ, LANG, seed }) => {
      const args = [`--hash-seed=${seed}`, '--import', 'tsx', program];
      const env = { ...process.env, TZ, LANG, LC_ALL: LANG };
      return JSON.parse((await promisify(execFile)(process.execPath, args, { env })).stdout);
    }),
  );
}
