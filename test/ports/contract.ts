/**
 * What the ports promise, as one list that is run on every implementation of them.
 *
 * Each expectation is a sentence about ports, never about sockets or memory. None sleeps: it waits for events, or until
 * nothing is under way. After each, every end is stopped, and no event may have come from inside a call or after `closed`.
 */
import { expect } from 'vitest';
import { type Arm, Lab } from './arm.ts';
import { OPENING } from './contract/opening.ts';
import { READING } from './contract/reading.ts';
import { SECURING } from './contract/securing.ts';
import { STOPPING } from './contract/stopping.ts';
import { TIME } from './contract/time.ts';
import { WRITING } from './contract/writing.ts';
import type { Expectation } from './expectation.ts';

/** What is promised of connections that are up, in TLS or not. */
export const CONNECTIONS: readonly Expectation[] = [...WRITING, ...STOPPING, ...READING];

export const CONTRACT: readonly Expectation[] = [...OPENING, ...CONNECTIONS, ...SECURING, ...TIME];

/** Runs one expectation on a fresh arm; `secure`: over TLS. */
export async function holds(arm: Arm, expectation: Expectation, secure = false): Promise<void> {
  const lab = new Lab(arm, secure);
  await expectation.check(lab);
  await lab.dispose();
  for (const end of lab.ends) {
    expect(end.count('closed'), 'closed comes once').toBe(1);
    expect(end.log.at(-1), 'closed comes last').toBe('closed');
  }
  expect(lab.violations).toEqual([]);
}
