/**
 * The states of a client session.
 *
 * | state      | means                                    | next                                                     |
 * |------------|------------------------------------------|----------------------------------------------------------|
 * | greeted    | waits for the login packet               | login → logging in; admitted (root@proxysys) → idle      |
 * | logging in | an observer is asked                     | admitted → idle                                          |
 * | idle       | waits for a request                      | asked → serving; condemned → dying                       |
 * | serving    | a server session is at it, or being made | answered → idle                                          |
 * | dying      | the ERR of a self-kill is on its way out | (stopped)                                                |
 * | closing    | our FIN is out                           | gone → closed: its connection is                         |
 * | (any)      |                                          | stopped → closing; whose connection is gone stops first  |
 */

export type ClientState = 'greeted' | 'logging in' | 'idle' | 'serving' | 'dying' | 'closing' | 'closed';
export type ClientEvent = 'login' | 'admitted' | 'asked' | 'answered' | 'condemned' | 'stopped' | 'gone';

const NEXT: Record<ClientState, Partial<Record<ClientEvent, ClientState>>> = {
  greeted: { login: 'logging in', admitted: 'idle', stopped: 'closing' },
  'logging in': { admitted: 'idle', stopped: 'closing' },
  idle: { asked: 'serving', condemned: 'dying', stopped: 'closing' },
  serving: { answered: 'idle', stopped: 'closing' },
  dying: { stopped: 'closing' },
  closing: { gone: 'closed' },
  closed: {},
};

/** The cells of the table, as `STATE + EVENT`. */
export const CLIENT_CELLS: readonly string[] = Object.entries(NEXT).flatMap(([state, row]) =>
  Object.keys(row).map((event) => `${state} + ${event}`),
);

/** Undefined: this must not happen in that state. */
export function nextState(state: ClientState, event: ClientEvent): ClientState | undefined {
  return NEXT[state][event];
}
