/**
 * The life of an observer's process, and whom it lets log in (observer.md §1.3).
 *
 * | state    | by                          | a login to sys | to another tenant | sessions that are there |
 * |----------|-----------------------------|----------------|-------------------|-------------------------|
 * | DOWN     | its death                   | refused connect | refused connect  | (ended by FIN)          |
 * | INIT     | its restart                 | accepted       | ERROR 8001        | –                       |
 * | STARTING | it listens                  | accepted       | ERROR 8001        | served                  |
 * | SERVING  | a while, or the world's begin | accepted     | accepted          | served                  |
 * | STOPPING | it is told to stop          | ERROR 8002     | ERROR 8002        | served                  |
 */
import type { ErrorName } from '../../proxy/wire/errors.ts';

export type ServerState = 'DOWN' | 'INIT' | 'STARTING' | 'SERVING' | 'STOPPING';

/** How long an observer that was restarted does not serve yet, in milliseconds. A decision of ours; real ones take longer. */
export const STARTING_TIME = 5000;
/** How long an observer that was told to stop still serves who is there, in milliseconds; ours as well. */
export const STOPPING_TIME = 5000;

interface Welcome {
  readonly sys: ErrorName | null;
  readonly others: ErrorName | null;
}

const WELCOMES: Readonly<Record<ServerState, Welcome>> = {
  // Nobody connects to it; whoever was let in just before is told what the next state says.
  DOWN: { sys: 'SERVER_IS_STOPPING', others: 'SERVER_IS_STOPPING' },
  INIT: { sys: null, others: 'SERVER_IS_INIT' },
  STARTING: { sys: null, others: 'SERVER_IS_INIT' },
  SERVING: { sys: null, others: null },
  STOPPING: { sys: 'SERVER_IS_STOPPING', others: 'SERVER_IS_STOPPING' },
};

/** Why a login is refused in this state; null if it is not. */
export function refusalIn(state: ServerState, isSys: boolean): ErrorName | null {
  return WELCOMES[state][isSys ? 'sys' : 'others'];
}
