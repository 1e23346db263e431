/**
 * Planted bugs: each is one exact text of the source, replaced in a temporary copy. Nothing of it is in a normal run.
 */
import type { Planted } from './bug.ts';
import { PLANTED_IN_OBSERVER } from './planted-observer.ts';
import { PLANTED_IN_PROXY } from './planted-proxy.ts';

export type { Planted };

export const PLANTED: readonly Planted[] = [...PLANTED_IN_PROXY, ...PLANTED_IN_OBSERVER];
