/**
 * A stage for the session machines: a world, a proxy in it, scripted observers behind it and raw clients before it.
 *
 * `inEveryWorld` runs a test in the plain world and in seeded ones, which split and join chunks and change the order of
 * deliveries: what a client or an observer sees must not depend on it.
 */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ConfigItems, DEFAULT_ITEMS, type TenantConfig } from '../../proxy/config.ts';
import type { Address, Choices } from '../../proxy/ports.ts';
import { OdpProxy, type ProxyPorts } from '../../proxy/proxy.ts';
import { type Cause, causeText } from '../../proxy/session/cause.ts';
import type { Login } from '../../proxy/wire/login.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { World } from '../../simulator/world/world.ts';
import { loginBytes, PROXY, queryBytes, RawClient } from './raw-client.ts';
import { ScriptedObserver } from './scripted-observer.ts';

export const SEEDS = 30;

export function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

/** The world's own decisions from a seed; routing takes the plain case. */
class WorldChoices implements Choices {
  readonly #seeded: SeededChoices;

  constructor(seed: number) {
    this.#seeded = new SeededChoices(seed);
  }

  choose(site: string, n: number): number {
    return site.startsWith('net.') ? this.#seeded.choose(site, n) : 0;
  }
}

export interface StageOptions {
  readonly observers?: number;
  readonly items?: Partial<ConfigItems>;
  /** 0: the plain world. */
  readonly seed?: number;
  /** Of the cluster obdemo; what is not said: `sys` with no leader and `shop` led by the first, on all observers. */
  readonly tenants?: readonly TenantConfig[] | null;
}

export class Stage {
  readonly world: World;
  readonly proxy: OdpProxy;
  readonly observers: ScriptedObserver[] = [];
  /** What the observers have seen, in order. */
  readonly log: string[] = [];
  /** Why client sessions ended, in order. */
  readonly causes: string[] = [];
  readonly clients: RawClient[] = [];
  /** The first tick of the sweep is one interval after this. */
  readonly start: number;

  constructor({ observers = 1, items = {}, seed = 0, tenants }: StageOptions = {}) {
    this.world = seed === 0 ? new World() : new World({ choices: new WorldChoices(seed) });
    for (let i = 0; i < observers; i++) {
      const address: Address = { host: `172.30.140.${71 + i}`, port: 2881 };
      this.observers.push(
        new ScriptedObserver(this.world, `ob${i}`, address, 0xc0000000 + (i + 1) * 2 ** 18 + 1, this.log),
      );
    }
    const all = this.observers.map((_, index) => index);
    const servers = this.observers.map(({ address }) => ({ address }));
    const known = [
      { name: 'sys', servers: all, leader: null },
      { name: 'shop', servers: all, leader: 0 },
    ];
    const ports: ProxyPorts = {
      network: this.world.network,
      clock: this.world.clock,
      choices: this.world.choices,
      sha1,
      journal: { disconnected: (session: { csId: number }, cause: Cause) => this.#ended(session.csId, cause) },
    };
    this.proxy = new OdpProxy(
      {
        listen: PROXY,
        clusters: [
          { name: 'obdemo', servers, tenants: tenants === undefined ? known : tenants },
          { name: 'obother', servers, tenants: tenants === undefined ? known : tenants },
        ],
        items: { ...DEFAULT_ITEMS, ...items },
        localIp: PROXY.host,
        pid: 76286,
      },
      ports,
    );
    this.start = this.world.clock.now();
    this.proxy.start({
      listening() {},
      failed(code) {
        throw new Error(code);
      },
    });
    this.settle();
  }

  #ended(csId: number, cause: Cause): void {
    this.causes.push(`${csId}: ${causeText(cause, csId)}`);
  }

  get observer(): ScriptedObserver {
    return this.observers[0]!;
  }

  settle(): void {
    this.world.settle();
  }

  /** How long until the next timer fires. That of a mark does within a second, those of waits stand far off. */
  get nextTimer(): number {
    return (this.world.clock.next() ?? Number.POSITIVE_INFINITY) - this.world.clock.now();
  }

  advance(milliseconds: number): void {
    this.world.advance(milliseconds);
  }

  /** A connection that has had its greeting and said nothing. */
  connect(from?: Address, answersFin = true): RawClient {
    const client = new RawClient(this.world, from, answersFin);
    this.clients.push(client);
    this.settle();
    client.greet();
    return client;
  }

  /** A client that is logged in, its OK taken. */
  login(user: string, more: Partial<Login> = {}, from?: Address): RawClient {
    const client = this.connect(from);
    client.send(loginBytes(user, more));
    this.settle();
    const said = client.read();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^2 OK 0 /);
    return client;
  }

  /** root@proxysys, who comes from a private address. */
  administrator(): RawClient {
    return this.login('root@proxysys', {}, { host: '10.0.0.7', port: 40_000 + this.clients.length });
  }

  /** Sends a statement and gives what came back by the time all is quiet. */
  ask(client: RawClient, text: string): string[] {
    client.send(queryBytes(text));
    this.settle();
    return client.read();
  }

  /** Every client leaves; afterwards nothing may be left of anything. */
  leave(): void {
    for (const client of this.clients) client.connection.end();
    this.settle();
    this.expectNothingLeft();
  }

  expectNothingLeft(): void {
    expect(this.proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
    expect(this.world.openConnections).toBe(0);
    expect(this.world.armedTimers).toBe(0);
  }
}

/** One test, in the plain world and in `SEEDS` others. */
export function inEveryWorld(
  name: string,
  options: Omit<StageOptions, 'seed'>,
  body: (stage: Stage) => void,
  seeds = SEEDS,
): void {
  test(name, () => {
    for (let seed = 0; seed <= seeds; seed++) {
      try {
        body(new Stage({ ...options, seed }));
      } catch (error) {
        if (error instanceof Error) error.message = `in world ${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}
