/** All invariants, by name. */
import type { Invariant } from '../judge.ts';
import { COMMITTED_STAYS } from './committed-stays.ts';
import { ERRORS_HAVE_A_CAUSE } from './errors-have-a-cause.ts';
import { IDS } from './ids.ts';
import { KILL_IS_FINAL } from './kill-is-final.ts';
import { KILL_IS_FOR_WHO_MAY } from './kill-is-for-who-may.ts';
import { KILL_IS_PROMPT } from './kill-is-prompt.ts';
import { KILL_QUERY_WORKS } from './kill-query-works.ts';
import { LEADERS_ARE_ASKED } from './leaders-are-asked.ts';
import { LIVENESS } from './liveness.ts';
import { MEMORY_IS_BOUNDED } from './memory-is-bounded.ts';
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
  KILL_QUERY_WORKS,
  KILL_IS_FOR_WHO_MAY,
  ERRORS_HAVE_A_CAUSE,
  STATE_FOLLOWS,
  IDS,
  SHOW_IS_TRUE,
  LEADERS_ARE_ASKED,
  MEMORY_IS_BOUNDED,
  NOTHING_LEFT,
  LIVENESS,
];
