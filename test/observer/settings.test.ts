/** What a variable may be set to: its range, who may, and what follows from it (observer.md §6.1, §8). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab, type TestClient } from './pair.ts';

function clientIn(mode: string): TestClient {
  const client = new Lab().login({ user: 'root@shop', database: 'bank' });
  client.query(`SET sql_mode = '${mode}'`);
  return client;
}

const BEYOND: readonly (readonly [name: string, value: string, nearest: string])[] = [
  ['wait_timeout', '-1', '0'],
  ['wait_timeout', '99999999999', '31536000'],
  ['interactive_timeout', '0', '1'],
  ['auto_increment_increment', '0', '1'],
  ['auto_increment_offset', '70000', '65535'],
  ['ob_query_timeout', '0', '1'],
  ['ob_query_timeout', '-5', '1'],
  ['ob_trx_timeout', '-1', '1'],
  ['ob_trx_lock_timeout', '-2', '-1'],
  ['group_concat_max_len', '1', '4'],
  ['div_precision_increment', '31', '30'],
];

describe('a number out of its range', () => {
  it.each(BEYOND)('%s = %s is refused where all is strict', (name, value) => {
    const client = clientIn('STRICT_ALL_TABLES');
    const before = client.query(`SELECT @@${name}`).rows;
    expect(client.query(`SET ${name} = ${value}`).kind).toBe(
      `ERR 1231 42000 Variable '${name}' can't be set to the value of '${value}'`,
    );
    expect(client.query(`SELECT @@${name}`).rows).toEqual(before);
  });

  it.each(BEYOND)('%s = %s is else the nearest one, with a warning', (name, value, nearest) => {
    const client = clientIn('STRICT_TRANS_TABLES');
    expect(client.query(`SET ${name} = ${value}`).kind).toBe('ok');
    expect(client.query('SHOW WARNINGS').rows).toEqual([
      ['Warning', '1292', `Truncated incorrect ${name} value: '${value}'`],
    ]);
    expect(client.query(`SELECT @@${name}`).rows).toEqual([[nearest]]);
  });

  it('a time limit beyond the longest is the longest, strict or not', () => {
    const client = clientIn('STRICT_ALL_TABLES');
    expect(client.query('SET ob_query_timeout = 9999999999999999999').kind).toBe('ok');
    expect(client.query('SELECT @@ob_query_timeout').rows).toEqual([['3216672000000000']]);
  });

  it('of more than 64 bits is no integer', () => {
    expect(clientIn('').query('SET ob_query_timeout = 99999999999999999999').kind).toMatch(/^ERR 1232 42000/);
  });
});

describe('max_allowed_packet', () => {
  it('is set for new sessions, by who may', () => {
    const lab = new Lab();
    const [root, app] = [lab.login({ user: 'root@shop' }), lab.login({ user: 'app@shop' })];
    expect(app.query('SET GLOBAL max_allowed_packet = 2048').kind).toMatch(/^ERR 1227/);
    expect(root.query('SET max_allowed_packet = 2048').kind).toBe(
      "ERR 1621 HY000 SESSION variable 'max_allowed_packet' is read-only. Use SET GLOBAL to assign the value",
    );
    expect(root.query('SET GLOBAL max_allowed_packet = 2048').kind).toBe('ok');
    expect(root.query('SELECT @@max_allowed_packet, @@global.max_allowed_packet').rows).toEqual([['16777216', '2048']]);
    const long = `SELECT LENGTH('${'x'.repeat(3000)}')`;
    expect(root.query(long).rows).toEqual([['3000']]);
    const later = lab.login({ user: 'app@shop' });
    expect(later.query('SELECT @@max_allowed_packet').rows).toEqual([['2048']]);
    expect(later.query(long).kind).toMatch(/^ERR 1153 08S01/);
    expect(later.ended).toBe(true);
  });
});

describe('max_prepared_stmt_count', () => {
  const FULL = "ERR 1461 42000 Can't create more than max_prepared_stmt_count statements (current value: 2)";

  it('counts those of all sessions of the tenant, with a name or without', () => {
    const lab = new Lab();
    const [root, app] = [lab.login({ user: 'root@shop' }), lab.login({ user: 'app@shop' })];
    root.query('SET GLOBAL max_prepared_stmt_count = 2');
    expect(app.query("PREPARE a FROM 'SELECT 1'").kind).toBe('ok');
    app.send(COM.STMT_PREPARE, 'SELECT 1');
    expect(app.takeBytes()[0]![4]).toBe(0);
    expect(root.query("PREPARE a FROM 'SELECT 1'").kind).toBe(FULL);
    root.send(COM.STMT_PREPARE, 'SELECT 1');
    expect(root.take().kind).toBe(FULL);
    // In the place of its own name.
    expect(app.query("PREPARE a FROM 'SELECT 2'").kind).toBe('ok');
    app.query('DEALLOCATE PREPARE a');
    expect(root.query("PREPARE a FROM 'SELECT 1'").kind).toBe('ok');
    expect(root.query("PREPARE b FROM 'SELECT 1'").kind).toBe(FULL);
    // What ends gives back what it had.
    app.connection.end();
    lab.world.settle();
    expect(root.query("PREPARE b FROM 'SELECT 1'").kind).toBe('ok');
  });
});

describe('sql_mode', () => {
  const SET: readonly (readonly [value: string, then: string])[] = [
    ["''", ''],
    ["'strict_trans_tables, ANSI_QUOTES,'", 'ANSI_QUOTES,STRICT_TRANS_TABLES'],
    ['4194304', 'STRICT_ALL_TABLES'],
    ['ANSI', 'REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ONLY_FULL_GROUP_BY,ANSI'],
    [
      'traditional',
      'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,' +
        'NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION',
    ],
  ];
  it.each(SET)('%s', (value, then) => {
    const client = new Lab().login({ user: 'root@shop' });
    expect(client.query(`SET sql_mode = ${value}`).kind).toBe('ok');
    expect(client.query('SELECT @@sql_mode').rows).toEqual([[then]]);
  });

  it('with an unknown word is refused, and so is one whose effect is not built', () => {
    const client = new Lab().login({ user: 'root@shop' });
    expect(client.query("SET sql_mode = 'ANSI_QUOTES,KLINGON'").kind).toBe(
      "ERR 1231 42000 Variable 'sql_mode' can't be set to the value of 'KLINGON'",
    );
    expect(client.query("SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'").kind).toBe(
      'ERR 1235 0A000 sql_mode PAD_CHAR_TO_FULL_LENGTH not supported',
    );
    expect(client.query("SET tx_isolation = 'LOOSE'").kind).toMatch(/^ERR 1231 42000/);
  });
});
