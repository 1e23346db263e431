/** Every invariant says why it must hold, lives in a file of its name, and blames a small history that is wrong. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../simulator/hunt/invariants/all.ts';
import { ANSWERS } from './histories/answers.ts';
import { CAUSES } from './histories/causes.ts';
import { DATA } from './histories/data.ts';
import { History } from './histories/history.ts';
import { KILLS } from './histories/kills.ts';
import { SESSIONS } from './histories/sessions.ts';
import { UPKEEP } from './histories/upkeep.ts';

const CASES = [...ANSWERS, ...DATA, ...KILLS, ...CAUSES, ...SESSIONS, ...UPKEEP];

describe.each(INVARIANTS.map((it) => [it.name, it] as const))('%s', (name, { why }) => {
  it('says in a sentence why it must hold', () => {
    expect(why).toMatch(/^[A-Z].{40,}[.]$/);
    expect(why).not.toContain('\n');
  });

  it('lives in a file of its name', () => {
    const file = FILES[name] ?? name;
    expect(existsSync(join(import.meta.dirname, '../../simulator/hunt/invariants', `${file}.ts`))).toBe(true);
  });

  it.each(CASES.filter((it) => it.name === name).map((it) => [it.what, it] as const))('blames %s', (_what, it) => {
    const well = new History(name);
    it.play(well, false);
    expect(well.blames).toEqual([]);
    const wrong = new History(name);
    it.play(wrong, true);
    expect(wrong.blames[0]).toMatch(it.blamed);
  });

  it('has a history here that it blames', () => {
    expect(CASES.some((it) => it.name === name)).toBe(true);
  });
});

/** Whose file has a shorter name. */
const FILES: Readonly<Record<string, string>> = { 'ids-are-unique': 'ids' };

it('no two invariants have one name', () => {
  expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
});
