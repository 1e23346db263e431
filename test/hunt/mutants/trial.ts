/**
 * A hunt in a copy with a planted bug, and what came of it, read from what the hunt prints.
 */
import { join } from 'node:path';
import type { Copy } from './copy.ts';

/** How long a hunt may look, as its flags say it. */
export type Bound = readonly ['--runs' | '--time', string];

export type Trial =
  | { readonly kind: 'not found'; readonly out: string }
  | {
      readonly kind: 'found';
      readonly invariant: string;
      /** The number of the run. */
      readonly run: number;
      /** Seconds until it was found, without shrinking. */
      readonly seconds: number;
      /** Inputs and verbs of the shrunk page. */
      readonly steps: number;
      /** The page's path, in the copy. */
      readonly page: string;
      readonly out: string;
    };

const FOUND = /^run (\d+) of seed \d+: ([a-z-]+): /m;
const SHRUNK = /^\d+ steps became (\d+), in \d+ runs$/m;
const PAGE = /^the same page: {2}npm run scenarios -- (\S+)$/m;
const SUMMARY = /^\d+ runs in ([\d.]+) s, /gm;

/** Hunts with one seed. Throws where the hunt itself has failed. */
export function trial(copy: Copy, seed: number, bound: Bound): Trial {
  const folder = `findings-${seed}`;
  const { code, out } = copy.odplab(['hunt', '--seed', String(seed), ...bound, '--out', folder]);
  if (code === 0) return { kind: 'not found', out };
  const found = FOUND.exec(out);
  const shrunk = SHRUNK.exec(out);
  const page = PAGE.exec(out);
  const seconds = [...out.matchAll(SUMMARY)].at(-1)?.[1];
  if (code !== 1 || found === null || shrunk === null || page === null) throw new Error(`the hunt has failed:\n${out}`);
  return {
    kind: 'found',
    invariant: found[2]!,
    run: Number(found[1]),
    seconds: Number(seconds),
    steps: Number(shrunk[1]),
    page: join(copy.root, page[1]!),
    out,
  };
}
