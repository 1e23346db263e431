/** What `--trace` prints: conversations fed packet by packet, and the lines that come out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COM, STATUS, TYPE } from '../../proxy/wire/constants.ts';
import { Conversation, type Speaker } from '../../proxy/wire/describe.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import { HEADER_SIZE, MAX_PACKET_PAYLOAD, PacketWriter } from '../../proxy/wire/framing.ts';
import { PLAIN_OK, writeEof, writeErr, writeObserverOk, writeOk } from '../../proxy/wire/ok.ts';
import { CELL_LIMIT, TEXT_LIMIT } from '../../proxy/wire/printable.ts';
import { column, writeColumn, writeColumnCount, writeRow } from '../../proxy/wire/result-set.ts';
import { writeSessionState } from '../../proxy/wire/session-state.ts';
import { cut, cutName, waysToCut } from './cuts.ts';
import {
  CLIENT_LOGIN,
  GREETING,
  KILL_ERR,
  KILL_OK,
  KILL_QUERY,
  MEASURED_LOGINS,
  OBSERVER_LOGIN,
  OBSERVER_LOGIN_OK,
  SELCT_ERR,
  SELCT_EXTRA_OK,
  SELCT_QUERY,
  TRACKING_LOGIN_OK,
} from './fixtures.ts';

function made(sequence: number, ...writes: ((out: PacketWriter) => void)[]): Buffer {
  const out = new PacketWriter(sequence);
  for (const write of writes) write(out);
  return out.view();
}

function request(command: number, rest: string | Buffer = ''): Buffer {
  return made(0, (out) => out.packet(Buffer.concat([Buffer.of(command), Buffer.from(rest)])));
}

/** A conversation between an observer and the proxy, past its login. */
function atObserver(): Conversation {
  const it = new Conversation(true);
  it.feed('server', GREETING);
  it.feed('client', OBSERVER_LOGIN);
  it.feed('server', OBSERVER_LOGIN_OK);
  return it;
}

/** A conversation between the proxy and a client, past its login. */
function atClient(login = CLIENT_LOGIN): Conversation {
  const it = new Conversation(false);
  it.feed('server', GREETING);
  it.feed('client', login);
  it.feed('server', TRACKING_LOGIN_OK);
  return it;
}

describe('login', () => {
  test('between observer and proxy', () => {
    const it = new Conversation(true);
    expect(it.feed('server', GREETING)).toEqual(['greeting 5.6.25 thread 56932']);
    expect(it.feed('client', OBSERVER_LOGIN)).toEqual(['login root@sys attributes=12']);
    expect(it.feed('server', OBSERVER_LOGIN_OK)).toEqual([
      'OK affected=0 status=0x4022 state{autocommit=1,wait_timeout=28800,ob_query_timeout=10000000,…+5}',
    ]);
  });

  test('between proxy and client', () => {
    const it = new Conversation(false);
    it.feed('server', GREETING);
    expect(it.feed('client', CLIENT_LOGIN)).toEqual(['login root@sys#obdemo attributes=3']);
    expect(it.feed('server', TRACKING_LOGIN_OK)).toEqual(['OK affected=0 status=0x4022']);
  });

  test('of a client without attributes, with an empty database', () => {
    const it = new Conversation(false);
    it.feed('server', GREETING);
    const mysql = MEASURED_LOGINS.find(({ client }) => client === 'mysql')!;
    expect(it.feed('client', mysql.packet)).toEqual(['login root db= attributes=none']);
  });

  test('refused', () => {
    const it = new Conversation(true);
    it.feed('server', GREETING);
    it.feed('client', OBSERVER_LOGIN);
    const refused = made(
      2,
      (out) => writeErr(out, errorOf('ACCESS_DENIED', 'root', '192.0.2.10', 'NO')),
      (out) => writeObserverOk(out, PLAIN_OK),
    );
    expect(it.feed('server', refused)).toEqual([
      "ERR 1045 (42000) Access denied for user 'root'@'192.0.2.10' (using password: NO)",
      'extra OK affected=0 status=0x0000',
    ]);
  });

  test('an ERR in place of the greeting', () => {
    const it = new Conversation(false);
    expect(
      it.feed(
        'server',
        made(0, (out) => writeErr(out, errorOf('TOO_MANY_CONNECTIONS'))),
      ),
    ).toEqual(['ERR 1040 (08004) Too many connections']);
  });

  test('a switch of the plugin', () => {
    const it = new Conversation(false);
    it.feed('server', GREETING);
    it.feed('client', CLIENT_LOGIN);
    const ask = made(2, (out) => out.packet(Buffer.from('\xfemysql_clear_password\0', 'latin1')));
    expect(it.feed('server', ask)).toEqual(['switch to mysql_clear_password']);
    expect(
      it.feed(
        'client',
        made(3, (out) => out.packet(Buffer.from('x\0'))),
      ),
    ).toEqual(['2 bytes: 7800']);
    expect(
      it.feed(
        'server',
        made(4, (out) => writeOk(out, PLAIN_OK, true)),
      ),
    ).toEqual(['OK affected=0 status=0x0000']);
  });

  test('TLS: nothing more can be read', () => {
    const it = new Conversation(false);
    it.feed('server', GREETING);
    const start = Buffer.from(CLIENT_LOGIN.subarray(HEADER_SIZE, HEADER_SIZE + 32));
    start[1]! |= 0x08;
    const bytes = Buffer.concat([made(1, (out) => out.packet(start)), Buffer.of(0x16, 3, 1)]);
    expect(it.feed('client', bytes)).toEqual(['SSLRequest', 'incomplete, 3 bytes: 160301']);
    expect(it.feed('server', Buffer.alloc(90))).toEqual(['90 bytes encrypted']);
  });
});

describe('commands', () => {
  test.each<[packet: Buffer, line: string]>([
    [KILL_QUERY, 'COM_QUERY "KILL PROXYSESSION 56932"'],
    [request(COM.QUERY, 'SELECT\t"a"\n\x1b[31m\\'), 'COM_QUERY "SELECT\\t\\"a\\"\\n\\u{1b}[31m\\\\"'],
    [request(COM.QUERY, 'x'.repeat(TEXT_LIMIT + 1)), `COM_QUERY "${'x'.repeat(TEXT_LIMIT)}"…`],
    [request(COM.QUERY, '数'.repeat(TEXT_LIMIT + 1)), `COM_QUERY "${'数'.repeat(TEXT_LIMIT)}"…`],
    [request(COM.INIT_DB, 'shop'), 'COM_INIT_DB "shop"'],
    [request(COM.PING), 'COM_PING'],
    [request(COM.QUIT), 'COM_QUIT'],
    [request(COM.FIELD_LIST, 'account\0%'), 'COM_FIELD_LIST "account"'],
    [request(COM.CHANGE_USER, 'app@shop\0\x14hash'), 'COM_CHANGE_USER "app@shop"'],
    [request(COM.PROCESS_KILL, Buffer.from('0100c0ff', 'hex')), `COM_PROCESS_KILL ${0xffc0_0001}`],
    [request(COM.STMT_EXECUTE, Buffer.from('070000000001000000', 'hex')), 'COM_STMT_EXECUTE 7, 5 bytes: 0001000000'],
    [request(COM.SET_OPTION, Buffer.of(0, 0)), 'COM_SET_OPTION, 2 bytes: 0000'],
    [request(0x7f, 'x'), 'COM_0x7f, 1 byte: 78'],
    [made(0, (out) => out.packet(Buffer.alloc(0))), '0 bytes'],
    [made(3, (out) => out.packet(Buffer.of(1, 2))), '2 bytes: 0102'],
  ])('%j', (packet, line) => {
    expect(atClient().feed('client', packet)).toEqual([line]);
  });

  test('one of 16 MiB is a command, although its last packet has sequence id 1', () => {
    const it = atClient();
    const payload = Buffer.alloc(MAX_PACKET_PAYLOAD + 1, 'x');
    payload[0] = COM.QUERY;
    expect(
      it.feed(
        'client',
        made(0, (out) => out.packet(payload)),
      ),
    ).toEqual([`COM_QUERY "${'x'.repeat(TEXT_LIMIT)}"…`]);
    expect(
      it.feed(
        'server',
        made(2, (out) => writeErr(out, errorOf('QUERY_INTERRUPTED'))),
      ),
    ).toEqual(['ERR 1317 (70100) Query execution was interrupted']);
  });
});

describe('answers', () => {
  test('a syntax error, §9.5', () => {
    const it = atObserver();
    expect(it.feed('client', SELCT_QUERY)).toEqual(['COM_QUERY "selct 1"']);
    const [err, extra] = it.feed('server', Buffer.concat([SELCT_ERR, SELCT_EXTRA_OK]));
    expect(err).toMatch(/^ERR 1064 \(42000\) You have an error in your SQL syntax; .*…$/);
    expect(extra).toBe('extra OK affected=0 status=0x0022');
  });

  test('KILL, §9.6', () => {
    const it = atClient();
    it.feed('client', KILL_QUERY);
    expect(it.feed('server', KILL_OK)).toEqual(['OK affected=0 status=0x0000']);
    it.feed('client', KILL_QUERY);
    expect(it.feed('server', KILL_ERR)).toEqual(['ERR 1317 (70100) Query execution was interrupted']);
  });

  test('an OK with all that can be in it', () => {
    const it = atObserver();
    it.feed('client', request(COM.QUERY, 'UPDATE'));
    const state = writeSessionState({ system: [['autocommit', '0']], user: [['a', "'x\n'"]], database: 'shop' });
    const ok = {
      affectedRows: 1,
      lastInsertId: 2n ** 63n,
      status: 0x23,
      warnings: 2,
      message: 'Rows matched: 1',
      state,
    };
    expect(
      it.feed(
        'server',
        made(1, (out) => writeObserverOk(out, ok)),
      ),
    ).toEqual([
      'OK affected=1 id=9223372036854775808 status=0x4023 warnings=2 "Rows matched: 1" ' +
        "state{autocommit=0,@a='x\\n',db=shop}",
    ]);
  });

  test('an OK in the form of a client that does not track', () => {
    const php = MEASURED_LOGINS.find(({ client }) => client === 'mysqli')!;
    const it = atClient(php.packet);
    it.feed('client', request(COM.QUERY, 'UPDATE'));
    const ok = { ...PLAIN_OK, status: 2, message: 'Rows matched: 1' };
    expect(
      it.feed(
        'server',
        made(1, (out) => writeOk(out, ok, false)),
      ),
    ).toEqual(['OK affected=0 status=0x0002 "Rows matched: 1"']);
  });

  const RESULT = made(
    1,
    (out) => writeColumnCount(out, 2),
    (out) => writeColumn(out, column('Id', TYPE.LONG)),
    (out) => writeColumn(out, column('a\nb', TYPE.VAR_STRING)),
    (out) => writeEof(out, 2),
    (out) => writeRow(out, ['1', null]),
    (out) => writeRow(out, ['', 'x"y']),
    (out) => writeEof(out, 2, 1),
    (out) => writeObserverOk(out, { ...PLAIN_OK, status: 0x22 }),
  );
  const RESULT_LINES = [
    'columns 2',
    'column Id',
    'column a\\nb',
    'EOF status=0x0002',
    'row 2 cells "1" NULL',
    'row 2 cells "" "x\\"y"',
    'EOF status=0x0002 warnings=1',
    'extra OK affected=0 status=0x0022',
  ];

  test('a result set, whatever the cuts', () => {
    for (const cuts of waysToCut(RESULT)) {
      const it = atObserver();
      it.feed('client', request(COM.QUERY, 'SELECT'));
      const lines: string[] = [];
      for (const piece of cut(RESULT, cuts)) {
        const chunk = Buffer.from(piece);
        lines.push(...it.feed('server', chunk));
        chunk.fill(0xee);
      }
      expect(lines, cutName(cuts)).toEqual(RESULT_LINES);
      expect(it.end('server')).toEqual([]);
    }
  });

  test('a row of many cells', () => {
    const it = atClient();
    it.feed('client', request(COM.QUERY, 'SELECT'));
    it.feed(
      'server',
      made(
        1,
        (out) => writeColumnCount(out, 1),
        (out) => writeEof(out, 2),
      ),
    );
    const row = made(3, (out) =>
      writeRow(
        out,
        Array.from({ length: CELL_LIMIT + 2 }, () => '1'),
      ),
    );
    expect(it.feed('server', row)).toEqual([`row ${CELL_LIMIT + 2} cells ${'"1" '.repeat(CELL_LIMIT)}…+2`]);
  });

  test('a multi-statement', () => {
    const it = atObserver();
    it.feed('client', request(COM.QUERY, 'UPDATE …; SELECT …'));
    const more = made(1, (out) => writeObserverOk(out, { ...PLAIN_OK, status: STATUS.MORE_RESULTS }));
    expect(it.feed('server', more)).toEqual(['OK affected=0 status=0x0008']);
    expect(it.feed('server', RESULT)).toHaveLength(RESULT_LINES.length);
    it.feed('client', request(COM.PING));
    expect(it.feed('server', KILL_OK)).toEqual(['OK affected=0 status=0x0000']);
  });

  test('PREPARE, EXECUTE with binary rows, CLOSE', () => {
    const it = atObserver();
    it.feed('client', request(COM.STMT_PREPARE, 'SELECT ?'));
    const prepared = made(
      1,
      (out) => out.packet(Buffer.from('00050000000100010000' + '0000', 'hex')),
      (out) => writeColumn(out, column('?', TYPE.LONG)),
      (out) => writeEof(out, 2),
      (out) => writeColumn(out, column('c', TYPE.LONG)),
      (out) => writeEof(out, 2),
      (out) => writeObserverOk(out, PLAIN_OK),
    );
    expect(it.feed('server', prepared)).toEqual([
      'prepared 5 columns=1 parameters=1',
      'parameter ?',
      'EOF status=0x0002',
      'column c',
      'EOF status=0x0002',
      'extra OK affected=0 status=0x0000',
    ]);
    it.feed('client', request(COM.STMT_EXECUTE, Buffer.from('05000000', 'hex')));
    const result = made(
      1,
      (out) => writeColumnCount(out, 1),
      (out) => writeColumn(out, column('c', TYPE.LONG)),
      (out) => writeEof(out, 2),
      (out) => out.packet(Buffer.from('000001000000', 'hex')),
      (out) => writeEof(out, 2),
    );
    expect(it.feed('server', result).slice(3)).toEqual(['binary row 6 bytes: 000001000000', 'EOF status=0x0002']);
    it.feed('client', request(COM.STMT_CLOSE, Buffer.from('05000000', 'hex')));
    it.feed('client', request(COM.STATISTICS));
    expect(
      it.feed(
        'server',
        made(1, (out) => out.packet(Buffer.from('Uptime: 1'))),
      ),
    ).toEqual(['"Uptime: 1"']);
  });

  test('FIELD_LIST, and several commands at once', () => {
    const it = atClient();
    const asked = Buffer.concat([request(COM.FIELD_LIST, 't\0'), request(COM.QUERY, 'SELECT'), request(COM.PING)]);
    expect(it.feed('client', asked)).toEqual(['COM_FIELD_LIST "t"', 'COM_QUERY "SELECT"', 'COM_PING']);
    const list = made(
      1,
      (out) => writeColumn(out, column('c', TYPE.LONG)),
      (out) => writeEof(out, 2),
    );
    const answers = Buffer.concat([list, RESULT.subarray(0, -12), KILL_OK]);
    expect(it.feed('server', answers)).toEqual([
      'column c',
      'EOF status=0x0002',
      ...RESULT_LINES.slice(0, -1),
      'OK affected=0 status=0x0000',
    ]);
  });

  test('an ERR nobody asked for', () => {
    expect(
      atClient().feed(
        'server',
        made(0, (out) => writeErr(out, errorOf('SESSION_INTERRUPTED'))),
      ),
    ).toEqual(['ERR 5066 (HY000) Session interrupted (unasked)']);
  });
});

describe('what cannot be read', () => {
  test('an unreadable answer is one all the same: the next fits its command', () => {
    const it = atClient();
    it.feed('client', Buffer.concat([request(COM.QUERY, 'a'), request(COM.QUERY, 'b')]));
    expect(
      it.feed(
        'server',
        made(1, (out) => out.packet(Buffer.of(0, 1))),
      ),
    ).toEqual(['2 bytes: 0001']);
    expect(it.feed('server', KILL_OK)).toEqual(['OK affected=0 status=0x0000']);
  });

  test('a packet that did not become whole', () => {
    const it = atClient();
    expect(it.feed('client', Buffer.concat([request(COM.PING), Buffer.of(9, 0, 0, 0, 3)]))).toEqual(['COM_PING']);
    expect(it.end('client')).toEqual(['incomplete, 5 bytes: 0900000003']);
    expect(it.end('client')).toEqual([]);
  });

  test('long bytes are cut', () => {
    const packet = made(1, (out) => out.packet(Buffer.alloc(100)));
    expect(atClient().feed('client', packet)).toEqual([`100 bytes: ${'00'.repeat(32)}…`]);
  });

  test('whatever either side sends, a line has no control bytes and is not endless', () => {
    const telling = fc.oneof(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0xfa, max: 0xff }),
      fc.nat({ max: 255 }),
    );
    const payload = fc.array(telling, { size: 'max', maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const turn = fc.tuple(fc.constantFrom<Speaker>('client', 'server'), payload, fc.nat({ max: 3 }));
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.array(turn, { size: 'max', maxLength: 12 }),
        (observer, fresh, turns) => {
          const it = fresh ? new Conversation(observer) : observer ? atObserver() : atClient();
          for (const [speaker, bytes, sequence] of turns) {
            for (const line of it.feed(
              speaker,
              made(sequence, (out) => out.packet(bytes)),
            )) {
              expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
              expect(line.length).toBeLessThan(800);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
