/**
 * Waits that are too long, where a page cannot make them: half a request, a server that does not read, slow progress on
 * either side; and what a wait must not do: end what goes on, or leave a timer behind.
 */
import { describe, expect, test } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { queryBytes, requestBytes } from './raw-client.ts';
import { errBytes, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, Stage } from './stage.ts';

const WORLDS = 5;
const MEGABYTE = 1024 * 1024;

function bigAnswer(): Buffer {
  return rowsBytes(
    'a',
    Array.from({ length: 64 }, (_, i) => String(i).repeat(60_000)),
  );
}

describe('the rest of a request', () => {
  inEveryWorld(
    'a short one, begun: net_read_timeout after its last byte',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const request = queryBytes('select 1');
      client.send(request.subarray(0, 3));
      stage.advance(29_000);
      client.send(request.subarray(3, 7));
      stage.advance(29_000);
      expect(client.events).toEqual([]);
      stage.advance(1_000);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(client.size).toBe(0);
      expect(stage.causes).toEqual(['1: the rest of a request did not come within net_read_timeout']);
      expect(stage.observer.last.requests).toEqual([]);
      stage.expectNothingLeft();
    },
    WORLDS,
  );

  inEveryWorld(
    'a long one, of which the observer has the first part',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const request = requestBytes(COM.QUERY, Buffer.alloc(MEGABYTE, 'x'));
      for (let at = 0; at < request.length / 2; at += 100_000) {
        client.send(request.subarray(at, at + 100_000));
        stage.advance(20_000);
      }
      expect(client.events).toEqual([]);
      stage.advance(9_000);
      expect(client.events).toEqual([]);
      stage.advance(1_000);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.observer.last.ended).toBe('FIN');
      expect(stage.causes).toEqual(['1: the rest of a request did not come within net_read_timeout']);
      stage.expectNothingLeft();
    },
    WORLDS,
  );

  inEveryWorld(
    'the session’s own value, and 0 for no limit',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY set'] = okBytes({}, { system: [['net_read_timeout', '3']] });
      stage.ask(client, 'set');
      client.send(queryBytes('select 1').subarray(0, 6));
      stage.advance(2_000);
      expect(client.events).toEqual([]);
      stage.advance(1_000);
      expect(client.events).toEqual(['FIN', 'closed']);
      const other = stage.login('app@shop');
      stage.observer.answers['QUERY set'] = okBytes({}, { system: [['net_read_timeout', '0']] });
      stage.ask(other, 'set');
      other.send(queryBytes('select 1').subarray(0, 6));
      stage.advance(40_000_000);
      expect(other.events).toEqual([]);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'whole in time, it is answered, and the next wait is that for a command',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const request = queryBytes('select 1');
      client.send(request.subarray(0, 6));
      stage.advance(29_000);
      client.send(request.subarray(6));
      stage.settle();
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      stage.advance(28_700_000);
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      stage.leave();
    },
    WORLDS,
  );
});

describe('an observer that does not read', () => {
  inEveryWorld(
    'a long request: the wait for its answer, from when it stopped reading',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.last.connection.pause();
      client.send(requestBytes(COM.QUERY, Buffer.alloc(4 * MEGABYTE, 'x')));
      stage.advance(29_000);
      expect(client.events).toEqual([]);
      stage.advance(1_000);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.causes).toEqual(['1: its server session was lost: no answer in time']);
      stage.observer.last.connection.reset();
      stage.settle();
      stage.expectNothingLeft();
    },
    WORLDS,
  );
});

describe('a client that does not read', () => {
  inEveryWorld(
    'for net_write_timeout: closed, though its observer could go on',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY select a'] = bigAnswer();
      client.connection.pause();
      client.send(queryBytes('select a'));
      stage.advance(59_000);
      expect(stage.proxy.facts().clientSessions).toBe(1);
      stage.advance(1_000);
      expect(stage.proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
      expect(stage.causes).toEqual(['1: the client has taken nothing of its answer for net_write_timeout']);
      client.connection.resume();
      stage.settle();
      stage.leave();
    },
    WORLDS,
  );

  test('a little every minute is enough', () => {
    const stage = new Stage();
    const client = stage.login('app@shop');
    const answer = bigAnswer();
    stage.observer.answers['QUERY select a'] = answer;
    client.connection.pause();
    client.send(queryBytes('select a'));
    let size = 0;
    for (let i = 0; i < 200 && size < answer.length - 12; i += 1) {
      stage.advance(50_000);
      expect(client.events).toEqual([]);
      client.connection.resume();
      stage.world.network.step();
      client.connection.pause();
      size = client.size;
    }
    client.connection.resume();
    stage.settle();
    expect(client.take().equals(answer.subarray(0, -12))).toBe(true);
    stage.leave();
  });
});

describe('an observer', () => {
  inEveryWorld(
    'that answers piece by piece is waited for from its last byte on',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const answer = rowsBytes(
        'a',
        Array.from({ length: 10 }, (_, i) => String(i)),
      );
      stage.observer.answers['QUERY select a'] = null;
      client.send(queryBytes('select a'));
      for (let at = 0; at < answer.length; at += 20) {
        stage.advance(29_000);
        stage.observer.last.write(answer.subarray(at, at + 20));
      }
      stage.settle();
      expect(client.read().at(-1)).toMatch(/EOF/);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'that is paused for its client’s sake is not to blame',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY set'] = okBytes({}, { system: [['net_write_timeout', '1000']] });
      stage.ask(client, 'set');
      const answer = bigAnswer();
      stage.observer.answers['QUERY select a'] = answer;
      client.connection.pause();
      client.send(queryBytes('select a'));
      stage.advance(900_000);
      client.connection.resume();
      stage.settle();
      expect(client.take().equals(answer.subarray(0, -12))).toBe(true);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'that has an ERR for its connection in place of a greeting: the next one',
    { observers: 2 },
    (stage) => {
      stage.observers[0]!.greeting = () => errBytes(1040, 'Too many connections', 0).subarray(0, 35);
      stage.login('app@shop');
      expect(stage.observers[1]!.connections).toHaveLength(1);
      stage.leave();
    },
    WORLDS,
  );
});

describe('what is tried again', () => {
  inEveryWorld(
    'a request of 4 KiB, not one of 5',
    { observers: 2 },
    (stage) => {
      for (const [size, answer] of [
        [4000, '1 OK 0 0x22'],
        [5000, '1 ERR 8002/HY000 stopping'],
      ] as const) {
        const client = stage.login('app@shop');
        const text = 'x'.repeat(size);
        stage.observers[0]!.answers[`QUERY <${size + 1} bytes>`] = errBytes(8002, 'stopping');
        expect(stage.ask(client, text)).toEqual([answer]);
      }
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'after rows have come, nothing: the ERR ends the answer',
    { observers: 2 },
    (stage) => {
      const client = stage.login('app@shop');
      const rows = rowsBytes('a', ['1', '2']);
      const err = errBytes(8002, 'stopping', 6);
      stage.observers[0]!.answers['QUERY select a'] = Buffer.concat([rows.subarray(0, rows.length - 9 - 12), err]);
      expect(stage.ask(client, 'select a').at(-1)).toBe('6 ERR 8002/HY000 stopping');
      expect(stage.observers[1]!.connections).toHaveLength(0);
      stage.leave();
    },
    WORLDS,
  );
});

test('of a busy hour no timer is left', () => {
  const stage = new Stage({ observers: 2 });
  const clients = Array.from({ length: 20 }, () => stage.login('app@shop'));
  for (let i = 0; i < 360; i += 1) {
    for (const client of clients) expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.advance(10_000);
    // One for the sweep, whoever waits for what.
    expect(stage.world.armedTimers).toBe(1);
  }
  stage.leave();
});
