/** The same statements on the simulated observer and on a real MariaDB server: the same answers, but for what is known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../skip.ts';
import { linesOf } from './compare.ts';
import { asObserver, DIFFERENCES } from './differences.ts';
import { type Group, withoutConstants } from './group.ts';
import { ISOLATION } from './groups/isolation.ts';
import { PARAMETERS } from './groups/parameters.ts';
import { GROUPS } from './groups.ts';
import { MARIADB_SERVER, MariadbServer } from './mariadb-server.ts';
import { statementsOf } from './script.ts';
import { query } from './server-session.ts';
import { SimulatedSession } from './simulated.ts';
import { WireClient } from './wire-client.ts';

const START = 60_000;

/** All that is asked of both servers: by this test and `binary.test.ts`, by `parameters.test.ts`, by `isolation.test.ts`. */
const COUNTED: readonly Group[] = [
  ...GROUPS,
  { name: PARAMETERS.name, statements: PARAMETERS.statements.map(({ sql }) => sql) },
  { name: ISOLATION.name, statements: ISOLATION.scripts.flatMap(statementsOf) },
];

describe('the statements', () => {
  // A statement that is like an earlier one but for its constants is run, and not counted.
  it('are 300 or more, 15 or more in each of twelve groups, no two of those counted alike', () => {
    expect(COUNTED.length).toBeGreaterThanOrEqual(12);
    const seen = new Set<string>();
    for (const { name, statements } of COUNTED) {
      const before = seen.size;
      for (const sql of statements) seen.add(withoutConstants(sql));
      expect(seen.size - before, name).toBeGreaterThanOrEqual(15);
    }
    expect(seen.size).toBeGreaterThanOrEqual(300);
  });

  it('differ in at most 30 known ways, each with its source', () => {
    expect(DIFFERENCES.length).toBeLessThanOrEqual(30);
    for (const { source } of DIFFERENCES) expect(source).toMatch(/observer\.md §|MySQL 5\.7|decisions\.md/);
  });
});

describeWith(MARIADB_SERVER, 'on MariaDB and on the simulated observer', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  for (const [index, { name, statements }] of GROUPS.entries()) {
    it(`${name}: ${statements.length} statements`, async () => {
      const real = await WireClient.connect(server.port);
      const simulated = new SimulatedSession();
      try {
        for (const sql of [`CREATE DATABASE odp_${index}`, `USE odp_${index}`]) {
          await query(real, sql);
          await query(simulated, sql);
        }
        for (const sql of statements) {
          const wanted = linesOf(asObserver(sql, await query(real, sql)), sql);
          expect.soft(linesOf(await query(simulated, sql), sql), sql).toEqual(wanted);
        }
      } finally {
        real.close();
      }
    });
  }
});
