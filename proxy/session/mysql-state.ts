/**
 * The states of a client session before a MySQL server.
 *
 * | state          | means                                                     | next                                             |
 * |----------------|-----------------------------------------------------------|--------------------------------------------------|
 * | connected      | waits for the server's greeting                           | greeted → greeted                                |
 * | greeted        | waits for the client's login                              | asked in → logging in; ours → proving            |
 * | logging in     | client and server exchange what the plugin needs          | admitted → idle                                  |
 * | proving        | root@proxysys is asked for its password by the proxy      | admitted → idle                                  |
 * | idle           | waits for a request                                       | asked → serving; asked in → logging in; condemned → dying; bereaved → replacing |
 * | replacing      | a server session is made in the place of a lost one       | replaced → idle                                  |
 * | serving        | the server is at it                                       | answered → idle                                  |
 * | dying          | the ERR of a self-kill is on its way out                  | (stopped)                                        |
 * | resetting      | the last bytes go out, then the server's RST              | –                                                |
 * | closing        | our FIN is out                                            | –                                                |
 * | (any)          |                                                           | stopped → closing, broken → resetting, gone → closed |
 */
export type MysqlState =
  | 'connected'
  | 'greeted'
  | 'logging in'
  | 'proving'
  | 'idle'
  | 'replacing'
  | 'serving'
  | 'dying'
  | 'resetting'
  | 'closing'
  | 'closed';

export type MysqlEvent =
  | 'greeted'
  | 'asked in'
  | 'ours'
  | 'admitted'
  | 'asked'
  | 'answered'
  | 'bereaved'
  | 'replaced'
  | 'condemned'
  | 'stopped'
  | 'broken'
  | 'gone';

const ENDS: Partial<Record<MysqlEvent, MysqlState>> = { stopped: 'closing', broken: 'resetting', gone: 'closed' };

const NEXT: Record<MysqlState, Partial<Record<MysqlEvent, MysqlState>>> = {
  connected: { greeted: 'greeted', ...ENDS },
  greeted: { 'asked in': 'logging in', ours: 'proving', ...ENDS },
  'logging in': { admitted: 'idle', ...ENDS },
  proving: { admitted: 'idle', ...ENDS },
  idle: { asked: 'serving', 'asked in': 'logging in', condemned: 'dying', bereaved: 'replacing', ...ENDS },
  replacing: { replaced: 'idle', ...ENDS },
  serving: { answered: 'idle', ...ENDS },
  dying: ENDS,
  resetting: { gone: 'closed' },
  closing: { gone: 'closed' },
  closed: {},
};

/** Undefined: this must not happen in that state. */
export function nextMysqlState(state: MysqlState, event: MysqlEvent): MysqlState | undefined {
  return NEXT[state][event];
}

/** The session is over, whatever still has to go out. */
export function isOver(state: MysqlState): boolean {
  return state === 'resetting' || state === 'closing' || state === 'closed';
}
