/**
 * An observer that asks for another proof at the login, with a scramble of its own: the client is asked, and what it has answered
 * is good for every later server session (odp-relay.md §2.3, observer.md §1.6).
 */
import { describe, expect } from 'vitest';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { type Login, readLogin } from '../../proxy/wire/login.ts';
import { checkNativePassword, nativePassword, xor } from '../../proxy/wire/scramble.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';
import { loginBytes, type RawClient } from './raw-client.ts';
import { errBytes, type ObserverConnection, SCRAMBLE, type ScriptedObserver } from './scripted-observer.ts';
import { inEveryWorld, type Stage, sha1 } from './stage.ts';

const PASSWORD = 's3cret';
const ASKED = Buffer.from('tsrqponmlkjihgfedcba');
const QUESTION = Buffer.concat([Buffer.from('\xfemysql_native_password\0', 'latin1'), ASKED, Buffer.of(0)]);
const PROOF = nativePassword(sha1, PASSWORD, ASKED);
/** As one that would answer the scramble of the greeting, or none. */
const FIRST = Buffer.alloc(20, 7);

function packet(sequence: number, payload: Buffer): Buffer {
  const out = new PacketWriter(sequence);
  out.packet(payload);
  return out.view();
}

/** The same packet with another sequence id. */
function numbered(bytes: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[3] = sequence;
  return copy;
}

/** The observer asks, and answers the proof with `answer`, which has sequence id 4 then. */
function asks(observer: ScriptedObserver, answer: Buffer): void {
  observer.loginAnswer = () => packet(2, QUESTION);
  observer.answer = (_, { payloads }) => (payloads.length === 1 ? numbered(answer, 4) : OK);
}

const OK = packet(1, Buffer.of(0, 0, 0, 0x22, 0, 0, 0, 0));

function questioned(stage: Stage): RawClient {
  const client = stage.connect();
  client.send(loginBytes('secret@shop', { authResponse: FIRST }));
  stage.settle();
  expect(client.take()).toEqual(packet(2, QUESTION));
  return client;
}

function answers(stage: Stage, client: RawClient, proof = PROOF): string[] {
  client.send(packet(3, proof));
  stage.settle();
  return client.read();
}

function loginAt({ login }: ObserverConnection): Login {
  return readLogin(login!.subarray(HEADER_SIZE));
}

describe('an auth switch at the login', () => {
  inEveryWorld('is put to the client, whose answer decides', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    expect(answers(stage, client)).toEqual(['4 OK 0 0x22']);
    expect(stage.observer.last.payloads).toEqual([PROOF]);
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    stage.leave();
  });

  inEveryWorld('a later server session can tell which scramble the answer is for', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    answers(stage, client);
    stage.observer.loginAnswer = () => OBSERVER_LOGIN_OK;
    stage.observer.answer = () => OK;
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
    const { authResponse, attributes } = loginAt(stage.observer.last);
    const names = attributes!.map(({ name }) => name);
    const at = names.indexOf('__proxy_scramble');
    expect(names.slice(at - 1, at + 2)).toEqual(['__proxy_capability_flag', '__proxy_scramble', '__client_ip']);
    const scramble = xor(attributes![at]!.value, SCRAMBLE);
    expect(checkNativePassword(sha1, PASSWORD, scramble, authResponse)).toBe(true);
    stage.leave();
  });

  inEveryWorld('a later server session that asks again cannot be had: FIN', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    answers(stage, client);
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.ask(client, 'select 1')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('an empty answer is one', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    expect(answers(stage, client, Buffer.alloc(0))).toEqual(['4 OK 0 0x22']);
    stage.leave();
  });

  inEveryWorld('the answer is not right: the ERR, and FIN', {}, (stage) => {
    asks(stage.observer, errBytes(1045, 'denied', 4));
    const client = questioned(stage);
    expect(answers(stage, client)).toEqual(['4 ERR 1045/HY000 denied']);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('the client goes, or its observer does', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    const other = questioned(stage);
    client.connection.end();
    stage.observer.last.connection.end();
    stage.settle();
    expect(other.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('an answer that is too long: FIN', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    expect(answers(stage, client, Buffer.alloc(10_000))).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });

  inEveryWorld('no answer: both are closed', {}, (stage) => {
    asks(stage.observer, OBSERVER_LOGIN_OK);
    const client = questioned(stage);
    stage.advance(600_000);
    expect(client.events).toEqual(['FIN', 'closed']);
    stage.expectNothingLeft();
  });
});
