/**
 * What kind of step something is, and what a KILL is for, read from the words of a script's steps.
 *
 * Pages written by hand and scripts of a hunt are read by the same rules. Knows nothing of runs.
 */

import { COM } from '../../proxy/wire/constants.ts';
import type { Action } from '../scenario/scenario.ts';
import type { Disturbance, KillScope } from './life.ts';
import { savepointOf } from './statements.ts';

const PROXY_KILL = /^\s*KILL\s+PROXYSESSION\s+(\d+)(?:\s+(\d+))?\s*$/i;
const PLAIN_KILL = /^\s*KILL\s+(?:(QUERY|CONNECTION)\s+)?(\d+)\s*$/i;
const TWO_WORDS = new Set(['SHOW', 'SET', 'KILL']);
const FIRST_WORDS = /^\s*(\S+)(?:\s+(\S+))?/;
const KILL = /^\s*KILL\s/i;

/** What a KILL asks for; null if it is none. */
export interface KillWords {
  readonly scope: KillScope;
  /** A cs_id or a connection id. */
  readonly id: number;
  readonly ssId: number | null;
}

export function readKill(sql: string): KillWords | null {
  if (!KILL.test(sql)) return null;
  const own = PROXY_KILL.exec(sql);
  if (own !== null) {
    const ssId = own[2] === undefined ? null : Number(own[2]);
    return { scope: ssId === null ? 'session' : 'server session', id: Number(own[1]), ssId };
  }
  const plain = PLAIN_KILL.exec(sql);
  if (plain === null) return null;
  return { scope: plain[1]?.toUpperCase() === 'QUERY' ? 'query' : 'session', id: Number(plain[2]), ssId: null };
}

/** `SELECT`, `SET @`, `KILL PROXYSESSION cs ss`. */
export function kindOfSql(sql: string): string {
  const words = FIRST_WORDS.exec(sql);
  const first = words?.[1]?.toUpperCase() ?? '';
  if (first === 'KILL') {
    const kill = readKill(sql);
    if (kill !== null) return KILL_KINDS[kill.scope][/^\s*KILL\s+PROXYSESSION\b/i.test(sql) ? 1 : 0];
  }
  const second = words?.[2]?.toUpperCase() ?? '';
  // It ends no transaction.
  if (first === 'ROLLBACK' && savepointOf(sql) !== null) return 'ROLLBACK TO';
  if (!TWO_WORDS.has(first)) return first;
  if (first === 'SET') return second.startsWith('@') && !second.startsWith('@@') ? 'SET @' : 'SET';
  return `${first} ${second}`;
}

/** In MySQL's words, and in ODP's. */
const KILL_KINDS: Readonly<Record<KillScope, readonly [plain: string, own: string]>> = {
  session: ['KILL', 'KILL PROXYSESSION'],
  'server session': ['KILL', 'KILL PROXYSESSION ss'],
  query: ['KILL QUERY', 'KILL QUERY'],
};

const COMMANDS: Readonly<Record<number, string>> = {
  [COM.INIT_DB]: 'USE',
  [COM.PING]: 'PING',
  [COM.QUIT]: 'QUIT',
  [COM.STMT_PREPARE]: 'STMT_PREPARE',
  [COM.STMT_EXECUTE]: 'STMT_EXECUTE',
  [COM.STMT_CLOSE]: 'STMT_CLOSE',
  [COM.CHANGE_USER]: 'CHANGE_USER',
  [COM.RESET_CONNECTION]: 'RESET_CONNECTION',
};

/** `sql`: the text that it runs, if it is known to run one. */
export function kindOfPayload(payload: Buffer, sql: string): string {
  const command = payload[0] ?? -1;
  return command === COM.QUERY || sql !== '' ? kindOfSql(sql) : (COMMANDS[command] ?? `command ${command}`);
}

/** After its OK the session is as after a login: no transaction, variables or prepared statements (odp-relay.md §2.8). */
export function beginsAnew(payload: Buffer): boolean {
  return payload[0] === COM.RESET_CONNECTION || payload[0] === COM.CHANGE_USER;
}

/** The verbs that disturb: what happens to a client afterwards may be their doing. */
export function disturbanceOf(action: Action): Omit<Disturbance, 'at'> | null {
  switch (action.kind) {
    case 'close':
    case 'half-close':
    case 'reset':
    case 'stall':
    case 'jump':
      return { kind: action.kind, client: action.client, observer: null };
    case 'hold':
    case 'sever':
    case 'partition': {
      const ends = [action.from, action.to];
      const client = ends.find((it) => it.kind === 'client')?.name ?? null;
      const observer = ends.find((it) => it.kind === 'observer')?.number ?? null;
      return { kind: action.kind, client, observer };
    }
    case 'crash':
    case 'stop':
    case 'restart':
    case 'fail':
    case 'leader':
      return { kind: action.kind, client: null, observer: action.observer };
    case 'restart proxy':
      return { kind: action.kind, client: null, observer: null };
    default:
      return null;
  }
}
