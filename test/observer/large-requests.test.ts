/** Requests that are larger than an observer takes, or more than it is asked to keep: its memory is bounded. */
import { describe, expect, it } from 'vitest';
import { HIGH_WATER } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab } from './pair.ts';

/** `max_allowed_packet`. */
const LIMIT = 16_777_216;
const MIB = 2 ** 20;

function statement(size: number): string {
  return `SELECT LENGTH('${'x'.repeat(size - "SELECT LENGTH('')".length - 1)}')`;
}

function packetOf(sql: string): Buffer {
  const packet = Buffer.alloc(4 + 1 + sql.length);
  packet.writeUIntLE(1 + sql.length, 0, 3);
  packet[4] = COM.QUERY;
  packet.write(sql, 5);
  return packet;
}

describe('a request', () => {
  it('of the largest size is answered', () => {
    const client = new Lab().login();
    expect(client.query(statement(LIMIT)).rows).toEqual([[String(LIMIT - "SELECT LENGTH('')".length - 1)]]);
    expect(client.query('SELECT 1').rows).toEqual([['1']]);
  });

  it.each([false, true])('that is larger is ERR 1153 and the end of its session, towards a proxy: %s', (proxy) => {
    const lab = new Lab();
    const client = lab.login({ proxy });
    const other = lab.login();
    client.send(COM.QUERY, statement(LIMIT + 1));
    const [err, extra] = client.takeBytes();
    expect(err!.subarray(5, 7).readUInt16LE()).toBe(1153);
    expect(extra === undefined).toBe(!proxy);
    expect(client.ended).toBe(true);
    expect(other.query('SHOW PROCESSLIST').rows).toHaveLength(1);
  });
});

describe('while a statement runs', () => {
  it('so much is read and no more; all of it is answered afterwards', () => {
    const lab = new Lab();
    const client = lab.login();
    client.send(COM.QUERY, 'SELECT SLEEP(10)');
    const packet = packetOf(statement(MIB));
    const count = 40;
    for (let i = 0; i < count; i += 1) {
      client.connection.write(packet);
      lab.world.settle();
    }
    // What was not read stands in the sender's own queue: a real one would have to wait.
    expect(client.connection.unsent).toBeGreaterThan((count - 17) * MIB - 2 * HIGH_WATER);
    lab.world.advance(10_000);
    expect(client.connection.unsent).toBe(0);
    expect(client.takeBytes().filter((it) => it.includes(String(MIB - 18)))).toHaveLength(count);
  });

  it('a peer that has said more than that and is gone leaves nothing behind', () => {
    const lab = new Lab();
    const client = lab.login();
    client.send(COM.QUERY, 'SELECT SLEEP(10)');
    for (let i = 0; i < 20; i += 1) client.connection.write(packetOf(statement(MIB)));
    lab.world.settle();
    client.connection.reset();
    lab.world.advance(20_000);
    expect(lab.world.openConnections).toBe(0);
    expect(lab.world.armedTimers).toBe(0);
  });
});
