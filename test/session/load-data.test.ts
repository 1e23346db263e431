/**
 * LOAD DATA LOCAL (odp-relay.md §2.8): the observer asks for a file, and the client's packets go to it up to the empty one.
 */
import { describe, expect } from 'vitest';
import { COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { errBytes, okBytes } from './scripted-observer.ts';
import { inEveryWorld, type Stage } from './stage.ts';

const MB = 1024 * 1024;
const ASKED = Buffer.concat([Buffer.of(6, 0, 0, 1, 0xfb), Buffer.from('a.csv')]);

/** A file in packets of this size and the empty packet behind it, as clients send it: the ids go on from the question's. */
function fileBytes(content: Buffer, size: number): Buffer {
  const out = new PacketWriter(2, content.length + MB);
  for (let at = 0; at < content.length; at += size) out.packet(content.subarray(at, at + size));
  out.packet(Buffer.alloc(0));
  return out.view();
}

function content(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
}

/** A client whose LOAD DATA has been asked back for its file. */
function asked(stage: Stage, answer: (size: number) => Buffer): RawClient {
  stage.observer.answer = (text) => {
    if (text === 'QUERY load data') return ASKED;
    const file = /^FILE (\d+) bytes$/.exec(text);
    return file === null ? okBytes() : answer(Number(file[1]));
  };
  const client = stage.login('app@shop');
  client.send(queryBytes('load data'));
  stage.settle();
  expect(client.take()).toEqual(ASKED);
  return client;
}

function loaded(size: number): Buffer {
  return okBytes({ affectedRows: size });
}

/** Sends the file, and a request behind it. */
function load(stage: Stage, size: number, packetSize: number): void {
  const client = asked(stage, loaded);
  const file = content(size);
  client.send(Buffer.concat([fileBytes(file, packetSize), queryBytes('select 1')]));
  stage.settle();
  expect(client.read()).toEqual([`1 OK ${size} 0x22`, '1 OK 0 0x22']);
  expect(stage.observer.connections).toHaveLength(1);
  expect(stage.observer.last.files.map((it) => it.equals(file))).toEqual([true]);
  expect(stage.observer.last.requests).toEqual(['QUERY load data', 'QUERY select 1']);
  stage.leave();
}

describe('a file goes to the observer that asked for it', () => {
  inEveryWorld('an empty one', {}, (stage) => load(stage, 0, 10));
  inEveryWorld('of three packets', {}, (stage) => load(stage, 25, 10));
  inEveryWorld('of 100 KB in packets of 16 KB', {}, (stage) => load(stage, 100_000, 16_384), 10);
  inEveryWorld('of 17 MB in one packet of two parts', {}, (stage) => load(stage, 17 * MB, 17 * MB), 1);

  inEveryWorld('and its ERR comes without the OK behind it; the next statement is served', {}, (stage) => {
    const client = asked(stage, () => errBytes(1062, 'twice'));
    client.send(fileBytes(content(100), 10));
    stage.settle();
    expect(client.read()).toEqual(['1 ERR 1062/HY000 twice']);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    expect(stage.observer.connections).toHaveLength(1);
    stage.leave();
  });

  inEveryWorld('a second one follows', {}, (stage) => {
    const client = asked(stage, loaded);
    client.send(fileBytes(content(5), 10));
    stage.settle();
    client.send(queryBytes('load data'));
    stage.settle();
    client.send(fileBytes(content(7), 10));
    stage.settle();
    expect(client.take().subarray(-HEADER_SIZE - 8)[HEADER_SIZE + 1]).toBe(7);
    stage.leave();
  });
});

describe('back-pressure', () => {
  inEveryWorld(
    'an observer that does not read stops the client',
    {},
    (stage) => {
      const client = asked(stage, loaded);
      stage.observer.last.connection.pause();
      client.send(fileBytes(content(8 * MB), 16_384));
      stage.settle();
      expect(client.connection.unsent).toBeGreaterThan(6 * MB);
      stage.observer.last.connection.resume();
      stage.settle();
      expect(client.read()).toEqual([`1 OK ${8 * MB} 0x22`]);
      stage.leave();
    },
    3,
  );
});

describe('in the middle of the file', () => {
  const HALF = fileBytes(content(30), 10).subarray(0, 20);

  inEveryWorld('the client goes: so does the server session, and nothing of it was a request', {}, (stage) => {
    const client = asked(stage, loaded);
    client.send(HALF);
    stage.settle();
    client.connection.end();
    stage.settle();
    expect([stage.observer.last.ended, stage.observer.last.files]).toEqual(['FIN', []]);
    stage.expectNothingLeft();
  });

  inEveryWorld('the observer goes: so does the client, without a word', {}, (stage) => {
    const client = asked(stage, loaded);
    client.send(HALF);
    stage.settle();
    stage.observer.last.connection.end();
    stage.settle();
    expect(client.read()).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('the client is killed: FIN to both at the tick', {}, (stage) => {
    const killer = stage.login('app@shop');
    const client = asked(stage, loaded);
    client.send(HALF);
    stage.settle();
    expect(stage.ask(killer, `kill ${client.csId}`)).toEqual(['1 OK 0 0x0']);
    stage.advance(1000);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.observer.last.ended).toBe('FIN');
    stage.leave();
  });

  inEveryWorld('an answer before it was whole: the answer, then FIN', {}, (stage) => {
    const client = asked(stage, loaded);
    client.send(HALF);
    stage.settle();
    stage.observer.last.write(errBytes(1064, 'enough'));
    stage.settle();
    expect(client.read()).toEqual(['1 ERR 1064/HY000 enough']);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });
});

inEveryWorld('asked for before the whole of a long statement was there: FIN', {}, (stage) => {
  const client = stage.login('app@shop');
  client.send(queryBytes(`load data ${' '.repeat(20_000)}`).subarray(0, 12_000));
  stage.settle();
  stage.observer.last.write(ASKED);
  stage.settle();
  expect(client.events).toEqual(['FIN', 'closed']);
  stage.expectNothingLeft();
});

inEveryWorld('to what is no statement it is malformed: FIN', {}, (stage) => {
  stage.observer.answers['INIT_DB a'] = ASKED;
  const client = stage.login('app@shop');
  client.send(requestBytes(COM.INIT_DB, 'a'));
  stage.settle();
  expect(client.read()).toEqual([]);
  expect(client.events).toEqual(['FIN', 'closed']);
  stage.expectNothingLeft();
});
