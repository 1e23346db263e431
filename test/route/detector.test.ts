/**
 * Dead servers found by probes (odp-relay.md §5.6, "detect"): who is probed and when, what makes a server dead, what becomes
 * of its sessions, and that nobody is probed for nobody.
 */
import { describe, expect, test } from 'vitest';
import { type ClusterConfig, type ConfigItems, DEFAULT_ITEMS } from '../../proxy/config.ts';
import { readItem } from '../../proxy/config-items.ts';
import type { Address, Connection, ConnectionEvents, ListenerEvents } from '../../proxy/ports.ts';
import { BlackList } from '../../proxy/route/black-list.ts';
import { ProbingDetector } from '../../proxy/route/detector.ts';
import { LINGER } from '../../proxy/session/connection-end.ts';
import type { Detectable } from '../../proxy/session/services.ts';
import { Sweep } from '../../proxy/session/sweep.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { writeErr } from '../../proxy/wire/ok.ts';
import { observerGreeting } from '../../simulator/observer/greeting.ts';
import { World } from '../../simulator/world/world.ts';
import { loginBytes, queryBytes } from '../session/raw-client.ts';
import { IN_TRANS, type ObserverConnection, okBytes, type ScriptedObserver } from '../session/scripted-observer.ts';
import { inEveryWorld } from '../session/stage.ts';

const GREETING = observerGreeting(7, Buffer.alloc(20, 'x'), false);

/** What a server does with a connection. */
type Manner = (connection: Connection) => void;

const isSilent: Manner = () => {};

function says(...chunks: readonly Buffer[]): Manner {
  return (connection) => {
    for (const chunk of chunks) connection.write(chunk);
  };
}

function saysAndLeaves(...chunks: readonly Buffer[]): Manner {
  return (connection) => {
    for (const chunk of chunks) connection.write(chunk);
    connection.end();
  };
}

const greets = says(GREETING);

class Server implements ListenerEvents {
  readonly address: Address;
  manner = greets;
  /** How each connection ended: `FIN`, `RST`, or `` while it stands. */
  readonly probes: string[] = [];

  constructor(world: World, host: string) {
    this.address = { host, port: 2881 };
    world.network.listen(this.address, this);
  }

  accept(connection: Connection): ConnectionEvents {
    const { probes } = this;
    const index = probes.push('') - 1;
    this.manner(connection);
    return {
      data: () => expect.unreachable('a probe says nothing'),
      drain() {},
      flushed() {},
      end() {
        probes[index] = 'FIN';
        connection.end();
      },
      reset() {
        probes[index] = 'RST';
      },
      closed() {},
    };
  }

  listening(): void {}
  failed(): void {}
  closed(): void {}
}

/** A server session, as the detector sees it: told that its server is dead, it goes. */
class Session implements Detectable {
  readonly address: Address;
  /** When it was told, in milliseconds from the start. */
  readonly told: number[] = [];
  readonly #place: Place;

  constructor(place: Place, address: Address) {
    this.#place = place;
    this.address = address;
    place.detector.opened(this);
  }

  serverDead(): void {
    this.told.push(this.#place.passed);
    this.#place.detector.gone(this);
  }
}

/** Two servers of a cluster, and a detector that may probe them. */
class Place {
  readonly world = new World();
  readonly a = new Server(this.world, '10.0.0.1');
  readonly b = new Server(this.world, '10.0.0.2');
  readonly cluster: ClusterConfig = {
    name: 'obdemo',
    servers: [{ address: this.a.address }, { address: this.b.address }],
    tenants: null,
  };
  readonly blackList: BlackList;
  readonly detector: ProbingDetector;
  readonly #start = this.world.clock.now();

  constructor(items: Partial<ConfigItems> = {}) {
    const all = { ...DEFAULT_ITEMS, server_detect_mode: 1, ...items };
    const { network, clock } = this.world;
    this.blackList = new BlackList(all, clock);
    const sweep = new Sweep(clock, all.kill_sweep_interval);
    this.detector = new ProbingDetector(all, { network, clock, sweep }, this.blackList);
    this.world.settle();
  }

  get passed(): number {
    return this.world.clock.now() - this.#start;
  }

  /** On until so many milliseconds from the start. */
  until(time: number): void {
    this.world.advance(time - this.passed);
  }

  /** A client, and a server session of his to this server. */
  use(server: Server): Session {
    this.detector.clientEntered(this.cluster);
    return new Session(this, server.address);
  }

  leave(...sessions: Session[]): void {
    for (const session of sessions) {
      this.detector.gone(session);
      this.detector.clientLeft(this.cluster);
    }
    this.world.settle();
  }
}

describe('mode 1', () => {
  test('a server is probed each second as long as there is a server session to it; it hears FIN after its greeting', () => {
    const place = new Place();
    place.detector.clientEntered(place.cluster);
    expect(place.world.idle).toBe(true);
    const session = new Session(place, place.a.address);
    const other = place.use(place.a);
    place.until(999);
    expect(place.a.probes).toEqual([]);
    place.until(3000);
    expect(place.a.probes).toEqual(['FIN', 'FIN', 'FIN']);
    place.leave(other);
    place.until(4000);
    expect(place.a.probes).toHaveLength(4);
    place.leave(session);
    expect(place.world.idle).toBe(true);
    expect(place.b.probes).toEqual([]);
    expect(place.blackList.isEmpty).toBe(true);
  });

  test('a probe under way ends with the last server session', () => {
    const place = new Place();
    place.a.manner = isSilent;
    const session = place.use(place.a);
    place.until(1500);
    expect(place.a.probes).toEqual(['']);
    place.leave(session);
    expect(place.a.probes).toEqual(['FIN']);
    expect(place.world.idle).toBe(true);
  });
});

test('mode 2: all servers of a cluster are probed as long as it has a client', () => {
  const place = new Place({ server_detect_mode: 2 });
  place.detector.clientEntered(place.cluster);
  place.detector.clientEntered(place.cluster);
  place.until(2000);
  expect([place.a.probes, place.b.probes]).toEqual([
    ['FIN', 'FIN'],
    ['FIN', 'FIN'],
  ]);
  place.detector.clientLeft(place.cluster);
  place.until(3000);
  expect(place.b.probes).toHaveLength(3);
  place.detector.clientLeft(place.cluster);
  expect(place.world.idle).toBe(true);
});

describe('a server that does not answer', () => {
  test('is dead after three probes of five seconds, and its sessions end at the next tick', () => {
    const place = new Place();
    const session = place.use(place.a);
    const other = place.use(place.b);
    place.until(500);
    place.a.manner = isSilent;
    place.until(15_999);
    expect(place.a.probes).toEqual(['FIN', 'FIN', '']);
    expect([place.blackList.isEmpty, session.told]).toEqual([true, []]);
    place.until(16_000);
    expect(place.blackList.sorted([0, 1], (it) => place.cluster.servers[it]!.address)).toEqual([1, 0]);
    expect(session.told).toEqual([]);
    place.until(60_000);
    expect([session.told, other.told]).toEqual([[17_000], []]);
    expect(place.blackList.skips(place.a.address)).toBe(true);
    place.leave(other);
  });

  test('is probed on though no session is left there, and used again after its first greeting', () => {
    const place = new Place();
    place.a.manner = isSilent;
    const session = place.use(place.a);
    place.until(20_500);
    expect(session.told).toEqual([17_000]);
    place.a.manner = greets;
    place.until(20_999);
    expect(place.blackList.isEmpty).toBe(false);
    place.until(21_000);
    expect(place.blackList.isEmpty).toBe(true);
    place.until(30_000);
    expect(place.a.probes).toHaveLength(5);
    place.detector.clientLeft(place.cluster);
    expect(place.world.idle).toBe(true);
  });

  test('a session that was opened there all the same lives until the next miss', () => {
    const place = new Place();
    place.a.manner = isSilent;
    place.use(place.a);
    place.until(17_500);
    const late = new Session(place, place.a.address);
    place.until(20_999);
    expect(late.told).toEqual([]);
    place.until(22_000);
    expect(late.told).toEqual([22_000]);
  });

  test('who is opened while others end is not meant', () => {
    const place = new Place();
    place.a.manner = isSilent;
    const session = place.use(place.a);
    const again: Session[] = [];
    session.serverDead = () => {
      place.detector.gone(session);
      again.push(new Session(place, place.a.address));
    };
    place.until(17_000);
    expect(again.map((it) => it.told)).toEqual([[]]);
  });

  test('has not been dead if it greets before the tick', () => {
    const place = new Place({ server_detect_refresh_interval: 100, server_detect_fail_threshold: 2 });
    place.a.manner = (connection) => connection.close();
    const session = place.use(place.a);
    place.until(250);
    expect(place.blackList.isEmpty).toBe(false);
    place.a.manner = greets;
    place.until(1500);
    expect([place.blackList.isEmpty, session.told]).toEqual([true, []]);
    place.leave(session);
    expect(place.world.idle).toBe(true);
  });

  test('has missed none when it has greeted in between, or when nobody has used it', () => {
    const place = new Place({ server_detect_refresh_interval: 100, kill_sweep_interval: 1 });
    const closes: Manner = (connection) => connection.close();
    place.a.manner = closes;
    const session = place.use(place.a);
    place.until(250);
    place.a.manner = greets;
    place.until(350);
    place.a.manner = closes;
    place.until(550);
    expect(place.blackList.isEmpty).toBe(true);
    place.detector.gone(session);
    place.detector.opened(session);
    place.until(750 + 49);
    expect(place.blackList.isEmpty).toBe(true);
    place.until(850);
    expect(place.blackList.isEmpty).toBe(false);
  });

  test('stays dead while nobody needs to know, and is asked at once when somebody does', () => {
    const place = new Place();
    place.a.manner = isSilent;
    const session = place.use(place.a);
    place.until(16_500);
    place.leave(session);
    expect(place.world.idle).toBe(true);
    expect(place.blackList.skips(place.a.address)).toBe(true);
    place.a.manner = greets;
    place.until(100_000);
    const next = place.use(place.a);
    place.world.settle();
    expect(place.blackList.isEmpty).toBe(true);
    place.leave(next);
    expect(place.world.idle).toBe(true);
  });

  test('counts apart from failures: neither they nor answers end it', () => {
    const place = new Place({ enable_congestion: false });
    place.blackList.dead(place.a.address);
    place.blackList.failed(place.a.address);
    place.until(60_000);
    place.blackList.answered(place.a.address);
    expect(place.blackList.skips(place.a.address)).toBe(true);
    place.blackList.alive(place.a.address);
    expect(place.blackList.isEmpty).toBe(true);
  });
});

describe('what a probe hears', () => {
  /** Dead, or not, after one probe. */
  function isDead(manner: Manner | null): boolean {
    const place = new Place({ server_detect_fail_threshold: 1, detect_server_timeout: 500 });
    if (manner !== null) place.a.manner = manner;
    const session =
      manner === null ? place.use({ address: { host: '10.0.0.9', port: 2881 } } as Server) : place.use(place.a);
    place.until(1600);
    const dead = place.blackList.skips(session.address);
    place.leave(session);
    place.until(1600 + LINGER);
    expect(place.world.idle).toBe(true);
    return dead;
  }

  const tooMany = new PacketWriter(0);
  writeErr(tooMany, { code: 1040, sqlState: '08004', message: 'Too many connections' });

  test.each<[string, boolean, Manner]>([
    ['a greeting', false, greets],
    ['an ERR in its place: it is alive', false, says(tooMany.view())],
    ['a greeting and FIN', false, saysAndLeaves(GREETING)],
    ['nothing', true, isSilent],
    ['FIN', true, saysAndLeaves()],
    ['RST', true, (it) => it.reset()],
    ['half a greeting', true, says(GREETING.subarray(0, 40))],
    ['half a greeting and FIN', true, saysAndLeaves(GREETING.subarray(0, 40))],
    ['an empty packet', true, says(Buffer.of(0, 0, 0, 0))],
    ['another protocol', true, says(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))],
    ['an endless packet', true, says(Buffer.of(255, 255, 255, 0, 10))],
  ])('%s', (_, dead, manner) => {
    expect(isDead(manner)).toBe(dead);
  });

  test('a greeting in two parts, cut anywhere', () => {
    for (let at = 1; at < GREETING.length; at += 1) {
      expect(isDead(says(GREETING.subarray(0, at), GREETING.subarray(at)))).toBe(false);
    }
  });

  test('a server that does not answer FIN keeps nothing open', () => {
    const place = new Place();
    place.a.accept = (connection) => {
      connection.write(GREETING);
      return { data() {}, drain() {}, flushed() {}, end() {}, reset() {}, closed() {} };
    };
    const session = place.use(place.a);
    place.until(1000);
    place.leave(session);
    expect(place.world.armedTimers).toBe(1);
    place.until(1000 + LINGER);
    expect(place.world.armedTimers).toBe(0);
  });
});

/** A proxy with two observers; the first one greets nobody from some moment on. */
describe('a server session', () => {
  const OPTIONS = { observers: 2, items: { server_detect_mode: 1 } };
  const WORLDS = 5;
  /** Probes from the first second on, three of five seconds, and the tick behind them. */
  const FOUND = 17_000;
  const CAUSE = 'its server session was lost: probes have found its server dead';

  /** Connections that were used: no probes. */
  function used(observer: ScriptedObserver): ObserverConnection[] {
    return observer.connections.filter((it) => it.login !== null);
  }

  function fallsSilent(observer: ScriptedObserver): void {
    observer.greeting = () => null;
  }

  inEveryWorld(
    'in flight: FIN to the client without a word, and nothing is tried again',
    OPTIONS,
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY update t'] = null;
      client.send(queryBytes('update t'));
      fallsSilent(stage.observer);
      stage.advance(FOUND - 1);
      expect(client.events).toEqual([]);
      stage.advance(1);
      expect(client.size).toBe(0);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.causes).toEqual([`1: ${CAUSE}`]);
      expect(used(stage.observer).map((it) => it.ended)).toEqual(['FIN']);
      expect(used(stage.observers[1]!)).toEqual([]);
      stage.expectNothingLeft();
    },
    WORLDS,
  );

  inEveryWorld(
    'idle: gone unseen, the next statement is served elsewhere',
    OPTIONS,
    (stage) => {
      const client = stage.login('app@shop');
      fallsSilent(stage.observer);
      stage.advance(FOUND);
      expect(stage.proxy.facts()).toEqual({ clientSessions: 1, serverSessions: 0 });
      expect(stage.ask(client, 'select 1')).toEqual(['1 OK 0 0x22']);
      expect(used(stage.observers[1]!)).toHaveLength(1);
      expect(client.events).toEqual([]);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'idle in a transaction: FIN at the next statement',
    OPTIONS,
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
      stage.ask(client, 'update t');
      fallsSilent(stage.observer);
      stage.advance(FOUND);
      expect(client.events).toEqual([]);
      expect(stage.ask(client, 'commit')).toEqual([]);
      expect(client.events).toEqual(['FIN', 'closed']);
      stage.expectNothingLeft();
    },
    WORLDS,
  );

  inEveryWorld(
    'that waits for its greeting: another server',
    OPTIONS,
    (stage) => {
      fallsSilent(stage.observer);
      const client = stage.connect();
      client.send(loginBytes('app@shop'));
      stage.advance(FOUND - 1);
      expect(client.read()).toEqual([]);
      stage.advance(1);
      expect(client.read()).toEqual([expect.stringMatching(/^2 OK/)]);
      expect(used(stage.observers[1]!)).toHaveLength(1);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'that is made up to date: another server',
    OPTIONS,
    (stage) => {
      const client = stage.login('app@shop');
      stage.observer.answers['QUERY set @a = 1'] = okBytes({}, { user: [['a', '1']] });
      stage.ask(client, 'set @a = 1');
      stage.observer.last.connection.end();
      stage.settle();
      stage.observer.answer = () => null;
      client.send(queryBytes('select 1'));
      stage.settle();
      expect(used(stage.observer).at(-1)!.requests).toEqual([expect.stringContaining('@a')]);
      fallsSilent(stage.observer);
      // The first server session has left, so probes begin with the second.
      stage.advance(FOUND);
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      expect(used(stage.observers[1]!).at(-1)!.requests).toEqual([expect.stringContaining('@a'), 'QUERY select 1']);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'that has gone by itself is no reason to probe',
    OPTIONS,
    (stage) => {
      const client = stage.login('app@shop');
      stage.advance(2000);
      expect(stage.observer.connections).toHaveLength(3);
      stage.observer.connections[0]!.connection.end();
      stage.advance(10_000);
      expect(stage.observer.connections).toHaveLength(3);
      expect(client.events).toEqual([]);
      stage.leave();
    },
    WORLDS,
  );

  inEveryWorld(
    'is not probed for, if nobody has asked for it',
    { ...OPTIONS, items: {} },
    (stage) => {
      const client = stage.login('app@shop');
      fallsSilent(stage.observer);
      stage.advance(100_000);
      expect(stage.observers.flatMap((it) => it.connections)).toHaveLength(1);
      expect(client.events).toEqual([]);
      stage.leave();
    },
    WORLDS,
  );
});

describe('the items', () => {
  test.each([
    ['server_detect_mode', '0', 0],
    ['server_detect_mode', '2', 2],
    ['server_detect_fail_threshold', '1', 1],
    ['server_detect_refresh_interval', '500ms', 500],
    ['detect_server_timeout', '2s', 2000],
  ] as const)('%s=%s', (name, text, value) => {
    expect(readItem(name, text)).toEqual({ kind: 'value', value });
  });

  test.each([
    ['server_detect_mode', '3'],
    ['server_detect_mode', 'true'],
    ['server_detect_fail_threshold', '0'],
    ['server_detect_refresh_interval', '0s'],
    ['detect_server_timeout', '5'],
  ] as const)('%s=%s is told what would be right', (name, text) => {
    expect(readItem(name, text).kind).toBe('wrong');
  });
});
