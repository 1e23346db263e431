/**
 * What kind of step something is, and what a KILL is for, read from the words of a script's steps.
 *
 * Pages written by hand and scripts of a hunt are read by the same rules. Knows nothing of runs.
 */
import { COM } from '../../proxy/wire/constants.ts';
import type { Action } from '../scenario/scenario.ts';
import type { Disturbance, KillScope } from './life.ts';

const PROXY_KILL = /^\s*KILL\s+PROXYSESSION\s+(\d+)(?:\s+(\d+))?\s*$/i;
const PLAIN_KILL = /^\s*KILL\s+(?:(QUERY|CONNECTION)\s+)?(\d+)\s*$/i;
const TWO_WORDS = new Set(['SHOW', 'SET', 'KILL']);

/** What a KILL asks for; null if it is none. */
export interface KillWords {
  readonly scope: KillScope;
  /** A cs_id or a connection id. */
  readonly id: number;
  readonly ssId: number | null;
}

export function readKill(sql: string): KillWords | null {
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
  const kill = PROXY_KILL.exec(sql);
  if (kill !== null) return kill[2] === undefined ? 'KILL PROXYSESSION' : 'KILL PROXYSESSION ss';
  const plain = PLAIN_KILL.exec(sql);
  if (plain !== null) return plain[1]?.toUpperCase() === 'QUERY' ? 'KILL QUERY' : 'KILL';
  const [first = '', second = ''] = sql.trim().toUpperCase().split(/\s+/, 2);
  if (first === 'SET') return second.startsWith('@') && !second.startsWith('@@') ? 'SET @' : 'SET';
  return TWO_WORDS.has(first) ? `${first} ${second}` : first;
}

const COMMANDS: Readonly<Record<number, string>> = {
  [COM.INIT_DB]: 'USE',
  [COM.PING]: 'PING',
  [COM.QUIT]: 'QUIT',
};

export function kindOfPayload(payload: Buffer): string {
  const command = payload[0] ?? -1;
  return command === COM.QUERY ? kindOfSql(payload.toString('utf8', 1)) : (COMMANDS[command] ?? `command ${command}`);
}

/** The verbs that disturb: what happens to a client afterwards may be their doing. */
export function disturbanceOf(action: Action): Omit<Disturbance, 'at'> | null {
  switch (action.kind) {
    case 'close':
    case 'reset':
    case 'stall':
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
