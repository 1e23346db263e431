/**
 * SHOW PROXYSESSION, its ATTRIBUTE, STAT and VARIABLES, and SHOW PROCESSLIST: columns, types, rows, their order, and who
 * sees whom (odp-sessions.md §2 and §8).
 */
import { describe, expect, test } from 'vitest';
import { matchesLike, RESULT_LIMIT, resultSet } from '../../proxy/command/result.ts';
import { STAT_NAMES } from '../../proxy/command/stat-names.ts';
import { DEFAULTS } from '../../proxy/session/variables.ts';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import { PacketReader } from '../../proxy/wire/framing.ts';
import { readEof, readErr } from '../../proxy/wire/ok.ts';
import { type Column, readColumn, readRow } from '../../proxy/wire/result-set.ts';
import { queryBytes, type RawClient, requestBytes } from '../session/raw-client.ts';
import { okBytes } from '../session/scripted-observer.ts';
import { inEveryWorld, Stage } from '../session/stage.ts';

interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly string[];
}

function readResult(bytes: Buffer): Result {
  const reader = new PacketReader();
  reader.push(bytes);
  const count = reader.next()!.payload[0]!;
  const columns = Array.from({ length: count }, () => readColumn(reader.next()!.payload));
  expect(readEof(reader.next()!.payload)).toEqual({ warnings: 0, status: 0 });
  const rows: string[] = [];
  let packet = reader.next()!;
  for (; packet.payload[0] !== 0xfe; packet = reader.next()!) rows.push(readRow(packet.payload, count).join('|'));
  expect(readEof(packet.payload)).toEqual({ warnings: 0, status: 0 });
  expect(reader.pending).toBe(0);
  return { columns, rows };
}

function show(stage: Stage, client: RawClient, what: string | Buffer): Result {
  client.send(typeof what === 'string' ? queryBytes(what) : what);
  stage.settle();
  return readResult(client.take());
}

function header({ columns }: Result): string[] {
  for (const { charset, length, flags, decimals, orgName, name, schema, table } of columns) {
    expect([charset, length, flags, decimals, schema, table]).toEqual([45, 0, 0, 0xff, '', '']);
    expect(orgName).toBe(name);
  }
  return columns.map(({ name, type }) => {
    const typeName = type === TYPE.VARCHAR ? 'VARCHAR' : type === TYPE.LONGLONG ? 'LONGLONG' : 'LONG';
    expect(type).toBe(TYPE[typeName]);
    return `${name} ${typeName}`;
  });
}

const PROXY_SESSID = '12402504630519660545';
const SESSION_COLUMNS = [
  ...['proxy_sessid LONGLONG', 'Id LONGLONG', 'Cluster VARCHAR', 'Tenant VARCHAR', 'User VARCHAR', 'Host VARCHAR'],
  ...['db VARCHAR', 'trans_count LONGLONG', 'svr_session_count LONGLONG', 'state VARCHAR', 'tid LONGLONG', 'pid LONG'],
  'using_ssl LONG',
];

describe('the list', () => {
  inEveryWorld(
    'columns, and a row for each session from accept on, by cs_id',
    {},
    (stage) => {
      const admin = stage.administrator();
      stage.login('app@shop#obdemo');
      stage.connect();
      const result = show(stage, admin, 'SHOW PROXYSESSION');
      expect(header(result)).toEqual(SESSION_COLUMNS);
      expect(result.rows).toEqual([
        '0|1||proxysys|root|10.0.0.7:40000|NULL|0|0|MCS_ACTIVE_READER|76286|76286|0',
        `${PROXY_SESSID}|2|obdemo|shop|app|192.0.2.10:63882|NULL|0|1|MCS_ACTIVE_READER|76286|76286|0`,
        '0|3||||192.0.2.10:63884|NULL|0|0|MCS_ACTIVE_READER|76286|76286|0',
      ]);
      stage.leave();
    },
    5,
  );

  inEveryWorld(
    'SHOW PROCESSLIST and COM_PROCESS_INFO',
    {},
    (stage) => {
      const client = stage.login('root@sys');
      stage.observer.answers['INIT_DB bank'] = okBytes({}, { database: 'bank' });
      client.send(requestBytes(COM.INIT_DB, 'bank'));
      stage.settle();
      client.take();
      for (const what of ['SHOW PROCESSLIST', requestBytes(COM.PROCESS_INFO)]) {
        const result = show(stage, client, what);
        expect(header(result)).toEqual(['Id LONGLONG', ...SESSION_COLUMNS.slice(3, 12)]);
        expect(result.rows).toEqual(['1|sys|root|192.0.2.10:63882|bank|0|1|MCS_ACTIVE_READER|76286|76286']);
      }
      stage.leave();
    },
    5,
  );

  test('who sees whom', () => {
    const stage = new Stage();
    const people = [
      stage.login('root@sys#obdemo'),
      stage.login('dba@sys#obother'),
      stage.login('app@shop#obdemo'),
      stage.login('app@shop#obdemo'),
      stage.login('boss@shop#obother'),
    ];
    const admin = stage.administrator();
    stage.connect();
    const seen = [...people, admin].map((client) =>
      show(stage, client, 'SHOW PROXYSESSION').rows.map((row) => Number(row.split('|')[1])),
    );
    const all = [1, 2, 3, 4, 5, 6, 7];
    expect(seen).toEqual([all, all, [3], [4], [5], all]);
    const processes = people.map((client) =>
      show(stage, client, 'SHOW PROCESSLIST').rows.map((row) => Number(row.split('|')[0])),
    );
    // Everybody here has PROCESS, and ordinary users still see only themselves.
    expect(processes).toEqual([all, all, [3], [4], [5]]);
    // The details of any session are anybody's who knows its id.
    expect(show(stage, people[2]!, 'SHOW PROXYSESSION ATTRIBUTE 1').rows).toHaveLength(39);
    stage.leave();
  });

  test('more than 16 MB is ERR 4024 in its place; SHOW PROCESSLIST is exempt', () => {
    const rows = Array.from({ length: 17 }, () => ['x'.repeat(1024 * 1024)]);
    const columns = [{ name: 'a', type: 'VARCHAR' }] as const;
    const error = resultSet(0, columns, rows);
    expect(readErr(error.subarray(4))).toEqual({ code: 4024, sqlState: 'HY000', message: 'Buffer not enough' });
    expect(error[3]).toBe(1);
    expect(resultSet(0, columns, rows, false).length).toBeGreaterThan(RESULT_LIMIT);
  });
});

describe('ATTRIBUTE', () => {
  const COMMON = [
    ...['proxy_sessid', 'cs_id', 'cluster', 'tenant', 'user', 'host_ip', 'host_port', 'db', 'total_trans_cnt'],
    ...['svr_session_cnt', 'active', 'read_state', 'tid', 'pid', 'idc_name'],
  ];
  const VERSIONS = [
    'hot_sys_var_version',
    'sys_var_version',
    'user_var_version',
    'last_insert_id_version',
    'db_name_version',
  ];
  const SERVER = [
    ...['server_ip', 'server_port', 'server_sessid', 'ss_id', 'state', 'transact_count', 'server_trans_stat'],
    ...VERSIONS,
    ...['is_checksum_supported', 'is_safe_read_weak_supported', 'is_checksum_switch_supported', 'checksum_switch'],
    'enable_extra_ok_packet_for_stats',
  ];

  inEveryWorld(
    "39 rows with one server session, the page's values",
    {},
    (stage) => {
      const client = stage.login('root@sys#obdemo');
      stage.ask(client, 'select @@version_comment limit 1');
      const result = show(stage, client, 'SHOW PROXYSESSION ATTRIBUTE');
      expect(header(result)).toEqual(['attribute_name VARCHAR', 'value VARCHAR', 'info VARCHAR']);
      expect(result.rows.map((row) => row.split('|')[0])).toEqual([
        ...COMMON,
        'modified_time',
        'reported_time',
        ...VERSIONS,
        ...SERVER,
      ]);
      expect(result.rows.map((row) => row.split('|')[1])).toEqual([
        ...['-6044239443189891071', '1', 'obdemo', 'sys', 'root', '192.0.2.10', '63882', 'NULL', '0', '1', 'true'],
        ...['MCS_ACTIVE_READER', '76286', '76286', '', '0', '0', '0', '2', '0', '0', '0'],
        ...['172.30.140.71', '2881', '3221487617', '1', 'MSS_KA_CLIENT_SLAVE', '2', '0', '0', '2', '0', '0', '0'],
        ...['0', '0', '1', '1', '1'],
      ]);
      expect(result.rows.map((row) => row.split('|')[2])).toEqual([
        ...Array(15).fill('cs common'),
        ...Array(2).fill('cs stat'),
        ...Array(5).fill('cs var version'),
        ...Array(17).fill('last used ss'),
      ]);
      stage.leave();
    },
    5,
  );

  inEveryWorld(
    '22 rows without one; −1 is oneself, as is no id; another unknown id is 1094',
    {},
    (stage) => {
      const admin = stage.administrator();
      for (const id of ['', '1', '-1']) {
        const { rows } = show(stage, admin, `SHOW PROXYSESSION ATTRIBUTE ${id}`);
        expect(rows).toHaveLength(22);
        expect(rows[1]).toBe('cs_id|1|cs common');
      }
      expect(stage.ask(admin, 'SHOW PROXYSESSION ATTRIBUTE -5')).toEqual([
        '1 ERR 1094/HY000 Unknown thread id: 18446744073709551611',
      ]);
      expect(stage.ask(admin, 'SHOW PROXYSESSION STAT 4294967296')).toEqual([
        '1 ERR 1094/HY000 Unknown thread id: 4294967296',
      ]);
      stage.leave();
    },
    5,
  );

  const POOL = { observers: 2, tenants: [{ name: 'shop', servers: [1, 0], leader: 0 }] };
  inEveryWorld(
    'current, bound and pooled: infos, states, and the one that made LAST_INSERT_ID',
    POOL,
    (stage) => {
      const admin = stage.administrator();
      const client = stage.login('app@shop');
      const blocks = () =>
        show(stage, admin, "SHOW PROXYSESSION ATTRIBUTE 2 LIKE 's%a%e'").rows.map((row) => row.replace('state|', ''));
      expect(blocks()).toEqual(['MSS_KA_CLIENT_SLAVE|last used ss']);
      stage.observers[0]!.answers['QUERY insert'] = okBytes({}, { system: [['last_insert_id', '5']] });
      stage.ask(client, 'insert');
      expect(blocks()).toEqual(['MSS_KA_CLIENT_SLAVE|last used && lii ss', 'MSS_KA_SHARED|ss pool [0]']);
      stage.observers[0]!.answers['QUERY sleep'] = null;
      client.send(queryBytes('sleep'));
      stage.settle();
      expect(blocks()).toEqual(['MSS_ACTIVE|curr used && lii ss', 'MSS_KA_SHARED|ss pool [0]']);
      expect(
        show(stage, admin, "SHOW PROXYSESSION ATTRIBUTE 2 LIKE 'server_trans_stat'").rows.map((it) => it[18]),
      ).toEqual(['1', '0']);
      // Its id there finds it, whatever part it plays.
      for (const observer of stage.observers) {
        const { rows } = show(stage, admin, `SHOW PROXYSESSION ATTRIBUTE ${observer.last.threadId} LIKE 'cs_id'`);
        expect(rows).toEqual(['cs_id|2|cs common']);
      }
      stage.leave();
    },
    5,
  );

  inEveryWorld(
    'active: from a whole request until a server session comes back',
    {},
    (stage) => {
      const admin = stage.administrator();
      const client = stage.login('app@shop');
      const active = () => show(stage, admin, "SHOW PROXYSESSION ATTRIBUTE 2 LIKE 'active'").rows[0]!.split('|')[1];
      expect(active()).toBe('false');
      stage.observer.answers['QUERY sleep'] = null;
      client.send(queryBytes('sleep'));
      stage.settle();
      expect(active()).toBe('true');
      stage.observer.last.write(okBytes());
      stage.settle();
      expect(active()).toBe('false');
      // Nothing is attached for what the proxy answers itself.
      client.send(requestBytes(COM.PING));
      stage.settle();
      expect(active()).toBe('true');
      stage.leave();
    },
    5,
  );
});

describe('STAT and VARIABLES', () => {
  test('91 statistics in their order, all 0', () => {
    const stage = new Stage();
    const result = show(stage, stage.login('app@shop'), 'SHOW PROXYSESSION STAT');
    expect(header(result)).toEqual(['stat_name VARCHAR', 'value LONGLONG']);
    expect(result.rows).toEqual(STAT_NAMES.map((name) => `${name}|0`));
    expect([STAT_NAMES.length, new Set(STAT_NAMES).size]).toEqual([91, 91]);
    expect([STAT_NAMES[0], STAT_NAMES[30], STAT_NAMES[42], STAT_NAMES[48], STAT_NAMES[56], STAT_NAMES[90]]).toEqual([
      ...['total_transaction_count', 'client_requests', 'request_size_100_count', 'request_size_inf_count'],
      ...['client_speed_bytes_per_sec_100', 'vip_to_tenant_cache_miss'],
    ]);
  });

  test('changed system variables, then user variables; all of them with ALL', () => {
    const stage = new Stage();
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY set'] = okBytes(
      {},
      {
        system: [
          ['autocommit', '0'],
          ['last_insert_id', '5'],
          ['time_zone', '+09:00'],
        ],
        user: [
          ['v', "'x'"],
          ['w', `'${'y'.repeat(130)}'`],
        ],
      },
    );
    stage.ask(client, 'set');
    const result = show(stage, client, 'SHOW PROXYSESSION VARIABLES');
    expect(header(result)).toEqual(
      ['variable_name', 'value', 'info', 'modified_type', 'sys_variable_flag'].map((name) => `${name} VARCHAR`),
    );
    const both = ' && global_scope && session_scope';
    expect(result.rows).toEqual([
      `ob_trx_timeout|86400000000|changed sys var|cold modified vars|${both}`,
      `ob_enable_transmission_checksum|1|changed sys var|cold modified vars|${both}`,
      `autocommit|0|changed sys var|hot modified vars|${both}`,
      'last_insert_id|5|changed sys var|last insert id modified vars| && session_scope',
      `time_zone|'+09:00'|changed sys var|cold modified vars|${both}`,
      "v|'x'|user var||",
      'w|---value length is large then 128bytes---|user var||',
    ]);
    const all = show(stage, client, 'SHOW PROXYSESSION VARIABLES ALL').rows;
    expect(all).toHaveLength(DEFAULTS.size + 2);
    expect(all[0]).toBe(`autocommit|0|sys var|hot modified vars|${both}`);
    expect(all).toContain(`wait_timeout|28800|sys var||${both}`);
    expect(show(stage, client, "SHOW PROXYSESSION VARIABLES ALL LIKE 'ob\\_trx%'").rows).toEqual([]);
    expect(show(stage, client, "SHOW PROXYSESSION VARIABLES LIKE 'ob_trx%'").rows).toHaveLength(1);
    expect(show(stage, client, "SHOW PROXYSESSION VARIABLES LIKE 'OB_TRX%'").rows).toEqual([]);
    stage.leave();
  });
});

describe('LIKE', () => {
  test.each([
    ['abc', '', true],
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['abc', 'ab', false],
    ['abc', 'a%', true],
    ['abc', '%c', true],
    ['abc', '%b%', true],
    ['abc', '%%%', true],
    ['', '%', true],
    ['', '_', false],
    ['abc', '___', true],
    ['abc', '__', false],
    ['abc', '_%_%_%_', false],
    ['a.c', 'a.c', true],
    ['abc', 'a.c', false],
    ['a*[c', 'a*[c', true],
    ['abab', '%ab', true],
    ['aXbXc', 'a%X%c', true],
    ['aab', '%a_', true],
    ['x💥y', 'x_y', true],
  ])('%j LIKE %j is %s', (text, pattern, matches) => {
    expect(matchesLike(text, pattern)).toBe(matches);
  });

  test('no pattern takes for ever', () => {
    expect(matchesLike('a'.repeat(64), `${'%a'.repeat(30)}%b`)).toBe(false);
  });
});
