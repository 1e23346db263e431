/**
 * A server that answers statements as no server may: garbage, half of it, a wrong or no extra OK, too much, nothing. Its
 * client gets what the sheets say (odp-relay.md §6.2): a close without an ERR, or an answer that was whole; nothing is
 * thrown out of an event, nothing is left, and a bystander on another cluster notices nothing.
 */
import { describe, expect, test } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { queryBytes, type RawClient } from '../session/raw-client.ts';
import { errBytes, okBytes, rowsBytes } from '../session/scripted-observer.ts';
import { drawn, ENDS, type End, expectClosed, finish, header, inWorlds, packet } from './bad-answers.ts';
import { BadStage, NOTHING_LEFT } from './bad-observer.ts';

const FILE = 'observer-misbehaves.test.ts';

describe('in place of a response', () => {
  const ROWS = rowsBytes('a', ['x', 'yy', 'x'.repeat(300)]);
  const packets = boundaries(ROWS);
  /** Without its extra OK; and without the EOF that is held back until that is there. */
  const ANSWER = ROWS.subarray(0, packets.at(-2));
  const AT_ONCE = packets.at(-3)!;

  function answers(bytes: Buffer, end: End | null, world: number): [BadStage, RawClient] {
    const stage = new BadStage(world);
    stage.server.answer = (_, connection) => {
      connection.write(bytes);
      finish(connection, end);
      return null;
    };
    const client = stage.login();
    client.send(queryBytes('SELECT a'));
    stage.world.settle();
    return [stage, client];
  }

  test.each(ENDS)('a result cut at every byte, then %s: what has come is passed on, then FIN', (end) => {
    for (let size = 0; size < ROWS.length; size += 1) {
      inWorlds((world) => {
        const [stage, client] = answers(ROWS.subarray(0, size), end, world);
        const got = client.take();
        expect(got).toEqual(ROWS.subarray(0, got.length));
        expect(got.length).toBeLessThanOrEqual(Math.min(size, AT_ONCE));
        // A RST may overtake what it follows, though not in the plain world.
        const whole = packets.findLast((it) => it <= Math.min(size, AT_ONCE)) ?? 0;
        if (end === 'FIN' || world === 0) expect(got.length).toBeGreaterThanOrEqual(whole);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(stage.left()).toEqual(NOTHING_LEFT);
      }, 1);
    }
  });

  test.each(ENDS)('OK and ERR cut at every byte, then %s: not a byte of them, then FIN', (end) => {
    for (const whole of [okBytes({ message: 'something' }), errBytes(1064, 'no such thing')]) {
      for (let size = 0; size < whole.length; size += 1) {
        inWorlds((world) => expectClosed(...answers(whole.subarray(0, size), end, world)), 1);
      }
    }
  });

  test.each<[string, Buffer]>([
    ['an ERR in its place', errBytes(1064, 'no such thing')],
    ['an EOF in its place', packet(9, Buffer.of(0xfe, 0, 0, 2, 0))],
    ['a row in its place', packet(9, Buffer.from('\x01x'))],
    ['half of one', packet(9, Buffer.of(0, 0))],
    ['an empty packet in its place', packet(9, Buffer.alloc(0))],
  ])('the extra OK: %s: no EOF, and FIN', (_, wrong) => {
    inWorlds((world) => {
      const [stage, client] = answers(Buffer.concat([ANSWER, wrong]), null, world);
      // Rows that came in the same chunk as what is wrong are not passed on.
      const got = client.take();
      expect(got).toEqual(ROWS.subarray(0, Math.min(got.length, AT_ONCE)));
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.left()).toEqual(NOTHING_LEFT);
    });
  });

  test('no extra OK: the rows, and no end of them; when the server goes, FIN', () => {
    inWorlds((world) => {
      const [stage, client] = answers(ANSWER, null, world);
      expect(client.take()).toEqual(ROWS.subarray(0, AT_ONCE));
      expect(client.events).toEqual([]);
      stage.server.last.connection.end();
      stage.world.settle();
      expectClosed(stage, client);
    });
  });

  test.each<[string, Buffer]>([
    ['an OK', okBytes()],
    ['the answer again', ROWS],
    ['a byte', Buffer.of(0)],
    ['a header of 16 MiB', header(0xff_ffff, 1)],
  ])('behind the response %s: the answer counts, and the next statement has another connection', (_, behind) => {
    for (const end of [null, ...ENDS]) {
      inWorlds((world) => {
        const [stage, client] = answers(Buffer.concat([ROWS, behind]), end, world);
        // Only a RST that has overtaken the answer may take it away.
        const got = client.take();
        if (got.length < ANSWER.length)
          expect([end, world > 0, client.events]).toEqual(['RST', true, ['FIN', 'closed']]);
        else expect(got).toEqual(ANSWER);
        if (client.events.length === 0) {
          stage.server.answer = () => ROWS;
          expect(stage.ask(client, 'SELECT b')).toEqual(ANSWER);
          expect(stage.server.connections).toHaveLength(2);
        }
        expect(stage.left(client)).toEqual(NOTHING_LEFT);
      });
    }
  });

  test('unasked bytes, FIN or RST while idle: nobody notices, and the next statement has another connection', () => {
    for (const bytes of [okBytes(), errBytes(1317, 'killed'), Buffer.of(1), Buffer.alloc(0)]) {
      for (const end of bytes.length === 0 ? ENDS : [null, ...ENDS]) {
        inWorlds((world) => {
          const [stage, client] = answers(ROWS, null, world);
          client.take();
          stage.server.last.connection.write(bytes);
          finish(stage.server.last, end);
          stage.world.settle();
          expect(client.events).toEqual([]);
          stage.server.answer = () => ROWS;
          expect(stage.ask(client, 'SELECT b')).toEqual(ANSWER);
          expect(stage.server.connections).toHaveLength(2);
          expect(stage.left(client)).toEqual(NOTHING_LEFT);
        });
      }
    }
  });

  test.each<[string, Buffer]>([
    ['an empty packet', Buffer.of(0, 0, 0, 1)],
    ['half an ERR', packet(1, Buffer.of(0xff, 0x15))],
    ['half an OK', packet(1, Buffer.of(0, 0))],
  ])('%s: FIN', (_, bytes) => {
    inWorlds((world) => expectClosed(...answers(bytes, null, world)));
  });

  test('LOCAL INFILE, and an answer before the file: both, then FIN', () => {
    const asked = packet(1, Buffer.from('\xfb/etc/passwd', 'latin1'));
    inWorlds((world) => {
      const [stage, client] = answers(Buffer.concat([asked, okBytes()]), null, world);
      expect(client.take().subarray(0, asked.length)).toEqual(asked);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.left()).toEqual(NOTHING_LEFT);
    });
  });

  test('a state that points past its end: the OK, then FIN', () => {
    const broken = packet(1, Buffer.of(0, 0, 0, 0x22, 0x40, 0, 0, 0, 5, 0, 200, 1, 0x61, 0x61));
    inWorlds((world) => {
      const [stage, client] = answers(broken, null, world);
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.left()).toEqual(NOTHING_LEFT);
    });
  });

  test('flipped, cut and random responses, then FIN or RST', () => {
    drawn(FILE, (dice, world) => {
      const wild =
        dice.below(3) === 0
          ? dice.bytes(dice.between(1, 200))
          : Buffer.from(dice.pick([ROWS, okBytes(), errBytes(1, 'x')]));
      for (let left = dice.below(4); left > 0; left -= 1) wild[dice.below(wild.length)] = dice.below(256);
      const [stage, client] = answers(wild, dice.pick(ENDS), world);
      // Either it was an answer, and the server went when it was idle; or the client is closed.
      expect([[], ['FIN', 'closed']]).toContainEqual(client.events);
      expect(stage.left(client)).toEqual(NOTHING_LEFT);
    });
  });

  test('before the whole of a long request is there: the answer, then FIN', () => {
    for (const answer of [errBytes(1153, 'too large'), okBytes(), ROWS]) {
      inWorlds((world) => {
        const stage = new BadStage(world);
        const client = stage.login();
        client.send(Buffer.concat([header(100_000, 0), Buffer.alloc(50_000, COM.QUERY)]));
        stage.world.settle();
        stage.server.last.write(answer);
        stage.world.settle();
        expect(client.take().length).toBeGreaterThan(0);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(stage.left()).toEqual(NOTHING_LEFT);
      });
    }
  });

  test('never, while the client sends more and more: it is not read without bound, and nothing is left when it goes', () => {
    inWorlds((world) => {
      const [stage, client] = answers(Buffer.alloc(0), null, world);
      for (let i = 0; i < 50; i += 1) client.send(Buffer.alloc(64 * 1024, 7));
      stage.world.settle();
      expect(client.connection.unsent).toBeGreaterThan(1024 * 1024);
      client.connection.reset();
      // Behind what it has sent a FIN is not seen, nor a RST: the server's end is what ends it.
      stage.server.last.connection.end();
      stage.world.settle();
      expect(stage.left()).toEqual(NOTHING_LEFT);
    });
  });
});

describe('while a new connection is brought up to date', () => {
  /** Its answers to the steps before the statement; the connection it had before has been lost when idle. */
  function restores(bytes: Buffer | null, end: End | null, world: number): [BadStage, RawClient] {
    const stage = new BadStage(world);
    const client = stage.login();
    stage.server.last.connection.end();
    stage.world.settle();
    stage.server.answer = (_, connection) => {
      if (bytes !== null) connection.write(bytes);
      finish(connection, end);
      return null;
    };
    client.send(queryBytes('SELECT 1'));
    stage.world.settle();
    return [stage, client];
  }

  test.each<[string, Buffer | null, End | null]>([
    ['an ERR', errBytes(1193, 'unknown'), null],
    ['an ERR without its OK, FIN', errBytes(1193, 'unknown').subarray(0, 20), 'FIN'],
    ['FIN', null, 'FIN'],
    ['RST', null, 'RST'],
    ['an empty packet', Buffer.of(0, 0, 0, 1), null],
    ['more than the answer', Buffer.concat([okBytes(), okBytes()]), null],
    ['random bytes, FIN', Buffer.from([3, 0, 0, 1, 0xfb, 0x61, 0x61]), 'FIN'],
  ])('%s: FIN without a word', (_, bytes, end) => {
    inWorlds((world) => expectClosed(...restores(bytes, end, world)));
  });
});

/** Ends of packets in these bytes. */
function boundaries(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    at += HEADER_SIZE + bytes.readUIntLE(at, 3);
    ends.push(at);
  }
  return ends;
}
