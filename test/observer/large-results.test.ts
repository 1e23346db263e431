/** A large result: sent as the client reads it, in bounded memory, and killed on the way. */
import { describe, expect, it } from 'vitest';
import { HIGH_WATER } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { Lab } from './pair.ts';

const ROWS = 200_000;
/** Four bytes of header, a length, a digit. */
const SMALLEST_ROW = 6;
/** What the pipe takes, what may be unsent, and one piece. */
const IN_FLIGHT = 64 * 1024 + HIGH_WATER + 32 * 1024;
const QUERY = `SELECT @n := IFNULL(@n, 0) + 1 AS n FROM TABLE(GENERATOR(${ROWS}))`;

describe('a large result', () => {
  it('arrives whole', () => {
    const client = new Lab().login({ user: 'app@shop', proxy: true });
    const answer = client.query(QUERY);
    expect(answer.rows).toHaveLength(ROWS);
    expect(answer.rows.at(-1)).toEqual([String(ROWS)]);
    expect(answer).toMatchObject({ kind: 'rows', extraOk: true, state: { user: [['n', `${ROWS}e0`]] } });
  });

  it('waits for a client that does not read', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    client.connection.pause();
    client.send(COM.QUERY, QUERY);
    lab.world.advance(60_000);
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('ACTIVE');
    client.connection.resume();
    lab.world.settle();
    expect(client.take().rows).toHaveLength(ROWS);
  });

  it('can be killed while it waits, and ends with an ERR behind its rows', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop', proxy: true });
    client.connection.pause();
    client.send(COM.QUERY, QUERY);
    lab.login({ user: 'boss@shop' }).query(`KILL QUERY ${client.greeting.threadId}`);
    lab.world.advance(100);
    client.connection.resume();
    lab.world.settle();
    const answer = client.take();
    expect(answer).toMatchObject({ kind: 'rows, then ERR 1317', extraOk: true });
    expect(answer.rows.length * SMALLEST_ROW).toBeLessThan(IN_FLIGHT);
    expect(client.query('SELECT 1').kind).toBe('rows');
  });

  it('is dropped a second after its session was killed, if nobody reads', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    client.connection.pause();
    client.send(COM.QUERY, QUERY);
    const boss = lab.login({ user: 'boss@shop' });
    boss.send(COM.QUERY, `KILL ${client.greeting.threadId}`);
    lab.world.advance(100);
    expect(boss.take().kind).toBe('ok');
    lab.world.advance(1000);
    expect(lab.timers).toBe(0);
  });

  it('may be one row of many megabytes', () => {
    const client = new Lab().login({ user: 'app@shop' });
    const answer = client.query("SELECT REPEAT('x', 16777216) AS big, LENGTH(REPEAT('x', 16777217)) AS too_big");
    expect(answer.rows[0]?.[0]?.length).toBe(16_777_216);
    expect(answer.rows[0]?.[1]).toBeNull();
  });
});
