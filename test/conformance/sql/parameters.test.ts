/** Values bound to `?` on the simulated observer and on a real MariaDB server: the same answers, run by run. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../skip.ts';
import { boundColumnLines, linesOf, sameTypes } from './compare.ts';
import { asObserver, asObserverPrepared } from './differences.ts';
import { PARAMETERS } from './groups/parameters.ts';
import { MARIADB_SERVER, MariadbServer } from './mariadb-server.ts';
import type { Outcome } from './outcome.ts';
import { executeBody, type Run } from './parameters.ts';
import { close, executeBytes, type Preparation, prepare, reset, sendLongData } from './prepared.ts';
import { query, type ServerSession } from './server-session.ts';
import { SimulatedSession } from './simulated.ts';
import { WireClient } from './wire-client.ts';

const START = 60_000;

/** What a run is answered; null if nothing. */
async function answerOf(session: ServerSession, id: number, run: Run): Promise<Outcome | null> {
  switch (run.kind) {
    case 'execute':
    case 'bytes':
      return executeBytes(session, executeBody(id, run));
    case 'reset':
      return reset(session, id);
    case 'close':
      close(session, id);
      return null;
    case 'query':
      return query(session, run.sql);
    case 'long':
      sendLongData(session, id, run.parameter, run.piece);
      return null;
  }
}

function preparedLines(it: Preparation, sql: string): readonly string[] {
  if (it.kind !== 'prepared') return linesOf(it, sql);
  return [
    `${it.parameters} parameters, ${it.columns.length} columns`,
    ...boundColumnLines(it.columns, it.parameters, sql),
  ];
}

describeWith(MARIADB_SERVER, 'bound on MariaDB and on the simulated observer', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  it(`${PARAMETERS.statements.length} statements`, async () => {
    const real = await WireClient.connect(server.port);
    const simulated = new SimulatedSession();
    try {
      for (const sql of ['CREATE DATABASE odp_parameters', 'USE odp_parameters', "SET time_zone = '+08:00'"]) {
        await query(real, sql);
        await query(simulated, sql);
      }
      for (const { sql, runs } of PARAMETERS.statements) {
        if (runs === null) {
          const wanted = linesOf(asObserver(sql, await query(real, sql)), sql);
          expect.soft(linesOf(await query(simulated, sql), sql), sql).toEqual(wanted);
          continue;
        }
        const theirs = await prepare(real, sql);
        const ours = await prepare(simulated, sql);
        const { preparation } = asObserverPrepared(sql, { preparation: theirs, executed: null });
        expect.soft(preparedLines(ours, sql), sql).toEqual(preparedLines(preparation, sql));
        for (const [i, run] of runs.entries()) {
          if (theirs.kind !== 'prepared' || ours.kind !== 'prepared') break;
          const answered = await answerOf(real, theirs.id, run);
          const given = await answerOf(simulated, ours.id, run);
          const wanted = asObserverPrepared(sql, { preparation: theirs, executed: answered }).executed;
          if (given === null || wanted === null) continue;
          const exact = sameTypes(wanted, given);
          expect.soft(linesOf(given, sql, exact), `${sql}, run ${i + 1}`).toEqual(linesOf(wanted, sql, exact));
        }
        if (theirs.kind === 'prepared') close(real, theirs.id);
        if (ours.kind === 'prepared') close(simulated, ours.id);
      }
    } finally {
      real.close();
    }
  });
});
