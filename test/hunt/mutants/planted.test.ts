/**
 * The hunt finds planted bugs: all of them are still where they were planted, and ten are tried. `report.ts` tries all.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Copy } from './copy.ts';
import { PLANTED } from './planted.ts';
import { type Trial, trial } from './trial.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const TRIED = 10;
/** Enough for each that is tried here, and found again without the bug as nothing. */
const RUNS = 1500;
const PATIENCE = 240_000;

test.each(PLANTED.map((it) => [it.name, it] as const))(
  'stands where it was planted: %s',
  (_name, { file, text, instead }) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    expect(source.split(text).length - 1).toBe(1);
    expect(instead).not.toBe(text);
  },
);

test('names are unique', () => {
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
});

/** Spread over the list, so that each room has one. */
const chosen = PLANTED.filter((_it, index) => index % Math.ceil(PLANTED.length / TRIED) === 0);

describe.each(chosen.map((it) => [it.name, it] as const))('%s', (_name, planted) => {
  let copy: Copy;
  let sound: Copy;
  let found: Trial;

  beforeAll(() => {
    copy = new Copy();
    sound = new Copy();
    copy.plant(planted);
    found = trial(copy, 1, ['--runs', String(RUNS)]);
  }, PATIENCE);

  afterAll(() => {
    copy.remove();
    sound.remove();
  });

  test('is found by an invariant, and made small', () => {
    expect(found.kind, found.out).toBe('found');
    if (found.kind !== 'found') return;
    expect(found.invariant).not.toBe('nothing-throws');
    expect(found.steps).toBeLessThanOrEqual(16);
  });

  test('its page fails with it and passes without it', () => {
    if (found.kind !== 'found') throw new Error(found.out);
    const broken = copy.odplab(['run', found.page]);
    expect(broken.code, broken.out).toBe(1);
    expect(broken.out).toContain(`the invariant ${found.invariant} does not hold`);
    const whole = sound.odplab(['run', found.page]);
    expect(whole.code, whole.out).toBe(0);
  }, 60_000);

  test(
    'the same runs without it find nothing',
    () => {
      if (found.kind !== 'found') throw new Error(found.out);
      expect(trial(sound, 1, ['--runs', String(found.run + 1)]).kind).toBe('not found');
    },
    PATIENCE,
  );
});
