/**
 * The rows of specifications that scenarios must prove, each in a few words. `out`: why a row has no scenario.
 *
 * Here the KILL specification: the lists and tables of odp-sessions.md 4.1–4.3, 5 and 6, and its surprises (10).
 */
import { RELAY } from './relay-rows.ts';
import type { Sheet } from './sheet.ts';

export interface SpecifiedRow {
  /** As `covers:` names it. */
  readonly id: string;
  readonly what: string;
  readonly out?: string;
}

const SHARDING = 'sharding is not built';
const TABLES: Sheet['tables'] = {
  '4.1': [
    'own session: ERR 1317 is made and the rest of the input dropped',
    'own session: the ERR is written to the client',
    'own session: only then server sessions, client and id go; in a transaction the same',
  ],
  '4.2': [
    'root@proxysys: any session',
    'tenant sys, any user: sessions of its cluster',
    'tenant sys: another cluster, or not logged in: 1095',
    'ordinary user: the same user',
    'ordinary user with SUPER: its tenant',
    'ordinary user without SUPER: another user: 1095',
    ['sharding session, same logic user', SHARDING],
    ['sharding session, other logic user', SHARDING],
    'ordinary user: another tenant or cluster, or not logged in: 1094',
  ],
  '4.3': [
    'idle, no transaction',
    'idle in a transaction',
    'before or during the login, the client is awaited',
    'the proxy connects, logs in or synchronises',
    'query sent, no byte of the answer',
    'a result is streaming',
    ['running an internal command', 'ours take no time'],
  ],
  '5': [
    'bound, idle, no transaction: a new one unseen',
    '… but the next request depends on the last one',
    'idle in the pool',
    'bound, idle, in a transaction',
    'only BEGIN so far',
    'current, waiting for the answer',
    'current, the answer is streaming',
    ['holds a user-level lock, or is the sharding transaction session', 'GET_LOCK sessions and sharding are not built'],
  ],
  '6': [
    'a normal request with a routing step of its own',
    'open transaction of the killer: 1235',
    'id recognised as elsewhere; not found: 1094',
    'the privilege matrix, without a rule for the tenant sys',
    'no current server session: OK, nothing sent',
    'it travels on a server session of the killer to the victim’s observer',
    'the victim’s 1317 is the observer’s; everything survives',
    'root@proxysys: 5010',
    'an id of another proxy: 1094',
  ],
  '10': [
    'killing another session sends it no ERR',
    'the kill of another session comes up to a second later',
    'self-kill: ERR, flush, server sessions, client',
    'every session shows MCS_ACTIVE_READER',
    'active is not busy',
    'proxy_sessid unsigned in the list, signed in ATTRIBUTE',
    'proxy_sessid is 0 until an observer greets; 20 digits cannot be typed',
    'db is the text NULL',
    'the counters of transactions are 0',
    'greeting id and CONNECTION_ID() differ; both are taken',
    'ATTRIBUTE and VARIABLES have no access control, the list has',
    'tenant sys sees all clusters, kills in its own, KILL QUERY not across tenants',
    'another tenant 1094, another user 1095',
    'KILL PROXYSESSION by a normal user is 5010',
    'without the privilege variable everybody has SUPER',
    'kill of a server session: its id in the error, no owner asked for, one’s own is OK',
    'after an idle server session is gone nothing is noticed, but for dependent statements and transactions',
    'a kill in flight is never tried again',
    'KILL QUERY: OK without effect, 1235, 5010, a second connection',
    'SHOW PROCESSLIST and SHOW FULL PROCESSLIST',
    'multi-statements and comments',
    'preparing an internal command',
    'internal answers carry status flags 0',
    'KILL −1 is 1094, SHOW … −1 is oneself',
    'unauthenticated connections are listed and can be ended',
    'killing sends nothing to observers but FIN',
    'KILL of an observer’s id ends the whole client session',
  ],
};

const SESSIONS: Sheet = { name: 'odp-sessions', tables: TABLES };

export const ROWS: readonly SpecifiedRow[] = [SESSIONS, RELAY].flatMap(({ name, tables }) =>
  Object.entries(tables).flatMap(([section, rows]) =>
    rows.map((row, index): SpecifiedRow => {
      const id = `${name} ${section}/${index + 1}`;
      return typeof row === 'string' ? { id, what: row } : { id, what: row[0], out: row[1] };
    }),
  ),
);
