/** FINs of observers that come late to the proxy, in memory. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Address, Connection } from '../../proxy/ports.ts';
import { Gates } from '../../simulator/world/gates.ts';
import { LateEnds } from '../../simulator/world/late-ends.ts';
import { World } from '../../simulator/world/world.ts';
import { Peer } from './gate-stage.ts';

const OBSERVER: Address = { host: '10.0.0.1', port: 2881 };

let world: World;
let ends: LateEnds;
let gates: Gates;
let observer: Peer;

/** A connection from the host to observer 1. */
function connect(host: string): Peer {
  const peer = new Peer();
  peer.connection = gates.host(host).connect(OBSERVER, peer);
  world.settle();
  return peer;
}

beforeEach(() => {
  world = new World();
  ends = new LateEnds();
  gates = new Gates(world.network, world.clock, { ends });
  ends.on = true;
  gates.host('observer 1').listen(OBSERVER, {
    listening() {},
    failed() {},
    closed() {},
    accept(connection: Connection) {
      observer = new Peer();
      observer.connection = connection;
      return observer;
    },
  });
  world.settle();
});

describe('an observer ends a connection', () => {
  test('bytes pass, the FIN waits, and what the proxy says meanwhile arrives', () => {
    const proxy = connect('proxy');
    observer.connection.write(Buffer.from('last words'));
    observer.connection.end();
    world.settle();
    expect([proxy.bytes, proxy.signs]).toEqual(['last words', ['opened']]);
    expect(ends.waiting).toEqual([{ id: 1, from: 'observer 1', to: 'proxy' }]);
    proxy.connection.write(Buffer.from('hello?'));
    world.settle();
    expect(observer.bytes).toBe('hello?');
    ends.release();
    expect(proxy.signs).toEqual(['opened', 'end']);
    expect(ends.waiting).toEqual([]);
  });

  test('a RST waits as well', () => {
    const proxy = connect('proxy');
    observer.connection.reset();
    world.settle();
    expect(proxy.signs).toEqual(['opened']);
    ends.release();
    world.settle();
    expect(proxy.signs).toEqual(['opened', 'reset', 'closed']);
  });

  test('that answers the proxy’s own end it does not wait', () => {
    const proxy = connect('proxy');
    proxy.connection.end();
    world.settle();
    observer.connection.end();
    world.settle();
    expect(proxy.signs).toEqual(['opened', 'end', 'closed']);
  });

  test('it waits no longer when the proxy ends, too', () => {
    const proxy = connect('proxy');
    observer.connection.end();
    world.settle();
    proxy.connection.end();
    world.settle();
    expect(proxy.signs).toEqual(['opened', 'end', 'closed']);
    expect(ends.waiting).toEqual([]);
  });

  test('nobody waits for a connection that the proxy has closed', () => {
    const proxy = connect('proxy');
    observer.connection.end();
    world.settle();
    proxy.connection.close();
    world.settle();
    expect(ends.waiting).toEqual([]);
    expect(proxy.signs).toEqual(['opened', 'closed']);
    expect(world.openConnections).toBe(0);
  });
});

test('who is not the proxy hears at once, and so does the proxy before it begins', () => {
  const alice = connect('alice');
  observer.connection.end();
  world.settle();
  expect(alice.signs).toEqual(['opened', 'end']);
  ends.on = false;
  const proxy = connect('proxy');
  observer.connection.end();
  world.settle();
  expect(proxy.signs).toEqual(['opened', 'end']);
});
