/** All planted bugs, room by room. */
import type { Planted } from './bug.ts';
import { PLANTED_IN_COMMAND } from './planted-command.ts';
import { PLANTED_IN_OBSERVER } from './planted-observer.ts';
import { PLANTED_IN_ROUTE } from './planted-route.ts';
import { PLANTED_IN_SESSION } from './planted-session.ts';
import { PLANTED_IN_WIRE } from './planted-wire.ts';

export type { Planted } from './bug.ts';

export const PLANTED: readonly Planted[] = [
  ...PLANTED_IN_WIRE,
  ...PLANTED_IN_SESSION,
  ...PLANTED_IN_COMMAND,
  ...PLANTED_IN_ROUTE,
  ...PLANTED_IN_OBSERVER,
];
