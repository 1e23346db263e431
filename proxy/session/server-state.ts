/**
 * The states of a server session.
 *
 * | state          | next                                                                                   |
 * |----------------|----------------------------------------------------------------------------------------|
 * | connecting     | connected → greeting                                                                   |
 * | greeting       | greeted → authenticating; TLS begun → securing                                         |
 * | securing       | greeted → authenticating: the login goes over TLS                                      |
 * | authenticating | welcomed → idle                                                                        |
 * | idle           | asked → serving, or catching up if the observer is behind                              |
 * | catching up    | caught up → serving; unprepared → idle: the statement cannot be prepared there         |
 * | serving        | answered → idle                                                                        |
 * | (any)          | lost → gone (FIN, RST, refused, malformed, or we closed it)                            |
 */

export type ServerState =
  | 'connecting'
  | 'greeting'
  | 'securing'
  | 'authenticating'
  | 'idle'
  | 'catching up'
  | 'serving'
  | 'gone';

export type ServerEvent =
  | 'connected'
  | 'TLS begun'
  | 'greeted'
  | 'welcomed'
  | 'asked'
  | 'fell behind'
  | 'caught up'
  | 'unprepared'
  | 'answered'
  | 'lost';

const NEXT: Record<ServerState, Partial<Record<ServerEvent, ServerState>>> = {
  connecting: { connected: 'greeting', lost: 'gone' },
  greeting: { greeted: 'authenticating', 'TLS begun': 'securing', lost: 'gone' },
  securing: { greeted: 'authenticating', lost: 'gone' },
  authenticating: { welcomed: 'idle', lost: 'gone' },
  idle: { asked: 'serving', 'fell behind': 'catching up', lost: 'gone' },
  'catching up': { 'caught up': 'serving', unprepared: 'idle', lost: 'gone' },
  serving: { answered: 'idle', lost: 'gone' },
  gone: {},
};

/** The cells of the table, as `STATE + EVENT`. */
export const SERVER_CELLS: readonly string[] = Object.entries(NEXT).flatMap(([state, row]) =>
  Object.keys(row).map((event) => `${state} + ${event}`),
);

/** Undefined: this must not happen in that state. */
export function nextServerState(state: ServerState, event: ServerEvent): ServerState | undefined {
  return NEXT[state][event];
}
