/** Real drivers talk to an observer on a real socket: what our own readers and writers agree on, they must accept too. */
import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { PLAIN } from '../../proxy/ports.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { sha1 } from './pair.ts';

const cluster = new Cluster(TOPOLOGIES.default.clusters[0], { clock: new NodeClock(), choices: PLAIN, sha1 });
const observer = cluster.observer(1);
let port = 0;

beforeAll(async () => {
  await new Promise<void>((ready) => {
    observer.start(new NodeNetwork(), { host: '127.0.0.1', port: 0 }, (address) => {
      port = address.port;
      ready();
    });
  });
});

afterAll(() => observer.stop());

describe('mysql2', () => {
  async function connect(): Promise<mysql.Connection> {
    return mysql.createConnection({ host: '127.0.0.1', port, user: 'app@shop', database: 'bank' });
  }

  it('prepares, executes again and again, and closes', async () => {
    const client = await connect();
    const statement = await client.prepare(
      'SELECT id, owner, balance, NULL AS n, NOW() > ? AS later FROM account WHERE id = ?',
    );
    for (const [id, owner] of [
      [1, 'alice'],
      [2, 'bob'],
    ]) {
      const [rows] = await statement.execute([new Date(0), id]);
      expect(rows).toEqual([{ id, owner, balance: 100, n: null, later: 1 }]);
    }
    await statement.close();
    await client.end();
  });

  it('sends every kind of parameter', async () => {
    const client = await connect();
    const [rows] = await client.execute({
      sql: 'SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e',
      values: ['text', 5, 0.5, null, Buffer.from('bytes')],
    });
    expect(rows).toMatchObject([{ a: 'text', b: 5, c: 0.5, d: null, e: Buffer.from('bytes') }]);
    await client.end();
  });

  it('hears of errors, and goes on', async () => {
    const client = await connect();
    await expect(client.execute('SELECT * FROM nope')).rejects.toMatchObject({ errno: 1146, sqlState: '42S02' });
    await expect(client.execute('BEGIN')).rejects.toMatchObject({ errno: 1295 });
    await expect(client.query('SELECT 1 AS one')).resolves.toMatchObject([[{ one: 1 }], expect.anything()]);
    await client.end();
  });

  it('changes its user', async () => {
    const client = await connect();
    await client.query('SET @a = 1');
    await client.changeUser({ user: 'secret@shop', password: 's3cret', database: 'test' });
    const [rows] = await client.query('SELECT DATABASE() AS d, CURRENT_USER() AS u, @a AS a');
    expect(rows).toEqual([{ d: 'test', u: 'secret@%', a: null }]);
    await client.end();
  });

  it('waits for a row', async () => {
    const [alice, bob] = [await connect(), await connect()];
    await alice.beginTransaction();
    await alice.execute('UPDATE account SET balance = balance - ? WHERE id = ?', [10, 3]);
    const waiting = bob.execute('UPDATE account SET balance = balance * ? WHERE id = ?', [2, 3]);
    await alice.commit();
    await waiting;
    const [rows] = await bob.query('SELECT balance FROM account WHERE id = 3');
    expect(rows).toEqual([{ balance: 180 }]);
    await Promise.all([alice.end(), bob.end()]);
  });
});

describe('the mariadb connector', () => {
  async function connect() {
    return mariadb.createConnection({ host: '127.0.0.1', port, user: 'app@shop', database: 'bank' });
  }

  it('prepares and executes', async () => {
    const client = await connect();
    const statement = await client.prepare('SELECT owner, balance FROM account WHERE id = ?');
    expect(await statement.execute([4])).toMatchObject([{ owner: 'dave', balance: 100 }]);
    expect(await statement.execute([1])).toMatchObject([{ owner: 'alice', balance: 100 }]);
    statement.close();
    await client.execute('UPDATE account SET owner = ? WHERE id = ?', ['ü', 4]);
    expect(await client.execute('SELECT owner FROM account WHERE id = ?', [4])).toMatchObject([{ owner: 'ü' }]);
    await client.end();
  });

  it('resets its connection', async () => {
    const client = await connect();
    await client.query('SET @a = 1');
    await client.reset();
    expect(await client.query('SELECT @a AS a, DATABASE() AS d')).toMatchObject([{ a: null, d: 'bank' }]);
    await client.end();
  });
});
