/**
 * A server that spoils its greeting or its answer to the login: garbage, half of it, too much, nothing. The client is
 * closed without a word unless an ERR was whole, or another server would do (odp-relay.md §2.6 and §6.2); nothing is thrown
 * out of an event, nothing is left, and a bystander on another cluster notices nothing.
 */
import { describe, expect, test } from 'vitest';
import { EOF_MARK, OBSERVER_OK_STATUS } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { PLAIN_OK, writeErr, writeObserverOk } from '../../proxy/wire/ok.ts';
import type { RawClient } from '../session/raw-client.ts';
import { errBytes, okBytes, rowsBytes, type ScriptedObserver } from '../session/scripted-observer.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';
import { drawn, ENDS, type End, expectClosed, finish, header, inWorlds, packet } from './bad-answers.ts';
import { BadStage, NOTHING_LEFT } from './bad-observer.ts';

const FILE = 'observer-logins.test.ts';

describe('in place of a greeting', () => {
  function greets(bytes: Buffer, end: End | null, worlds?: number): void {
    inWorlds((world) => {
      const stage = new BadStage(world);
      badGreeting(stage.server, bytes, end);
      expectClosed(stage, stage.arrives());
    }, worlds);
  }

  function badGreeting(server: ScriptedObserver, bytes: Buffer, end: End | null): void {
    server.greeting = () => null;
    const accept = server.accept.bind(server);
    server.accept = (connection) => {
      const made = accept(connection);
      connection.write(bytes);
      finish(server.last, end);
      return made;
    };
  }

  const good = new BadStage().server.greeting(0xc000_0007)!;
  const tooMany = new PacketWriter(0);
  writeErr(tooMany, { code: 1040, sqlState: '08004', message: 'Too many connections' });

  test.each<[string, Buffer, End | null]>([
    ['nothing, FIN', Buffer.alloc(0), 'FIN'],
    ['nothing, RST', Buffer.alloc(0), 'RST'],
    ['ERR 1040', tooMany.view(), null],
    ['ERR 1040 without an SQLSTATE', packet(0, Buffer.from('\xff\x10\x04Too many connections', 'latin1')), null],
    ['half an ERR', packet(0, Buffer.of(0xff, 0x10)), null],
    ['protocol 9', packet(0, Buffer.from('\x095.7.25\0')), null],
    ['an empty packet', packet(0, Buffer.alloc(0)), null],
    ['an OK', okBytes(), null],
    ['a greeting without an end', packet(0, good.subarray(HEADER_SIZE, 20)), null],
    ['a length of 16 MiB', header(0xff_ffff, 0), null],
    ['a length below the limit, FIN', Buffer.concat([header(1_000_000, 0), Buffer.alloc(5000)]), 'FIN'],
    ['the greeting, and more bytes than a login answer may have', Buffer.concat([good, header(2 ** 20 + 1, 2)]), null],
    ['another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'FIN'],
  ])('%s', (_, bytes, end) => greets(bytes, end));

  test('the greeting, and an ERR at once: it came before our login, and is the answer to it all the same', () => {
    inWorlds((world) => {
      const stage = new BadStage(world);
      badGreeting(stage.server, Buffer.concat([good, tooMany.view()]), null);
      const client = stage.arrives();
      // Numbered as the client counts, which has sent 1.
      expect(client.read()).toEqual(['2 ERR 1040/08004 Too many connections']);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.left()).toEqual(NOTHING_LEFT);
    });
  });

  test.each(ENDS)('cut at every byte, then %s', (end) => {
    for (let size = 0; size < good.length; size += 1) greets(good.subarray(0, size), end, 1);
  });

  test('random bytes, then FIN or RST', () => {
    drawn(FILE, (dice, world) => {
      const stage = new BadStage(world);
      badGreeting(stage.server, dice.bytes(dice.between(1, 300)), dice.pick(ENDS));
      expectClosed(stage, stage.arrives());
    });
  });

  test('the next server is asked, and the client sees nothing of it', () => {
    inWorlds((world) => {
      const stage = new BadStage(world, 3);
      badGreeting(stage.servers[0]!, Buffer.from('garbage, and no greeting at all'), 'FIN');
      badGreeting(stage.servers[1]!, tooMany.view(), null);
      const client = stage.login();
      expect(client.events).toEqual([]);
      expect(stage.left(client)).toEqual(NOTHING_LEFT);
    });
  });

  test('thread id 0, and the same thread id twice', () => {
    const stage = new BadStage(0, 2);
    for (const server of stage.servers) server.greeting = () => new BadStage().server.greeting(0);
    const clients = [stage.login(), stage.login()];
    expect(stage.proxy.facts().serverSessions).toBe(3);
    expect(stage.left(...clients)).toEqual(NOTHING_LEFT);
  });

  test('never: the client waits as long as it likes, and nothing is left when it goes', () => {
    for (const how of ['end', 'reset', 'close'] as const) {
      const stage = new BadStage();
      stage.server.greeting = () => null;
      const client = stage.arrives();
      expect(client.read()).toEqual([]);
      client.connection[how]();
      stage.world.settle();
      expect(stage.left()).toEqual(NOTHING_LEFT);
    }
  });
});

describe('in place of the answer to a login', () => {
  function answers(bytes: Buffer, end: End | null, world: number): [BadStage, RawClient] {
    const stage = new BadStage(world);
    stage.server.loginAnswer = (connection) => {
      connection.write(bytes);
      finish(connection, end);
      return null;
    };
    return [stage, stage.arrives()];
  }

  function ok(state: Buffer): Buffer {
    const out = new PacketWriter(2);
    writeObserverOk(out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS, state });
    return out.view();
  }

  test.each<[string, Buffer, End | null]>([
    ['nothing, FIN', Buffer.alloc(0), 'FIN'],
    ['nothing, RST', Buffer.alloc(0), 'RST'],
    ['an auth switch to the password itself', packet(2, Buffer.from('\xfemysql_clear_password\0', 'latin1')), null],
    ['the old auth switch', packet(2, Buffer.of(0xfe)), null],
    ['more auth data', packet(2, Buffer.of(1, 4)), null],
    ['LOCAL INFILE', packet(2, Buffer.from('\xfb/etc/passwd', 'latin1')), null],
    ['rows', rowsBytes('a', ['1']), null],
    ['an empty packet', packet(2, Buffer.alloc(0)), null],
    ['half an OK', packet(2, Buffer.of(0, 0, 0)), null],
    ['half an ERR', packet(2, Buffer.of(0xff, 0x15)), null],
    ['an OK and more', Buffer.concat([OBSERVER_LOGIN_OK, okBytes()]), null],
    ['a state of an unknown type', ok(Buffer.of(9, 1, 0)), null],
    ['a state that points past its end', ok(Buffer.of(0, 200, 1, 0x61)), null],
    ['a capability that is no number', ok(Buffer.from('\0\x17\x12ob_capability_flag\x03abc')), null],
    ['a privilege that is no number', ok(Buffer.from('\0\x1a\x17ob_proxy_user_privilege\x01-')), null],
    ['a length of 16 MiB', header(0xff_ffff, 2), null],
    ['a length of 1 MiB, FIN', header(1024 * 1024, 2), 'FIN'],
    ['the greeting again', new BadStage().server.greeting(5)!, null],
  ])('%s', (_, bytes, end) => {
    inWorlds((world) => expectClosed(...answers(bytes, end, world)));
  });

  test.each(ENDS)('an OK cut at every byte, then %s', (end) => {
    for (let size = 0; size < OBSERVER_LOGIN_OK.length; size += 1) {
      inWorlds((world) => expectClosed(...answers(OBSERVER_LOGIN_OK.subarray(0, size), end, world)), 1);
    }
  });

  test('an ERR is relayed, whatever comes behind it', () => {
    const err = errBytes(1045, 'no', 2);
    const size = HEADER_SIZE + err.readUIntLE(0, 3);
    for (const behind of [err.subarray(size), Buffer.alloc(0), Buffer.from('garbage'), err]) {
      inWorlds((world) => {
        const [stage, client] = answers(Buffer.concat([err.subarray(0, size), behind]), null, world);
        expect(client.read()).toEqual(['2 ERR 1045/HY000 no']);
        expect(client.events).toEqual(['FIN', 'closed']);
        expect(stage.left()).toEqual(NOTHING_LEFT);
      });
    }
  });

  test('random packets, then FIN or RST: an OK, an ERR, a question or nothing, and then FIN', () => {
    drawn(FILE, (dice, world) => {
      const payload = dice.bytes(dice.between(0, 60));
      if (payload.length > 0 && dice.below(2) === 0) payload[0] = dice.pick([0, 0xff, 0xfe]);
      const [stage, client] = answers(packet(dice.below(256), payload), dice.pick(ENDS), world);
      const isQuestion = payload[0] === EOF_MARK && payload.length > 1;
      // The server has gone, which an idle session does not show.
      const [said] = isQuestion ? [undefined] : client.read();
      if (said === undefined || said.includes('ERR')) expect(client.events).toEqual(['FIN', 'closed']);
      else expect(said).toMatch(/^\d+ OK /);
      expect(stage.left(client)).toEqual(NOTHING_LEFT);
    });
  });

  test('never: the client waits, and nothing is left when it goes', () => {
    for (const how of ['end', 'reset', 'close'] as const) {
      const [stage, client] = answers(Buffer.alloc(0), null, 0);
      expect(client.read()).toEqual([]);
      client.connection[how]();
      stage.world.settle();
      expect(stage.left()).toEqual(NOTHING_LEFT);
    }
  });
});
