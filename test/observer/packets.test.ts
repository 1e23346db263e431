/** Answers byte for byte, and what follows them towards a proxy (decisions.md 14–15, §9.4–9.5). */
import { describe, expect, it } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab, NO_TRACK, type TestClient } from './pair.ts';

const EXTRA_OK = '0000002200000000';

function hex(client: TestClient, command: number, text: string | Buffer = ''): string[] {
  client.send(command, text);
  return client.takeBytes().map((packet) => packet.toString('hex'));
}

describe('a syntax error', () => {
  const text =
    "You have an error in your SQL syntax; check the manual that corresponds to your OceanBase version for the right syntax to use near 'selct 1' at line 1";
  const err = `9f000001ff2804${Buffer.from(`#42000${text}`).toString('hex')}`;

  it('is followed by one OK towards a proxy, in one write', () => {
    const client = new Lab().login({ proxy: true });
    client.chunks = [];
    expect(hex(client, COM.QUERY, 'selct 1')).toEqual([err, `08000002${EXTRA_OK}`]);
    expect(client.chunks).toHaveLength(1);
  });

  it('stands alone towards a client', () => {
    expect(hex(new Lab().login(), COM.QUERY, 'selct 1')).toEqual([err]);
  });

  const near: readonly (readonly [sql: string, near: string, line: number])[] = [
    ['SELECT 1 +', '', 1],
    ['SELECT 1 FROM', '', 1],
    ['SELECT 1\nFROM WHERE x', 'WHERE x', 2],
    ["SELECT 'open", "'open", 1],
    ['SELECT 1 2', '2', 1],
    ['/* c */ frobnicate x', 'frobnicate x', 1],
    ['INSERT INTO t VALUES 1', '1', 1],
    ['UPDATE t SET', '', 1],
    [`SELECT ) ${'x'.repeat(100)}`, `) ${'x'.repeat(78)}`, 1],
  ];
  for (const [sql, at, line] of near) {
    it(`is near the offending token: ${sql.slice(0, 30).replace('\n', ' ')}`, () => {
      const answer = new Lab().login().query(sql);
      expect(answer.kind).toMatch(/^ERR 1064 42000 /);
      expect(answer.kind.endsWith(`near '${at}' at line ${line}`)).toBe(true);
    });
  }
});

describe('commands', () => {
  const cases: readonly (readonly [name: string, command: number, payload: string, first: string, extra: boolean])[] = [
    ['PING', COM.PING, '', '00000022000000', false],
    ['INIT_DB of nothing', COM.INIT_DB, 'nope', 'ff1904', true],
    ['STATISTICS', COM.STATISTICS, '', Buffer.from('Active threads not support').toString('hex'), true],
    ['SET_OPTION', COM.SET_OPTION, '\0\0', 'ffd304', true],
    ['PROCESS_KILL', COM.PROCESS_KILL, '\x01\0\0\0', 'ffd304', true],
    ['PROCESS_INFO', COM.PROCESS_INFO, '', 'ffd304', true],
    ['an unknown command', 0x7f, '', 'ffd304', true],
  ];
  for (const [name, command, payload, first, extra] of cases) {
    it(`${name} towards a proxy`, () => {
      const packets = hex(new Lab().login({ proxy: true }), command, payload);
      expect(packets[0]?.slice(8, 8 + first.length)).toBe(first);
      expect(packets.slice(1)).toEqual(extra ? [`08000002${EXTRA_OK}`] : []);
    });
    it(`${name} towards a client`, () => {
      const packets = hex(new Lab().login(), command, payload);
      const plain = first === '00000022000000' ? '00000022000000' : first;
      expect(packets[0]?.slice(8, 8 + plain.length)).toBe(plain);
      expect(packets).toHaveLength(1);
    });
  }

  it('FIELD_LIST gives columns with their defaults, EOF and the extra OK', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'bank', proxy: true });
    const packets = hex(client, COM.FIELD_LIST, 'account\0');
    expect(packets).toHaveLength(5);
    expect(packets[0]?.endsWith('fb')).toBe(true);
    expect(packets.slice(3)).toEqual(['05000004fe00000200', `08000005${EXTRA_OK}`]);
  });

  it('STMT_CLOSE is never answered; QUIT ends the connection', () => {
    const lab = new Lab();
    const client = lab.login();
    expect(hex(client, COM.STMT_CLOSE, '\x01\0\0\0')).toEqual([]);
    expect(client.ended).toBe(false);
    expect(hex(client, COM.QUIT)).toEqual([]);
    expect(client.ended).toBe(true);
    client.connection.end();
    lab.world.settle();
    expect(lab.world.idle).toBe(true);
  });
});

describe('a result set', () => {
  it('ends with EOF, and an OK for a proxy', () => {
    const packets = hex(new Lab().login({ proxy: true }), COM.QUERY, 'SELECT 1');
    expect(packets[0]).toBe('0100000101');
    expect(packets.slice(2)).toEqual([
      '05000003fe00000200',
      '020000040131',
      '05000005fe00000200',
      `08000006${EXTRA_OK}`,
    ]);
  });

  it('shows the transaction in EOF and OK', () => {
    const client = new Lab().login({ user: 'app@shop', database: 'bank', proxy: true });
    expect(hex(client, COM.QUERY, 'BEGIN')).toEqual(['080000010000002300000000']);
    expect(hex(client, COM.QUERY, 'SELECT 1').slice(4)).toEqual(['05000005fe00000300', '080000060000002300000000']);
  });

  it('names CONNECTION_ID() as typed, LONG and UNSIGNED', () => {
    const client = new Lab().login();
    const answer = client.query('SELECT CONNECTION_ID( )');
    expect(answer.names).toEqual(['CONNECTION_ID( )']);
    expect(answer.types).toEqual([3]);
    const definition = hex(client, COM.QUERY, 'SELECT CONNECTION_ID()')[1]!;
    // Type, flags UNSIGNED and BINARY, no decimals, filler.
    expect(definition.slice(-12)).toBe('03a000000000');
  });
});

describe('several statements in one command', () => {
  it('report the state in the last OK only', () => {
    const client = new Lab().login({ proxy: true });
    client.send(COM.QUERY, 'SET @a = 1; SELECT 2; SET @b = 3');
    const packets = client.takeBytes();
    expect(packets[0]?.toString('hex')).toBe('080000010000002a00000000');
    expect(packets[5]?.toString('hex')).toBe('05000006fe00000a00');
    expect(packets).toHaveLength(7);
    expect(packets[6]?.toString('latin1')).toContain('__NULL\x06__NULL\x01a\x011\x01b\x013');
  });

  it('end at the first error, with one extra OK', () => {
    const client = new Lab().login({ proxy: true });
    client.send(COM.QUERY, 'SELECT 1; selct; SELECT 2');
    const packets = client.takeBytes().map((it) => it[4]);
    expect(packets).toEqual([1, 3, 0xfe, 1, 0xfe, 0xff, 0]);
  });

  it('are a syntax error unless the client said so', () => {
    const flags = NO_TRACK & ~0x10000;
    const answer = new Lab().login({ flags }).query('SELECT 1; SELECT 2');
    expect(answer.kind).toContain("near 'SELECT 2' at line 1");
    expect(new Lab().login({ flags }).query('SELECT 1; ').kind).toBe('rows');
  });
});

describe('requests that come together', () => {
  it('are answered one after the other', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    const one = Buffer.concat([Buffer.of(9, 0, 0, 0, 3), Buffer.from('SELECT 1')]);
    client.write(Buffer.concat([one, one, one]));
    expect(client.takeBytes()).toHaveLength(15);
  });

  it('wait for the one that runs', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    client.send(COM.QUERY, 'SELECT SLEEP(1)');
    client.send(COM.PING);
    expect(client.takeBytes()).toEqual([]);
    lab.world.advance(1000);
    expect(client.takeBytes()).toHaveLength(6);
  });
});
