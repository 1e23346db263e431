/**
 * Prepared statements of the text protocol (odp-relay.md §2.8): prepared again where they are to run, deallocated everywhere.
 */
import { describe, expect, test } from 'vitest';
import { classify } from '../../proxy/sql/statement.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { errBytes, IN_TRANS, okBytes } from './scripted-observer.ts';
import { inEveryWorld, Stage, type StageOptions } from './stage.ts';

const SPREAD: StageOptions = { observers: 2, tenants: [{ name: 'shop', servers: [0, 1], leader: null }] };
const OK = ['1 OK 0 0x22'];

/** The next statement goes to this observer. */
function moveTo(stage: Stage, client: RawClient, observer: 0 | 1): void {
  const { host, port } = stage.observers[observer]!.address;
  const address = (BigInt(port) << 32n) | BigInt(host.split('.').reduce((sum, it) => sum * 256 + Number(it), 0));
  expect(stage.ask(client, `set @obproxy_route_addr = ${address}`)).toEqual(['1 OK 0 0x2']);
}

/** The requests that an observer has got since the last call, those that restore variables left out. */
function seen(stage: Stage, observer: 0 | 1): string[] {
  const requests = stage.observers[observer]!.last.requests.splice(0);
  return requests.filter((it) => !it.startsWith('QUERY SET @@')).map((it) => it.replace('QUERY ', ''));
}

describe('EXECUTE', () => {
  inEveryWorld('where it was prepared: as it came; elsewhere the PREPARE goes before it, once', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    expect(stage.ask(client, "prepare P from 'select 1'")).toEqual(OK);
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    expect(seen(stage, 0)).toEqual(["prepare P from 'select 1'", 'execute p']);
    moveTo(stage, client, 1);
    expect(stage.ask(client, 'execute `p` using @a')).toEqual(OK);
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    expect(seen(stage, 1)).toEqual(["prepare P from 'select 1'", 'execute `p` using @a', 'execute p']);
    stage.leave();
  });

  inEveryWorld('on a new connection to the same server it is prepared again', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select 1'");
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    expect(seen(stage, 0)).toEqual(["prepare p from 'select 1'", 'execute p']);
    stage.leave();
  });

  inEveryWorld('of one that cannot be prepared any more: that is the answer', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select a from t'");
    stage.observers[1]!.answers["QUERY prepare p from 'select a from t'"] = errBytes(1146, 'no t');
    moveTo(stage, client, 1);
    expect(stage.ask(client, 'execute p')).toEqual(['1 ERR 1146/HY000 no t']);
    expect(seen(stage, 1)).toEqual(["prepare p from 'select a from t'"]);
    expect(stage.ask(client, 'select 1')).toEqual(OK);
    stage.leave();
  });

  inEveryWorld('behind a held BEGIN: BEGIN, PREPARE, EXECUTE', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select 1'");
    stage.observers[1]!.answers['QUERY execute p'] = okBytes(IN_TRANS);
    stage.ask(client, 'begin');
    moveTo(stage, client, 1);
    expect(stage.ask(client, 'execute p')).toEqual(['1 OK 0 0x23']);
    expect(seen(stage, 1)).toEqual(['begin', "prepare p from 'select 1'", 'execute p']);
    stage.leave();
  });

  inEveryWorld('of an unknown one is the observer’s to refuse', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY execute q'] = errBytes(1243, 'unknown');
    expect(stage.ask(client, 'execute q')).toEqual(['1 ERR 1243/HY000 unknown']);
    stage.leave();
  });

  inEveryWorld('prepared from a variable: from what it held then', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY set s'] = okBytes({}, { user: [['s', "'select 1'"]] });
    stage.observer.answers['QUERY set s again'] = okBytes({}, { user: [['s', "'select 2'"]] });
    stage.ask(client, 'set s');
    stage.ask(client, 'prepare p from @s');
    stage.ask(client, 'set s again');
    moveTo(stage, client, 1);
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    expect(seen(stage, 1).slice(-2)).toEqual(["PREPARE `p` FROM 'select 1'", 'execute p']);
    stage.leave();
  });

  inEveryWorld('of what depends on the statement before: only where that was', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select row_count()'");
    stage.observer.last.connection.end();
    stage.settle();
    expect(stage.ask(client, 'execute p')).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
  });

  inEveryWorld('of a text that came in parts', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    const text = `prepare p from 'select "${'x'.repeat(30_000)}"'`;
    client.send(queryBytes(text));
    stage.settle();
    expect(client.read()).toEqual(OK);
    moveTo(stage, client, 1);
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    const got = stage.observers[1]!.last.payloads.map((it) => it.toString('latin1', 1));
    expect(got.slice(-2)).toEqual([text, 'execute p']);
    stage.leave();
  });
});

describe('DEALLOCATE', () => {
  inEveryWorld('is answered at once; each observer hears of it before its next request', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select 1'");
    moveTo(stage, client, 1);
    stage.ask(client, 'execute p');
    seen(stage, 0);
    seen(stage, 1);
    expect(stage.ask(client, 'drop prepare P')).toEqual(['1 OK 0 0x2']);
    expect([seen(stage, 0), seen(stage, 1)]).toEqual([[], []]);
    // That it is not there is no harm.
    stage.observers[0]!.answers['QUERY DEALLOCATE PREPARE `p`'] = errBytes(1243, 'unknown');
    stage.ask(client, 'select 1');
    moveTo(stage, client, 0);
    expect(stage.ask(client, 'select 2')).toEqual(OK);
    expect([seen(stage, 0), seen(stage, 1)]).toEqual([
      ['DEALLOCATE PREPARE `p`', 'select 2'],
      ['DEALLOCATE PREPARE `p`', 'select 1'],
    ]);
    stage.leave();
  });

  inEveryWorld('of an unknown one is the observer’s to refuse', {}, (stage) => {
    const client = stage.login('app@shop');
    stage.observer.answers['QUERY deallocate prepare q'] = errBytes(1243, 'unknown');
    expect(stage.ask(client, 'deallocate prepare q')).toEqual(['1 ERR 1243/HY000 unknown']);
    stage.leave();
  });
});

describe('PREPARE again', () => {
  inEveryWorld('takes the place of the first one, elsewhere when it is run there', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select 1'");
    moveTo(stage, client, 1);
    stage.ask(client, 'execute p');
    stage.ask(client, "prepare p from 'select 2'");
    moveTo(stage, client, 0);
    seen(stage, 0);
    expect(stage.ask(client, 'execute p')).toEqual(OK);
    expect(seen(stage, 0)).toEqual(['DEALLOCATE PREPARE `p`', "prepare p from 'select 2'", 'execute p']);
    stage.leave();
  });

  inEveryWorld('refused: there is none of this name any more, anywhere', SPREAD, (stage) => {
    const client = stage.login('app@shop');
    stage.ask(client, "prepare p from 'select 1'");
    moveTo(stage, client, 1);
    stage.ask(client, 'execute p');
    stage.observers[1]!.answers["QUERY prepare p from 'bad'"] = errBytes(1064, 'bad');
    expect(stage.ask(client, "prepare p from 'bad'")).toEqual(['1 ERR 1064/HY000 bad']);
    moveTo(stage, client, 0);
    seen(stage, 0);
    stage.ask(client, 'execute p');
    expect(seen(stage, 0)).toEqual(['DEALLOCATE PREPARE `p`', 'execute p']);
    stage.leave();
  });
});

test('COM_STMT_PREPARE of a PREPARE is the observer’s to refuse', () => {
  const stage = new Stage();
  const client = stage.login('app@shop');
  stage.observer.answer = () => errBytes(1295, 'not in that protocol');
  client.send(requestBytes(COM.STMT_PREPARE, "prepare p from 'select 1'"));
  stage.settle();
  expect(client.read()).toEqual(['1 ERR 1295/HY000 not in that protocol']);
});

describe('how they are read', () => {
  test.each([
    ["PREPARE p FROM 'select 1'", { kind: 'text prepare', name: 'p', variable: null, last: false }],
    [
      '/* c */ prepare `A b` from "select found_rows()" ;',
      { kind: 'text prepare', name: 'a b', variable: null, last: true },
    ],
    ['prepare P from @s', { kind: 'text prepare', name: 'p', variable: 's', last: false }],
    ['execute P using @a, @b', { kind: 'text execute', name: 'p' }],
    ['EXECUTE p;', { kind: 'text execute', name: 'p' }],
    ['deallocate prepare P', { kind: 'deallocate', name: 'p' }],
    ['DROP PREPARE p', { kind: 'deallocate', name: 'p' }],
    ['drop table p', { kind: 'ordinary' }],
    ['prepare', { kind: 'ordinary' }],
    ['prepare p', { kind: 'ordinary' }],
    ['execute', { kind: 'ordinary' }],
    ['deallocate p', { kind: 'ordinary' }],
    ["prepare p from 'a'; execute p", { kind: 'ordinary' }],
  ])('%s', (text, found) => {
    expect(classify(text)).toEqual(found);
  });
});
