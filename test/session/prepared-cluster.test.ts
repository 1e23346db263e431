/**
 * Prepared statements before simulated observers that really run them: three of them, in worlds that cut and delay.
 */
import { expect, test } from 'vitest';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import type { Address } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { readBinaryRow } from '../../proxy/wire/binary-row.ts';
import { COM, EOF_LIMIT, EOF_MARK, ERR_MARK, TYPE } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { readErr } from '../../proxy/wire/ok.ts';
import { executePayload, readPrepareOk } from '../../proxy/wire/prepared.ts';
import { type Column, readColumn } from '../../proxy/wire/result-set.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { execute, fetch, longData, openCursor } from './preparing.ts';
import { loginBytes, PROXY, queryBytes, RawClient, requestBytes } from './raw-client.ts';
import { SEEDS, sha1 } from './stage.ts';

class Town {
  readonly world: World;
  readonly cluster: Cluster;
  readonly client: RawClient;
  readonly #proxy: OdpProxy;

  constructor(seed: number) {
    this.world = seed === 0 ? new World() : new World({ choices: new SeededChoices(seed) });
    const { clock, choices, network } = this.world;
    const spec = TOPOLOGIES.three.clusters[0];
    this.cluster = new Cluster(spec, { clock, choices, sha1 });
    const addresses = new Map<number, Address>(
      spec.servers.map(({ id }) => [id, { host: `10.0.0.${id}`, port: 2881 }]),
    );
    for (const observer of this.cluster.observers) observer.start(network, addresses.get(observer.id)!, () => {});
    this.#proxy = new OdpProxy(
      { listen: PROXY, clusters: [clusterConfig(spec, addresses)], items: DEFAULT_ITEMS, localIp: PROXY.host, pid: 1 },
      { network, clock, choices, sha1 },
    );
    this.#proxy.start({ listening() {}, failed() {} });
    this.world.settle();
    this.client = this.login('app@shop');
  }

  login(user: string): RawClient {
    const client = new RawClient(this.world);
    this.world.settle();
    client.greet();
    client.send(loginBytes(user));
    this.world.settle();
    expect(client.read()[0]).toMatch(/^2 OK/);
    return client;
  }

  #packets(bytes: Buffer): Buffer[] {
    this.client.send(bytes);
    this.world.settle();
    const reader = new PacketReader();
    reader.push(this.client.take());
    const packets: Buffer[] = [];
    for (let it = reader.next(); it !== null; it = reader.next()) packets.push(it.payload);
    return packets;
  }

  prepare(text: string): number {
    const [first] = this.#packets(requestBytes(COM.STMT_PREPARE, text));
    if (first![0] === ERR_MARK) throw new Error(readErr(first!).message);
    return readPrepareOk(first!).id;
  }

  /** The rows of an EXECUTE; or of a FETCH, whose columns are known. */
  rows(request: Buffer, columns: readonly Column[] = []): unknown[][] {
    const packets = this.#packets(request);
    if (packets[0]?.[0] === ERR_MARK) throw new Error(readErr(packets[0]).message);
    const count = columns.length > 0 ? 0 : packets[0]![0]!;
    // The number of columns, their definitions and an EOF.
    const head = packets.splice(0, count > 0 ? count + 2 : 0);
    const shapes = count > 0 ? head.slice(1, -1).map(readColumn) : columns;
    return packets.filter((it) => !isEof(it)).map((it) => readBinaryRow(it, shapes));
  }

  columns(request: Buffer): Column[] {
    const packets = this.#packets(request);
    return packets.slice(1, -1).map(readColumn);
  }

  change(request: Buffer): number {
    const [ok] = this.#packets(request);
    if (ok![0] === ERR_MARK) throw new Error(readErr(ok!).message);
    return ok![1]!;
  }

  /** Sessions of each observer. */
  get sessions(): number[] {
    return this.cluster.observers.map((it) => it.sessions.length);
  }

  leave(): void {
    this.client.connection.end();
    this.world.settle();
    this.world.advance(60_000);
    expect(this.#proxy.facts()).toEqual({ clientSessions: 0, serverSessions: 0 });
    expect(this.sessions).toEqual([0, 0, 0]);
    expect(this.world.openConnections).toBe(0);
    expect(this.world.armedTimers).toBe(0);
  }
}

function isEof(payload: Buffer): boolean {
  return payload[0] === EOF_MARK && payload.length < EOF_LIMIT;
}

function withValues(id: number, types: readonly number[], values: readonly (string | null | undefined)[]): Buffer {
  const out = new PacketWriter(0);
  out.packet(executePayload(id, 0, types, values));
  return Buffer.from(out.view());
}

function inTowns(name: string, body: (town: Town) => void): void {
  test(name, () => {
    for (let seed = 0; seed <= SEEDS; seed += 1) {
      const town = new Town(seed);
      try {
        body(town);
        town.leave();
      } catch (error) {
        if (error instanceof Error) error.message = `in world ${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}

inTowns('from observer to observer: the login, the leader, and where it is when that has died', (town) => {
  // Depends on the statement before: it is prepared where the login was.
  const where = town.prepare('SELECT CONNECTION_ID()');
  const [[atLogin]] = town.rows(execute(where)) as [[string]];
  const balance = town.prepare('SELECT balance FROM bank.account WHERE id = ?');
  expect(town.rows(withValues(balance, [TYPE.VAR_STRING], ['1']))).toEqual([['100']]);
  const [[atLeader]] = town.rows(execute(where)) as [[string]];
  // One session, if the login was at the leader.
  expect(town.sessions[0]).toBe(1);
  expect(atLeader === atLogin).toBe(town.sessions[1] === 0 && town.sessions[2] === 0);
  town.cluster.observer(1).stop();
  town.world.settle();
  // Prepared again elsewhere, and the types that are not sent go along.
  expect(town.rows(withValues(balance, [], ['2']))).toEqual([['100']]);
  expect(town.sessions.slice(1).filter((it) => it > 0).length).toBeGreaterThan(0);
  expect(town.client.events).toEqual([]);
});

inTowns('a cursor: its rows are fetched, and then it is over', (town) => {
  const id = town.prepare('SELECT id, owner FROM bank.account WHERE id < 4');
  const columns = town.columns(openCursor(id));
  expect(columns.map(({ name }) => name)).toEqual(['id', 'owner']);
  expect(town.rows(fetch(id, 2), columns)).toEqual([
    ['1', 'alice'],
    ['2', 'bob'],
  ]);
  expect(town.rows(fetch(id, 2), columns)).toEqual([['3', 'carol']]);
  expect(() => town.rows(fetch(id, 2), columns)).toThrow('cursor not exist');
  expect(town.rows(execute(id))).toHaveLength(3);
});

inTowns('long data, in a transaction', (town) => {
  const update = town.prepare('UPDATE bank.account SET owner = ? WHERE id = ?');
  town.change(queryBytes('BEGIN'));
  town.client.send(longData(update, 'ma'), longData(update, 'llory'));
  expect(town.change(withValues(update, [TYPE.VAR_STRING, TYPE.LONG], [undefined, '1']))).toBe(1);
  town.change(queryBytes('COMMIT'));
  const owner = town.prepare('SELECT owner FROM bank.account WHERE id = 1');
  expect(town.rows(execute(owner))).toEqual([['mallory']]);
});
