/**
 * The scenarios against a real MariaDB server: what is MySQL's own passes, in MariaDB's own lines where it answers
 * differently, and the rest is skipped by name.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../proxy/cli/run.ts';
import { describeWith } from './skip.ts';
import { MARIADB_SERVER, MariadbServer } from './sql/mariadb-server.ts';

const START = 60_000;
/** Measured: 17 s, of which 11 are slept. */
const PATIENCE = 120_000;

describeWith(MARIADB_SERVER, 'the scenarios against MariaDB', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  async function call(...args: string[]) {
    let out = '';
    let err = '';
    const code = await run(['--target', `127.0.0.1:${server.port}`, ...args], {
      out(text) {
        out += text;
      },
      err(text) {
        err += text;
      },
      colours: false,
    });
    return { code, out, err };
  }

  it(
    'pass, or are skipped by name',
    async () => {
      const { code, out, err } = await call('--remake');
      expect(
        out.split('\n').filter((line) => line.includes('✗')),
        out,
      ).toEqual([]);
      expect(code, err).toBe(0);
      expect(err).toMatch(/: MariaDB, which greets as \S*MariaDB/);
      const passed = out.split('\n').filter((line) => line.includes('✓'));
      expect(passed.length).toBeGreaterThanOrEqual(25);
      for (const line of out.split('\n').filter((it) => it.startsWith('  - ')))
        expect(line).toMatch(/skipped: needs \S/);
    },
    PATIENCE,
  );

  it('without the lines of its own KILL fails: 1927 for 1317', async () => {
    const { code, out } = await call(
      'scenarios/any-server/kill.md',
      '--remake',
      '--dialect',
      'mysql',
      '--grep',
      'Oneself, by',
    );
    expect(code).toBe(1);
    expect(out).toContain('- ERROR 1317 (70100): Query execution was interrupted');
    expect(out).toContain('+ ERROR 1927 (70100): Connection was killed');
  });
});
