/**
 * The state of a session, as SHOW PROCESSLIST words it, and the table of its changes (observer.md §3.1).
 *
 * | state          | login | start of a request | end of a request | KILL QUERY   | KILL, disconnect |
 * |----------------|-------|--------------------|------------------|--------------|------------------|
 * | INIT           | SLEEP | –                  | –                | –            | SESSION_KILLED   |
 * | SLEEP          | –     | ACTIVE             | –                | QUERY_KILLED | SESSION_KILLED   |
 * | ACTIVE         | –     | –                  | SLEEP            | QUERY_KILLED | SESSION_KILLED   |
 * | QUERY_KILLED   | –     | ACTIVE             | SLEEP            | QUERY_KILLED | SESSION_KILLED   |
 * | SESSION_KILLED | –     | –                  | –                | –            | –                |
 *
 * A `–` leaves the state as it is.
 */

export type StateWord = 'INIT' | 'SLEEP' | 'ACTIVE' | 'QUERY_KILLED' | 'SESSION_KILLED';
export type StateEvent = 'login' | 'start' | 'end' | 'kill query' | 'kill session';

const TABLE: Readonly<Record<StateWord, Partial<Readonly<Record<StateEvent, StateWord>>>>> = {
  INIT: { login: 'SLEEP', 'kill session': 'SESSION_KILLED' },
  SLEEP: { start: 'ACTIVE', 'kill query': 'QUERY_KILLED', 'kill session': 'SESSION_KILLED' },
  ACTIVE: { end: 'SLEEP', 'kill query': 'QUERY_KILLED', 'kill session': 'SESSION_KILLED' },
  QUERY_KILLED: { start: 'ACTIVE', end: 'SLEEP', 'kill query': 'QUERY_KILLED', 'kill session': 'SESSION_KILLED' },
  SESSION_KILLED: {},
};

/** The state after an event. */
export function nextState(state: StateWord, event: StateEvent): StateWord {
  return TABLE[state][event] ?? state;
}
