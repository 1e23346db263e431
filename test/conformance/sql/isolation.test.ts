/** Isolation and locks: the same scripts of several sessions on the simulated observer and on a real MariaDB server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../skip.ts';
import { asObserverIn, type Standing } from './differences.ts';
import { ISOLATION, TABLES } from './groups/isolation.ts';
import { MARIADB_SERVER, MariadbServer } from './mariadb-server.ts';
import type { Outcome } from './outcome.ts';
import { type Actor, Playing, type Script } from './script.ts';
import { query } from './server-session.ts';
import { RealStage, SimulatedStage } from './stages.ts';
import { WireClient } from './wire-client.ts';

const START = 60_000;
const ACTORS: readonly Actor[] = ['a', 'b', 'c'];
const DATABASE = 'odp_isolation';

/** Makes of what MariaDB says what an observer says, session by session. */
class Heard {
  readonly #standings = new Map<Actor, Standing>();

  observer(who: Actor, sql: string, mariadb: Outcome): Outcome {
    const [heard, standing] = asObserverIn(sql, mariadb, this.#standings.get(who) ?? 'as told');
    this.#standings.set(who, standing);
    return heard;
  }
}

describeWith(MARIADB_SERVER, 'sessions on MariaDB and on the simulated observer', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  async function onMariadb({ steps }: Script): Promise<readonly string[]> {
    const first = await WireClient.connect(server.port);
    for (const sql of [
      `DROP DATABASE IF EXISTS ${DATABASE}`,
      `CREATE DATABASE ${DATABASE}`,
      `USE ${DATABASE}`,
      ...TABLES,
    ]) {
      await query(first, sql);
    }
    first.close();
    const stage = await RealStage.open(server.port, ACTORS, [`USE ${DATABASE}`]);
    const heard = new Heard();
    try {
      return await new Playing(stage, (who, sql, outcome) => heard.observer(who, sql, outcome)).play(steps);
    } finally {
      stage.close();
    }
  }

  async function onObserver({ steps }: Script): Promise<readonly string[]> {
    const stage = await SimulatedStage.open(ACTORS, [`CREATE DATABASE IF NOT EXISTS ${DATABASE}`, `USE ${DATABASE}`]);
    for (const sql of TABLES) await stage.say('a', sql);
    return new Playing(stage, (_who, _sql, outcome) => outcome).play(steps);
  }

  for (const script of ISOLATION.scripts) {
    it(script.name, async () => {
      const wanted = await onMariadb(script);
      expect(await onObserver(script)).toEqual(wanted);
    });
  }
});
