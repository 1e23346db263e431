/** Session state: what SET does, and what the OKs report (observer.md §5, decisions.md 15–17). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import type { SessionState } from '../../proxy/wire/session-state.ts';
import { Lab } from './pair.ts';

describe('reports to a proxy', () => {
  const cases: readonly (readonly [sql: string, state: Partial<SessionState> | null])[] = [
    ['SET autocommit = 0', { system: [['autocommit', '0']] }],
    ['SET autocommit = 1', null],
    ['SET ob_query_timeout = 5000000', { system: [['ob_query_timeout', '5000000']] }],
    [
      "SET @a = 5, @b = 'x''y', @c = NULL, @d = 1.5",
      {
        user: [
          ['a', '5'],
          ['b', "'x\\'y'"],
          ['c', 'NULL'],
          ['d', '1.5'],
        ],
      },
    ],
    ['SELECT @x := 7', { user: [['x', '7']] }],
    ['SET NAMES utf8mb4', null],
    [
      'SET NAMES binary',
      {
        system: [
          ['character_set_client', '63'],
          ['character_set_connection', '63'],
          ['character_set_results', '63'],
          ['collation_connection', '63'],
        ],
      },
    ],
    ['SET character_set_results = NULL', { system: [['character_set_results', '']] }],
    ['SET collation_connection = utf8mb4_bin', { system: [['collation_connection', '46']] }],
    [
      'SET SESSION TRANSACTION READ ONLY',
      {
        system: [
          ['tx_read_only', '1'],
          ['transaction_read_only', '1'],
        ],
      },
    ],
    [
      "SET tx_isolation = 'REPEATABLE-READ'",
      {
        system: [
          ['tx_isolation', 'REPEATABLE-READ'],
          ['transaction_isolation', 'REPEATABLE-READ'],
        ],
      },
    ],
    ['SET TRANSACTION READ ONLY', { system: [['ob_proxy_set_trx_executed', '1']] }],
    ['USE test', { database: 'test' }],
    ['USE bank', null],
    [
      "SET sql_mode = concat(@@sql_mode, ',STRICT_TRANS_TABLES')",
      { system: [['sql_mode', 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_AUTO_CREATE_USER']] },
    ],
    ['SET GLOBAL wait_timeout = 5', null],
    // As a proxy replays a session.
    [
      "SET @@ob_trx_timeout = 100000000, @@ob_enable_transmission_checksum = 1, @@character_set_client = 63, @@sql_mode = 'ANSI', @@ob_trx_lock_timeout = '-1', @u = 'v'",
      {
        system: [
          ['character_set_client', '63'],
          ['sql_mode', 'REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI'],
          ['ob_trx_timeout', '100000000'],
        ],
        user: [['u', "'v'"]],
      },
    ],
  ];
  for (const [sql, state] of cases) {
    it(sql, () => {
      const client = new Lab().login({ user: 'root@shop', database: 'bank', proxy: true });
      const answer = client.query(sql);
      expect(answer.kind).toMatch(/^(ok|rows)$/);
      expect(answer.state).toEqual(state === null ? null : { system: [], user: [], database: null, ...state });
      // Once is enough.
      expect(client.query('SELECT 1').state).toBeNull();
    });
  }

  it('come behind an ERR too, and a wrong SET changes nothing', () => {
    const client = new Lab().login({ user: 'app@shop', proxy: true });
    expect(client.query('SELECT @a := 1, REPEAT(nope, 1)').state).toBeNull();
    expect(client.query('SET @a = 1, @@nope = 2')).toMatchObject({ extraOk: true, state: null });
    expect(client.query('SELECT @a').rows).toEqual([[null]]);
  });

  it('come with INIT_DB', () => {
    const client = new Lab().login({ user: 'app@shop', proxy: true });
    client.send(COM.INIT_DB, 'bank');
    expect(client.take().state).toEqual({ system: [], user: [], database: 'bank' });
  });
});

describe('reports to a client that tracks its session', () => {
  it('are an entry a pair, with texts', () => {
    const client = new Lab().login({ user: 'app@shop' });
    client.send(COM.QUERY, 'SET autocommit = 0');
    const ok = client.takeBytes()[0]!;
    expect(ok.subarray(4).toString('latin1')).toBe('\x00\x00\x00\x20\x40\x00\x00\x00\x11\x00\x0f\x0aautocommit\x03OFF');
  });
});

describe('values', () => {
  it('of another session do not change; those of new ones follow SET GLOBAL', () => {
    const lab = new Lab();
    const root = lab.login({ user: 'root@shop' });
    const before = lab.login({ user: 'app@shop' });
    root.query('SET GLOBAL ob_query_timeout = 7');
    expect(before.query('SELECT @@ob_query_timeout, @@global.ob_query_timeout').rows).toEqual([['10000000', '7']]);
    expect(lab.login({ user: 'app@shop' }).query('SELECT @@ob_query_timeout').rows).toEqual([['7']]);
    expect(lab.login({ user: 'app@sys' }).loginAnswer.kind).toMatch(/^ERR 1045/);
    expect(lab.login({ user: 'root@sys' }).query('SELECT @@ob_query_timeout').rows).toEqual([['10000000']]);
  });

  it('need SUPER to be set globally', () => {
    expect(new Lab().login({ user: 'app@shop' }).query('SET GLOBAL wait_timeout = 1').kind).toMatch(/^ERR 1227 42501/);
  });

  const wrong: readonly (readonly [sql: string, err: RegExp])[] = [
    ['SET autocommit = 5', /^ERR 1231 42000/],
    ["SET wait_timeout = 'x'", /^ERR 1232 42000/],
    ['SET NAMES klingon', /^ERR 1115 42000 Unknown character set: 'klingon'/],
    ['SET NAMES utf8mb4 COLLATE binary', /^ERR 1253 42000/],
    // Bytes that would be misread.
    ['SET NAMES gbk', /^ERR 1115 42000/],
    ['SET character_set_client = latin1', /^ERR 1115 42000/],
    ["SET collation_connection = 'x'", /^ERR 1273 HY000/],
    ['SET max_connections = 1', /^ERR 1229 HY000/],
  ];
  for (const [sql, err] of wrong) {
    it(sql, () => {
      expect(new Lab().login({ user: 'root@shop' }).query(sql).kind).toMatch(err);
    });
  }
});
