/** All invariants, by name. */
import type { Invariant } from '../judge.ts';
import { COMMITTED_STAYS } from './committed-stays.ts';
import { ERRORS_HAVE_A_CAUSE } from './errors-have-a-cause.ts';
import { IDS } from './ids.ts';
import { KILL_IS_FINAL } from './kill-is-final.ts';
import { KILL_IS_PROMPT } from './kill-is-prompt.ts';
import { LIVENESS } from './liveness.ts';
import { NOTHING_LEFT } from './nothing-left.ts';
import { RELAYED_UNCHANGED } from './relayed-unchanged.ts';
import { RIGHT_ANSWERS } from './right-answers.ts';
import { SHOW_IS_TRUE } from './show-is-true.ts';
import { STATE_FOLLOWS } from './state-follows.ts';

export const INVARIANTS: readonly Invariant[] = [
  RIGHT_ANSWERS,
  RELAYED_UNCHANGED,
  COMMITTED_STAYS,
  KILL_IS_FINAL,
  KILL_IS_PROMPT,
  ERRORS_HAVE_A_CAUSE,
  STATE_FOLLOWS,
  IDS,
  SHOW_IS_TRUE,
  NOTHING_LEFT,
  LIVENESS,
];
