/** All planted bugs. */
import type { Planted } from './bug.ts';
import { PLANTED_IN_OBSERVER } from './planted-observer.ts';
import { PLANTED_IN_PROXY } from './planted-proxy.ts';

export type { Planted } from './bug.ts';

export const PLANTED: readonly Planted[] = [...PLANTED_IN_PROXY, ...PLANTED_IN_OBSERVER];
