/** Prepared statements at the observer: COM_STMT_… and PREPARE … FROM (decisions.md 14, odp-relay.md §3.7). */
import { describe, expect, it } from 'vitest';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import { execute, prepare, rowsOf, takeBinary } from './binary.ts';
import { Lab, type TestClient } from './pair.ts';

const EXTRA_OK = '0000002200000000';

function app(proxy = false): TestClient {
  return new Lab().login({ user: 'app@shop', database: 'bank', proxy });
}

describe('COM_STMT_PREPARE', () => {
  const shapes: readonly (readonly [sql: string, parameters: number, columns: readonly string[]])[] = [
    ['SELECT 1', 0, ['1']],
    ['SELECT ?, ? + 1 AS b', 2, ['?', 'b']],
    ['SELECT * FROM account WHERE id = ? AND balance > ?', 2, ['id', 'owner', 'balance']],
    ['UPDATE account SET balance = ? WHERE id = ?', 2, []],
    ['INSERT INTO account VALUES (?, ?, ?)', 3, []],
    ['COMMIT', 0, []],
    ["SHOW VARIABLES LIKE 'x'", 0, ['Variable_name', 'Value']],
    ["SELECT '?'", 0, ['?']],
  ];
  for (const [sql, parameters, columns] of shapes) {
    for (const proxy of [false, true]) {
      it(`${sql}, ${proxy ? 'through a proxy' : 'directly'}`, () => {
        const answer = prepare(app(proxy), sql);
        expect(answer).toMatchObject({ kind: 'ok', id: 1, parameters, columns });
        // PREPARE_OK, definitions each with their EOF, and for a proxy one OK in the end.
        const definitions = (count: number): number[] =>
          count === 0 ? [] : [...Array.from({ length: count }, () => 3), 0xfe];
        expect(answer.marks).toEqual([
          0,
          ...definitions(parameters),
          ...definitions(columns.length),
          ...(proxy ? [0] : []),
        ]);
      });
    }
  }

  const refused: readonly (readonly [sql: string, kind: RegExp])[] = [
    ['selct 1', /^ERR 1064 42000 .*near 'selct 1' at line 1$/],
    ['SELECT 1; SELECT 2', /^ERR 1064 42000 .*near 'SELECT 2' at line 1$/],
    ['BEGIN', /^ERR 1295 HY000/],
    ['USE test', /^ERR 1295 HY000/],
    ['SELECT * FROM nope', /^ERR 1146 42S02/],
    ['SELECT nope FROM account', /^ERR 1054 42S22/],
    ['', /^ERR 1065 42000/],
    ['CALL p()', /^ERR 1235 0A000/],
    ['INSERT INTO nope VALUES (?)', /^ERR 1146 42S02/],
    ['INSERT INTO account (id, nope) VALUES (?, ?)', /^ERR 1054 42S22/],
    ['INSERT INTO account (id, owner) VALUES (?)', /^ERR 1136 21S01/],
    ['INSERT INTO account (id) VALUES (?) ON DUPLICATE KEY UPDATE nope = 1', /^ERR 1054 42S22/],
    ['INSERT INTO account SELECT nope FROM account', /^ERR 1054 42S22/],
    ['UPDATE account SET nope = ?', /^ERR 1054 42S22/],
    ['DELETE FROM account WHERE nope = ?', /^ERR 1054 42S22/],
    ['SET nope = 1', /^ERR 1193 HY000/],
    ['SET NAMES nope', /^ERR 1115 42000/],
    ['CREATE TABLE t (a VARCHAR(9) AUTO_INCREMENT PRIMARY KEY)', /^ERR 1063 42000/],
  ];
  for (const [sql, kind] of refused) {
    it(`of ${sql === '' ? 'nothing' : sql} is refused, and an OK follows for a proxy`, () => {
      expect(prepare(app(true), sql)).toMatchObject({ kind: expect.stringMatching(kind), marks: [0xff, 0] });
      expect(prepare(app(false), sql).marks).toEqual([0xff]);
    });
  }

  it('does nothing yet', () => {
    const client = app();
    prepare(client, 'DELETE FROM account');
    prepare(client, 'INSERT INTO account SELECT id + 10, owner, balance FROM account');
    prepare(client, 'UPDATE account SET owner = NULL');
    prepare(client, 'SET @a = 7, autocommit = 0');
    prepare(client, 'SELECT @a := 1 FROM account FOR UPDATE');
    expect(client.query('SELECT COUNT(owner), @a, @@autocommit FROM account').rows).toEqual([['4', null, '1']]);
  });

  it('a ? is no SQL outside of it', () => {
    expect(app().query('SELECT ?').kind).toMatch(/^ERR 1064 42000 .*near '\?' at line 1$/);
  });
});

describe('COM_STMT_EXECUTE', () => {
  it('gives rows in binary, of the types of their columns', () => {
    const client = app();
    const { id } = prepare(
      client,
      'SELECT id, owner, balance * 1.5, 0.5e0, NULL, NOW(), CONNECTION_ID() FROM account WHERE id = ?',
    );
    const answer = execute(client, id, ['2'], [TYPE.LONGLONG]);
    expect(answer.columns.map((it) => it.type)).toEqual([
      TYPE.LONG,
      TYPE.VAR_STRING,
      TYPE.NEWDECIMAL,
      TYPE.DOUBLE,
      TYPE.NULL,
      TYPE.DATETIME,
      TYPE.LONG,
    ]);
    const { threadId } = client.greeting;
    expect(answer.rows).toEqual([['2', 'bob', '150.0', '0.5', null, '2023-11-15 06:13:20', String(threadId)]]);
    expect(answer.statuses).toEqual([2, 2]);
  });

  it('is followed by one OK behind rows and behind an ERR, and by nothing behind an OK, for a proxy', () => {
    const client = app(true);
    const select = prepare(client, 'SELECT 1').id;
    expect(execute(client, select).rest.map((it) => it.toString('hex'))).toEqual([EXTRA_OK]);
    const update = prepare(client, 'UPDATE account SET balance = ? WHERE id = 1').id;
    expect(execute(client, update, ['7'])).toMatchObject({ kind: 'ok', rest: [] });
    expect(execute(client, update, ['x'])).toMatchObject({
      kind: expect.stringMatching(/^ERR 1366/),
      rest: [expect.anything()],
    });
  });

  const values: readonly (readonly [what: string, type: number, value: string | Buffer | null, read: string | null])[] =
    [
      ['TINY', TYPE.TINY, '-1', '-1'],
      ['LONGLONG', TYPE.LONGLONG, '-9223372036854775808', '-9223372036854775808'],
      ['LONGLONG UNSIGNED', TYPE.LONGLONG | 0x8000, '9223372036854775807', '9223372036854775807'],
      ['DOUBLE', TYPE.DOUBLE, '0.25', '0.25'],
      ['NEWDECIMAL', TYPE.NEWDECIMAL, '1.10', '1.10'],
      ['VAR_STRING', TYPE.VAR_STRING, "a'b\\", "a'b\\"],
      ['BLOB', TYPE.BLOB, Buffer.from('ü'), 'ü'],
      ['DATETIME', TYPE.DATETIME, '2024-02-29 01:02:03', '2024-02-29 01:02:03'],
      ['DATE', TYPE.DATE, '2024-02-29', '2024-02-29'],
      ['TIME', TYPE.TIME, '-01:02:03', '-01:02:03'],
      ['NULL', TYPE.NULL, null, null],
    ];
  for (const [what, type, value, read] of values) {
    it(`takes a parameter of type ${what}`, () => {
      const client = app();
      const { id } = prepare(client, 'SELECT ? AS v');
      expect(execute(client, id, [value], [type])).toMatchObject({ kind: 'rows', rows: [[read]] });
      expect(client.query('SELECT 1').kind).toBe('rows');
    });
  }

  it('means the tables of the database in which it was prepared, and nothing after it does', () => {
    const client = app();
    client.query('CREATE DATABASE other');
    client.query('CREATE TABLE other.account (id INT PRIMARY KEY)');
    const count = prepare(client, 'SELECT COUNT(*), DATABASE() FROM account').id;
    client.query("PREPARE named FROM 'SELECT COUNT(*), DATABASE() FROM account'");
    client.query('USE other');
    expect(execute(client, count).rows).toEqual([['4', 'bank']]);
    expect(execute(client, prepare(client, 'SELECT COUNT(*), DATABASE() FROM account').id).rows).toEqual([
      ['0', 'other'],
    ]);
    expect(client.query('EXECUTE named').rows).toEqual([['4', 'bank']]);
    expect(client.query('SELECT COUNT(*), DATABASE() FROM account').rows).toEqual([['0', 'other']]);
  });

  it('that would write cannot be prepared in a transaction that only reads', () => {
    const client = app();
    client.query('START TRANSACTION READ ONLY');
    for (const sql of [
      'INSERT INTO account (id) VALUES (9)',
      'UPDATE account SET balance = 1',
      'DELETE FROM account',
      'SELECT id FROM account FOR UPDATE',
    ]) {
      client.send(COM.STMT_PREPARE, sql);
      expect(client.take().kind, sql).toMatch(/^ERR 1792 25006/);
    }
    client.query('COMMIT');
    expect(prepare(client, 'DELETE FROM account').id).toBeGreaterThan(0);
  });

  it('knows what a date, and what NULL, was bound as', () => {
    const client = app();
    const { id } = prepare(
      client,
      'SELECT ? AS day, ? AS moment, ? AS stretch, ? + 1 AS whole, ? + 1 AS exact, ? AS text',
    );
    const values = ['2024-02-29', '2024-02-29 01:02:03.5', '-01:02:03', null, null, null];
    const types = [TYPE.DATE, TYPE.TIMESTAMP, TYPE.TIME, TYPE.SHORT, TYPE.NEWDECIMAL, TYPE.VAR_STRING];
    const { columns, rows } = execute(client, id, values, types);
    expect(columns.map((it) => [it.type, it.decimals])).toEqual([
      [TYPE.DATE, 0],
      [TYPE.DATETIME, 6],
      [TYPE.TIME, 0],
      [TYPE.LONGLONG, 0],
      [TYPE.NEWDECIMAL, 0],
      [TYPE.VAR_STRING, 31],
    ]);
    expect(rows).toEqual([['2024-02-29', '2024-02-29 01:02:03.500000', '-01:02:03', null, null, null]]);
  });

  it('again and again, with the types of the first time', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT owner FROM account WHERE id = ?');
    expect(execute(client, id, ['1'], [TYPE.LONGLONG]).rows).toEqual([['alice']]);
    // Without types: NEW_PARAMS_BOUND is 0, then the eight bytes of a LONGLONG.
    client.send(
      COM.STMT_EXECUTE,
      Buffer.from(`0${id}000000${'00'}${'01000000'}${'00'}${'00'}${'0200000000000000'}`, 'hex'),
    );
    expect(takeBinary(client).rows).toEqual([['bob']]);
  });

  it('takes the character of ESCAPE too', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT ? LIKE ? ESCAPE ? AS it');
    expect(execute(client, id, ['a%', 'a|%', '|']).rows).toEqual([['1']]);
    expect(execute(client, id, ['a%', 'a|%', '!']).rows).toEqual([['0']]);
    expect(execute(client, id, ['a%', 'a|%', '!!']).kind).toMatch(/^ERR 1210 HY000 .*ESCAPE$/);
  });

  it('finds the row by its key, LIMIT and all', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT id FROM account WHERE balance = ? ORDER BY id DESC LIMIT ?, ?');
    const whole = [TYPE.LONGLONG, TYPE.LONGLONG, TYPE.LONGLONG];
    expect(execute(client, id, ['100', '1', '2'], whole).rows).toEqual([['3'], ['2']]);
  });

  it('of an unknown statement, or with parameters that are none, is refused', () => {
    const client = app();
    expect(execute(client, 9).kind).toBe(
      'ERR 1243 HY000 Unknown prepared statement handler (9) given to mysqld_stmt_execute',
    );
    const { id } = prepare(client, 'SELECT ?');
    client.send(COM.STMT_EXECUTE, Buffer.from(`0${id}0000000001000000`, 'hex'));
    expect(client.take().kind).toBe('ERR 1210 HY000 Incorrect arguments to mysqld_stmt_execute');
  });

  it('sleeps, waits for rows, is killed and shown like any other statement', () => {
    const lab = new Lab();
    const [alice, bob] = [
      lab.login({ user: 'app@shop', database: 'bank' }),
      lab.login({ user: 'app@shop', database: 'bank' }),
    ];
    const add = prepare(bob, 'UPDATE account SET balance = balance + ? WHERE id = ?').id;
    alice.query('BEGIN');
    alice.query('UPDATE account SET balance = 0 WHERE id = 1');
    expect(execute(bob, add, ['5', '1'], [TYPE.LONG, TYPE.LONG]).kind).toBe('nothing');
    const row = alice.query('SHOW PROCESSLIST').rows[1];
    expect(row?.slice(4)).toEqual(['Execute', '0', 'ACTIVE', 'UPDATE account SET balance = balance + ? WHERE id = ?']);
    alice.query('COMMIT');
    expect(takeBinary(bob).kind).toBe('ok');
    expect(alice.query('SELECT balance FROM account WHERE id = 1').rows).toEqual([['5']]);
    const sleep = prepare(bob, 'SELECT SLEEP(?)').id;
    expect(execute(bob, sleep, ['9']).kind).toBe('nothing');
    alice.query(`KILL QUERY ${bob.greeting.threadId}`);
    lab.world.advance(100);
    expect(takeBinary(bob).kind).toMatch(/^ERR 1317/);
  });

  it('of many rows sends them as the client reads', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop', proxy: true });
    const { id } = prepare(client, 'SELECT @n := IFNULL(@n, 0) + ? AS n FROM TABLE(GENERATOR(?))');
    client.connection.pause();
    expect(execute(client, id, ['1', '50000'], [TYPE.LONG, TYPE.LONG]).kind).toBe('nothing');
    lab.world.advance(60_000);
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('ACTIVE');
    client.connection.resume();
    lab.world.settle();
    const answer = takeBinary(client);
    expect(answer.rows).toHaveLength(50_000);
    expect(answer.rows.at(-1)).toEqual(['50000']);
  });
});

describe('COM_STMT_SEND_LONG_DATA', () => {
  it('brings a parameter in pieces, for one EXECUTE', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT ? AS a, ? AS b');
    for (const piece of ['long ', 'data']) {
      client.send(COM.STMT_SEND_LONG_DATA, Buffer.concat([Buffer.of(id, 0, 0, 0, 1, 0), Buffer.from(piece)]));
    }
    expect(client.takeBytes()).toEqual([]);
    expect(execute(client, id, ['x', undefined]).rows).toEqual([['x', 'long data']]);
    expect(execute(client, id, ['x', 'y']).rows).toEqual([['x', 'y']]);
  });

  it('is a text or bytes, whatever the type says', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT ? AS a');
    client.send(COM.STMT_SEND_LONG_DATA, Buffer.of(id, 0, 0, 0, 0, 0, 0x78));
    expect(execute(client, id, [undefined], [TYPE.DATETIME]).rows).toEqual([['x']]);
  });

  it('is forgotten by RESET, and says nothing about an unknown statement', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT ? AS a');
    client.send(COM.STMT_SEND_LONG_DATA, Buffer.of(id, 0, 0, 0, 0, 0, 0x78));
    client.send(COM.STMT_SEND_LONG_DATA, Buffer.of(99, 0, 0, 0, 0, 0, 0x78));
    client.send(COM.STMT_RESET, Buffer.of(id, 0, 0, 0));
    expect(client.take().kind).toBe('ok');
    expect(execute(client, id, ['y']).rows).toEqual([['y']]);
    client.send(COM.STMT_RESET, Buffer.of(99, 0, 0, 0));
    expect(client.take().kind).toMatch(/^ERR 1243 HY000/);
  });
});

describe('COM_STMT_CLOSE', () => {
  it('forgets the statement; its number is not given again', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT 1');
    client.send(COM.STMT_CLOSE, Buffer.of(id, 0, 0, 0));
    expect(client.takeBytes()).toEqual([]);
    expect(execute(client, id).kind).toMatch(/^ERR 1243/);
    expect(prepare(client, 'SELECT 1').id).toBe(id + 1);
  });
});

describe('a cursor', () => {
  /** FETCH of so many rows. */
  function fetch(client: TestClient, id: number, count: number): ReturnType<typeof rowsOf> {
    client.send(COM.STMT_FETCH, Buffer.of(id, 0, 0, 0, count, 0, 0, 0));
    const shape = { type: TYPE.LONG, flags: 0 } as never;
    return rowsOf(
      [shape],
      client.takeBytes().map((it) => it.subarray(4)),
      [],
    );
  }

  for (const proxy of [false, true]) {
    it(`gives its rows by FETCH, ${proxy ? 'through a proxy' : 'directly'}`, () => {
      const client = app(proxy);
      const { id } = prepare(client, 'SELECT id FROM account ORDER BY id');
      const rest = proxy ? [EXTRA_OK] : [];
      const opened = execute(client, id, [], [], 1);
      expect([opened.statuses, opened.rows, opened.rest.map((it) => it.toString('hex'))]).toEqual([[0x42], [], rest]);
      client.query('DELETE FROM account');
      const first = fetch(client, id, 3);
      expect([first.rows, first.statuses]).toEqual([[['1'], ['2'], ['3']], [0x42]]);
      expect(first.rest.map((it) => it.toString('hex'))).toEqual(rest);
      const second = fetch(client, id, 3);
      expect([second.rows, second.statuses]).toEqual([[['4']], [0x82]]);
      client.send(COM.STMT_FETCH, Buffer.of(id, 0, 0, 0, 1, 0, 0, 0));
      expect(client.take()).toMatchObject({
        kind: 'ERR 1421 HY000 The statement (1) has no open cursor.',
        extraOk: proxy,
      });
    });
  }

  it('gives the rows of its own parameters, whatever is executed meanwhile', () => {
    const client = app();
    const { id } = prepare(client, 'SELECT ? FROM TABLE(GENERATOR(2))');
    execute(client, id, ['7'], [TYPE.LONG], 1);
    execute(client, prepare(client, 'SELECT ?').id, ['8'], [TYPE.LONG]);
    client.send(COM.STMT_FETCH, Buffer.of(id, 0, 0, 0, 1, 0, 0, 0));
    expect(client.takeBytes()[0]?.subarray(6, 7)).toEqual(Buffer.of(7));
  });

  it('is none for a statement without rows', () => {
    const client = app();
    const { id } = prepare(client, 'UPDATE account SET balance = 1');
    expect(execute(client, id, [], [], 1).kind).toBe('ok');
  });
});

describe('PREPARE … FROM', () => {
  it('has a name, and takes user variables', () => {
    const client = app();
    expect(client.query("PREPARE s FROM 'SELECT owner FROM account WHERE id = ? OR id = ?'").kind).toBe('ok');
    client.query('SET @a = 1, @b = 3');
    expect(client.query('EXECUTE S USING @a, @b').rows).toEqual([['alice'], ['carol']]);
    expect(client.query('EXECUTE s USING @a').kind).toBe('ERR 1210 HY000 Incorrect arguments to EXECUTE');
    client.query("SET @sql = 'UPDATE account SET balance = 5 WHERE id = 1'");
    client.query('PREPARE s FROM @sql');
    expect(client.query('EXECUTE s').affectedRows).toBe(1);
    expect(client.query('DEALLOCATE PREPARE s').kind).toBe('ok');
    expect(client.query('EXECUTE s').kind).toBe(
      'ERR 1243 HY000 Unknown prepared statement handler (s) given to EXECUTE',
    );
    expect(client.query('DROP PREPARE s').kind).toMatch(/^ERR 1243 .* given to DEALLOCATE PREPARE$/);
  });

  it('that is refused leaves no statement of that name', () => {
    const client = app();
    client.query("PREPARE s FROM 'SELECT 1'");
    expect(client.query("PREPARE s FROM 'selct'").kind).toMatch(/^ERR 1064/);
    expect(client.query('EXECUTE s').kind).toMatch(/^ERR 1243/);
    expect(client.query("PREPARE s FROM 'PREPARE t FROM ''x'''").kind).toMatch(/^ERR 1295/);
    expect(client.query("PREPARE s FROM 'SELECT nope FROM account WHERE id = ?'").kind).toMatch(/^ERR 1054/);
    expect(client.query("PREPARE s FROM 'SELECT 1; SELECT 2'").kind).toMatch(/^ERR 1064/);
    expect(client.query('EXECUTE s').kind).toMatch(/^ERR 1243/);
  });

  it('waits for rows as ever', () => {
    const lab = new Lab();
    const [alice, bob] = [
      lab.login({ user: 'app@shop', database: 'bank' }),
      lab.login({ user: 'app@shop', database: 'bank' }),
    ];
    bob.query("PREPARE s FROM 'UPDATE account SET balance = balance + ? WHERE id = 1'");
    bob.query('SET @n = 7');
    alice.query('BEGIN');
    alice.query('UPDATE account SET balance = 1 WHERE id = 1');
    bob.send(COM.QUERY, 'EXECUTE s USING @n');
    alice.query('COMMIT');
    expect(bob.take().kind).toBe('ok');
    expect(bob.query('SELECT balance FROM account WHERE id = 1').rows).toEqual([['8']]);
  });
});
