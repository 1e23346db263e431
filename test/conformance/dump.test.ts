/**
 * `mariadb-dump` takes a database out of the simulator, at the observer and through the proxy, and the `mariadb` command
 * line puts it back: the same dump comes out again.
 */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { Ground, PLACES } from './shop/ground.ts';
import { describeWith } from './skip.ts';

const DUMP = 'mariadb-dump';
const CLIENT = 'mariadb';
const PATIENCE = 30_000;

const TABLES = `
CREATE DATABASE box;
CREATE TABLE box.odd (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL DEFAULT 'it''s',
  d DECIMAL(10,2), at DATETIME(3), ts TIMESTAMP NULL, b BLOB, e ENUM('a','b'), KEY n (name)) COMMENT='odd one';
INSERT INTO box.odd (name, d, at, ts, b, e) VALUES
  ('a\\'b\\n', 1.5, '2024-01-01 10:11:12.123', '2024-01-01 10:11:12', x'00ff27', 'a'), ('é', NULL, NULL, NULL, NULL, NULL);
CREATE TABLE box.empty (id INT);`;

const OPTIONS: readonly (readonly string[])[] = [
  [],
  ['--single-transaction', '--routines', '--triggers', '--events', '--hex-blob'],
];

function run(program: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, words, { timeout: PATIENCE }, (error, out, err) => {
      if (error !== null || err !== '') reject(new Error(`${program} ${words.join(' ')}: ${err}`, { cause: error }));
      else resolve(out);
    });
    child.stdin?.end(input);
  });
}

/** Without what tells the time and the name of the database. */
function contents(dump: string): string {
  return dump.replaceAll(/^-- .*$/gm, '');
}

describeWith(['mariadb-dump', 'mariadb'], 'mariadb-dump', () => {
  for (const place of PLACES) {
    test(`a dump, loaded and dumped again: ${place}`, { timeout: 2 * PATIENCE }, async () => {
      const ground = await Ground.open();
      try {
        const { host, port, user } = ground.login(place);
        const login = ['--no-defaults', `-h${host}`, `-P${port}`, `-u${user}`, '--skip-ssl'];
        await run(CLIENT, login, TABLES);
        for (const options of OPTIONS) {
          const first = await run(DUMP, [...login, ...options, 'box']);
          expect(first).toContain('INSERT INTO `odd` VALUES');
          await run(CLIENT, login, 'DROP DATABASE IF EXISTS again; CREATE DATABASE again;');
          await run(CLIENT, [...login, 'again'], first);
          expect(contents(await run(DUMP, [...login, ...options, 'again']))).toBe(contents(first));
        }
      } finally {
        await ground.close();
      }
    });
  }
});
