/**
 * What a session learns from an observer's OKs, and the SET that brings another server session up to date.
 */
import { describe, expect, test } from 'vitest';
import { commandPacket } from '../../proxy/session/command-packet.ts';
import { loginStateOf, readLoginState } from '../../proxy/session/login-state.ts';
import { literal, noVersions, type ServerTraits, SessionState, type Versions } from '../../proxy/session/state.ts';
import { DEFAULTS } from '../../proxy/session/variables.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { readSessionState } from '../../proxy/wire/session-state.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';

type Pairs = readonly (readonly [string, string])[];

function traits(): ServerTraits {
  return { capabilities: 0n, checksumSwitch: -1 };
}

function reported(system: Pairs, user: Pairs = [], database: string | null = null) {
  return { system, user, database };
}

/** After the login OK of decisions.md §9.4, with its server's versions. */
function loggedIn(): { state: SessionState; first: Versions; seen: ServerTraits } {
  const state = new SessionState();
  const seen = traits();
  state.learnFirstLogin(readLoginState(OBSERVER_LOGIN_OK.subarray(13)), seen);
  const first = noVersions();
  state.synchronised(first);
  return { state, first, seen };
}

describe('the first login', () => {
  test("decisions.md 12: two variables, the page's versions", () => {
    const { state, first, seen } = loggedIn();
    expect(first).toEqual({ hotSystem: 0, system: 2, user: 0, lastInsertId: 0, database: 0 });
    expect([...state.system.keys()]).toEqual(['ob_trx_timeout', 'ob_enable_transmission_checksum']);
    expect([state.globalVersion, state.isSuper, state.hasProcess]).toEqual(['1700000000000000', true, true]);
    expect(seen).toEqual({ capabilities: 577n, checksumSwitch: 1 });
  });

  test('what equals the yardstick, and names outside it, are no change', () => {
    const state = new SessionState();
    const all = [...DEFAULTS].map(([name, { value }]) => [name, value] as const);
    state.learnFirstLogin(loginStateOf(reported([...all, ['of_the_future', '1']])), traits());
    expect([...state.system.keys()]).toEqual(['ob_enable_transmission_checksum']);
  });

  test('a database and user variables count', () => {
    const state = new SessionState();
    state.learnFirstLogin(loginStateOf(reported([], [['_min_cluster_version', "'4.3'"]], 'bank')), traits());
    expect(state.versions).toMatchObject({ user: 1, database: 1 });
    expect(state.database).toBe('bank');
  });

  test.each([
    ['65534', true, true],
    ['1974', false, false],
    ['16384', true, false],
    ['32768', false, true],
  ])('privilege %s', (mask, isSuper, hasProcess) => {
    const state = new SessionState();
    state.learnFirstLogin(loginStateOf(reported([['ob_proxy_user_privilege', mask]])), traits());
    expect([state.isSuper, state.hasProcess]).toEqual([isSuper, hasProcess]);
  });

  test('without a privilege everybody is SUPER', () => {
    expect([new SessionState().isSuper, new SessionState().hasProcess]).toEqual([true, true]);
  });

  test('a mask that is no number is malformed', () => {
    expect(() =>
      new SessionState().learnFirstLogin(loginStateOf(reported([['ob_capability_flag', 'x']])), traits()),
    ).toThrow(/x/);
  });
});

describe('a statement', () => {
  test.each([
    ['autocommit', 'hotSystem'],
    ['ob_log_level', 'hotSystem'],
    ['ob_query_timeout', 'hotSystem'],
    ['ob_last_schema_version', 'hotSystem'],
    ['last_insert_id', 'lastInsertId'],
    ['time_zone', 'system'],
    ['of_the_future', 'system'],
  ] as const)('%s counts as %s', (name, counter) => {
    const { state, first } = loggedIn();
    state.learn(reported([[name, '7']]), traits());
    expect(state.versions).toEqual({ ...first, [counter]: first[counter] + 1 });
    expect(state.isBehind(first)).toBe(true);
    expect(state.setFor(first)).toContain(`@@${name} = 7`);
  });

  test.each(['ob_proxy_partition_hit', 'ob_statement_trace_id', 'ob_capability_flag', 'ob_proxy_user_privilege'])(
    '%s is not kept',
    (name) => {
      const { state, first } = loggedIn();
      state.learn(reported([[name, '7']]), traits());
      expect(state.isBehind(first)).toBe(false);
    },
  );

  test('a dropped database is none', () => {
    const { state, first } = loggedIn();
    state.learn(reported([], [], 'bank'), traits());
    expect(state.databaseFor(first)).toBe('bank');
    state.learn(reported([], [], ''), traits());
    expect([state.database, state.databaseFor(first)]).toEqual([null, null]);
  });
});

describe('the SET', () => {
  test('cold, hot, last_insert_id, user – each as first reported, with its last value', () => {
    const { state } = loggedIn();
    state.learn(
      reported(
        [
          ['autocommit', '0'],
          ['last_insert_id', '9'],
        ],
        [
          ['b', '1'],
          ['a', "'x'"],
        ],
      ),
      traits(),
    );
    state.learn(
      reported(
        [
          ['sql_mode', ''],
          ['ob_trx_timeout', '5'],
          ['ob_trx_lock_timeout', '-1'],
        ],
        [['b', '2']],
      ),
      traits(),
    );
    expect(state.setFor(noVersions())).toBe(
      "SET @@ob_trx_timeout = 5, @@ob_enable_transmission_checksum = 1, @@sql_mode = '', @@ob_trx_lock_timeout = '-1', " +
        "@@autocommit = 0, @@last_insert_id = 9, @b = 2, @a = 'x'",
    );
  });

  test('of a class that is not behind nothing is said', () => {
    const { state, first } = loggedIn();
    expect(state.setFor(first)).toBeNull();
    state.learn(reported([], [['a', '1']]), traits());
    expect(state.setFor(first)).toBe('SET @a = 1');
  });

  test('SET GLOBAL elsewhere: all that can be set, changed values first-hand, from then on', () => {
    const { state } = loggedIn();
    state.learnSavedLogin(
      loginStateOf(reported([['ob_proxy_global_variables_version', '1700000000000000']])),
      traits(),
    );
    expect(state.setFor(noVersions())).not.toContain('wait_timeout');
    state.learnSavedLogin(
      loginStateOf(reported([['ob_proxy_global_variables_version', '1700000000000001']])),
      traits(),
    );
    const set = state.setFor(noVersions())!;
    expect(set).toContain('@@wait_timeout = 28800');
    expect(set.match(/@@ob_trx_timeout/g)).toHaveLength(1);
    for (const [name, { flags }] of DEFAULTS) {
      if (!flags.includes('session_scope') || flags.includes('readonly')) expect(set).not.toContain(`@@${name} `);
    }
  });

  test.each([
    ['5', '5'],
    ['0123', '0123'],
    ['-5', "'-5'"],
    ['1.5', "'1.5'"],
    ['', "''"],
    ["it's", "'it\\'s'"],
    ['a\\b', "'a\\\\b'"],
  ])('the literal of %j', (value, text) => {
    expect(literal(value)).toBe(text);
  });
});

test('values go to the next observer byte for byte, whatever their charset (decisions.md 17)', () => {
  // '你好' in GBK, as an observer reports it from a client that speaks GBK: no utf8.
  const gbk = Buffer.from('27c4e3bac327', 'hex');
  const entry = Buffer.concat([Buffer.from('\x06__NULL\x06__NULL\x01b'), Buffer.of(gbk.length), gbk]);
  const block = Buffer.concat([Buffer.of(0, entry.length), entry, Buffer.of(2, 2, 1, 0x31)]);
  const state = new SessionState();
  state.learn(readSessionState(block), traits());
  const packet = commandPacket(COM.QUERY, state.setFor(noVersions())!);
  expect(packet.subarray(5).toString('hex')).toBe(Buffer.concat([Buffer.from('SET @b = '), gbk]).toString('hex'));
});
