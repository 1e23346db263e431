/**
 * The same statements once more in the binary protocol: prepared, executed and closed on both servers.
 *
 * What a server does not prepare (1295) runs as text on both: MySQL 5.7 and an observer have a list of what they do not,
 * MariaDB prepares nearly everything.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../skip.ts';
import { columnLines, linesOf, sameTypes } from './compare.ts';
import { type Answers, asObserver, asObserverPrepared } from './differences.ts';
import { GROUPS } from './groups.ts';
import { MARIADB_SERVER, MariadbServer } from './mariadb-server.ts';
import { close, execute, type Preparation, prepare } from './prepared.ts';
import { query, type ServerSession } from './server-session.ts';
import { SimulatedSession } from './simulated.ts';
import { WireClient } from './wire-client.ts';

const START = 60_000;
const NOT_PREPARED = 1295;
/** Of all statements, so many are to be compared in binary. */
const MOST_AS_TEXT = 10;

async function answersOf(session: ServerSession, preparation: Preparation): Promise<Answers> {
  if (preparation.kind !== 'prepared') return { preparation, executed: null };
  const executed = await execute(session, preparation.id);
  close(session, preparation.id);
  return { preparation, executed };
}

function isNotPrepared(it: Preparation): boolean {
  return it.kind === 'error' && it.code === NOT_PREPARED;
}

function linesOfAnswers({ preparation: it, executed }: Answers, sql: string, exact: readonly boolean[]): string[] {
  const lines =
    it.kind === 'prepared'
      ? [`PREPARE: ${it.parameters} parameters, ${it.columns.length} columns`, ...columnLines(it.columns, sql)]
      : ['PREPARE:', ...linesOf(it, sql)];
  return executed === null ? lines : [...lines, 'EXECUTE:', ...linesOf(executed, sql, exact)];
}

describeWith(MARIADB_SERVER, 'prepared, on MariaDB and on the simulated observer', () => {
  let server: MariadbServer;
  let asText = 0;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  /** Compares what both answer to a statement. */
  async function compare(real: ServerSession, simulated: ServerSession, sql: string): Promise<void> {
    const [theirs, ours] = [await prepare(real, sql), await prepare(simulated, sql)];
    if (isNotPrepared(theirs) || isNotPrepared(ours)) {
      asText += 1;
      if (theirs.kind === 'prepared') close(real, theirs.id);
      if (ours.kind === 'prepared') close(simulated, ours.id);
      const wanted = linesOf(asObserver(sql, await query(real, sql)), sql);
      expect.soft(linesOf(await query(simulated, sql), sql), sql).toEqual(wanted);
      return;
    }
    const wanted = asObserverPrepared(sql, await answersOf(real, theirs));
    const given = await answersOf(simulated, ours);
    const exact = sameTypes(wanted.executed, given.executed);
    expect.soft(linesOfAnswers(given, sql, exact), sql).toEqual(linesOfAnswers(wanted, sql, exact));
  }

  for (const [index, { name, statements }] of GROUPS.entries()) {
    it(`${name}: ${statements.length} statements`, async () => {
      const real = await WireClient.connect(server.port);
      const simulated = new SimulatedSession();
      try {
        for (const sql of [`CREATE DATABASE odp_${index}`, `USE odp_${index}`]) {
          await query(real, sql);
          await query(simulated, sql);
        }
        for (const sql of statements) await compare(real, simulated, sql);
      } finally {
        real.close();
      }
    });
  }

  it(`but for ${MOST_AS_TEXT} at most, which cannot be prepared`, () => {
    expect(asText).toBeLessThanOrEqual(MOST_AS_TEXT);
  });
});
