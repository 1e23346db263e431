/**
 * Long requests and long answers: passed on while they arrive, nothing lost, and memory bounded by back-pressure.
 */
import { describe, expect } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { MAX_PACKET_PAYLOAD } from '../../proxy/wire/framing.ts';
import { queryBytes, requestBytes } from './raw-client.ts';
import { errBytes, okBytes, rowsBytes } from './scripted-observer.ts';
import { inEveryWorld, type Stage } from './stage.ts';

const MB = 1024 * 1024;

/** Text that shows where a byte was lost or moved. */
function long(size: number): Buffer {
  const text = Buffer.alloc(size);
  for (let i = 0; i < size; i += 4) text.writeUInt32LE(i, Math.min(i, size - 4));
  text.write('insert ', 0);
  return text;
}

function sendLong(stage: Stage, size: number): void {
  const client = stage.login('app@shop');
  const text = long(size);
  client.send(Buffer.concat([requestBytes(COM.QUERY, text), queryBytes('select 1')]));
  stage.settle();
  expect(client.read()).toEqual(['1 OK 0 0x22', '1 OK 0 0x22']);
  const [first, second] = stage.observer.last.payloads;
  expect(first!.length).toBe(size + 1);
  expect(first!.subarray(1).equals(text)).toBe(true);
  expect(second!.toString('latin1', 1)).toBe('select 1');
  stage.leave();
}

describe('a long request', () => {
  inEveryWorld('of 9 KB', {}, (stage) => sendLong(stage, 9000));
  inEveryWorld('of 5 MB', {}, (stage) => sendLong(stage, 5 * MB), 3);
  inEveryWorld('of 17 MB, two packets', {}, (stage) => sendLong(stage, 17 * MB), 1);
  inEveryWorld(
    'of exactly one greatest packet, and an empty one behind it',
    {},
    (stage) => {
      sendLong(stage, MAX_PACKET_PAYLOAD - 1);
    },
    0,
  );

  inEveryWorld(
    'waits for a new server session',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.last.connection.end();
      stage.settle();
      const text = long(3 * MB);
      client.send(requestBytes(COM.QUERY, text));
      stage.settle();
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      expect(stage.observer.last.requests[0]).toMatch(/^QUERY SET @@ob_trx_timeout/);
      expect(stage.observer.last.payloads[1]!.subarray(1).equals(text)).toBe(true);
      stage.leave();
    },
    3,
  );

  inEveryWorld(
    'an observer that does not read stops the client',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.last.connection.pause();
      client.send(requestBytes(COM.QUERY, long(8 * MB)));
      stage.settle();
      // The proxy has passed on what fits its bound and takes no more.
      expect(client.connection.unsent).toBeGreaterThan(6 * MB);
      stage.observer.last.connection.resume();
      stage.settle();
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      stage.leave();
    },
    3,
  );

  inEveryWorld('an answer before it was whole: the answer, then FIN', {}, (stage) => {
    const client = stage.login('app@shop');
    const bytes = requestBytes(COM.QUERY, long(20_000));
    client.send(bytes.subarray(0, 12_000));
    stage.settle();
    stage.observer.last.write(errBytes(1064, 'enough'));
    stage.settle();
    expect(client.read()).toEqual(['1 ERR 1064/HY000 enough']);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('the client goes in the middle of it', {}, (stage) => {
    const client = stage.login('app@shop');
    client.send(requestBytes(COM.QUERY, long(20_000)).subarray(0, 12_000));
    stage.settle();
    client.connection.end();
    stage.settle();
    expect(stage.observer.last.ended).toBe('FIN');
    expect(stage.observer.last.requests).toEqual([]);
    stage.expectNothingLeft();
  });
});

describe('a long answer', () => {
  inEveryWorld(
    'of a row of 17 MB, two packets',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const answer = rowsBytes('a', ['x'.repeat(17 * MB), 'y']);
      stage.observer.answers['QUERY select a'] = answer;
      client.send(Buffer.concat([queryBytes('select a'), queryBytes('select 1')]));
      stage.settle();
      const got = client.take();
      // All but the extra OK, and the answer to the next statement behind it.
      const whole = answer.subarray(0, -okBytes().length);
      expect(got.subarray(0, whole.length).equals(whole)).toBe(true);
      expect(got.length - whole.length).toBe(okBytes().length);
      stage.leave();
    },
    1,
  );

  inEveryWorld(
    'to a client that does not read: the server session is paused, and goes on',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      const answer = rowsBytes(
        'a',
        Array.from({ length: 64 }, (_, i) => String(i).repeat(60_000)),
      );
      stage.observer.answers['QUERY select a'] = answer;
      client.connection.pause();
      client.send(queryBytes('select a'));
      stage.settle();
      const { unsent } = stage.observer.last.connection;
      // Of all the megabytes only some windows and marks are on their way.
      expect(unsent).toBeGreaterThan(answer.length - 1024 * 1024);
      stage.advance(60_000);
      expect(stage.observer.last.connection.unsent).toBe(unsent);
      client.connection.resume();
      stage.settle();
      expect(client.take().equals(answer.subarray(0, -12))).toBe(true);
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      stage.leave();
    },
    3,
  );

  inEveryWorld('the client goes in the middle of it', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY select a'] = rowsBytes('a', ['x'.repeat(100)]).subarray(0, -40);
    client.send(queryBytes('select a'));
    stage.settle();
    expect(client.size).toBeGreaterThan(0);
    client.connection.reset();
    stage.settle();
    expect(stage.observer.last.ended).not.toBe('');
    stage.expectNothingLeft();
  });

  inEveryWorld('the observer goes in the middle of it: what has come, then FIN', {}, (stage) => {
    const client = stage.login('app@shop');
    const half = rowsBytes('a', ['1', '2', '3']).subarray(0, -30);
    stage.observer.answers['QUERY select a'] = half;
    client.send(queryBytes('select a'));
    stage.settle();
    stage.observer.last.connection.end();
    stage.settle();
    expect(half.subarray(0, client.size)).toEqual(client.take());
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld(
    'a request pipelined behind it waits until the client reads',
    {},
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY select a'] = rowsBytes(
        'a',
        Array.from({ length: 8 }, () => 'y'.repeat(60_000)),
      );
      stage.observer.answers['QUERY update t'] = okBytes({ affectedRows: 9 });
      client.connection.pause();
      client.send(Buffer.concat([queryBytes('select a'), queryBytes('update t')]));
      stage.settle();
      expect(stage.observer.last.requests).toEqual(['QUERY select a']);
      client.connection.resume();
      stage.settle();
      expect(client.read().at(-1)).toBe('1 OK 9 0x22');
      stage.leave();
    },
    10,
  );
});
