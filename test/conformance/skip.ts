/**
 * Tests that need a program of the machine: what is missing is skipped by name – or, where it is required, fails.
 *
 * `ODPLAB_REQUIRE_CLIENTS=1` (`.ci/run` sets it) means required.
 */
import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';

/** Where Debian has them. */
const PACKAGES: Readonly<Record<string, string>> = {
  mariadb: 'mariadb-client',
  'mariadb-dump': 'mariadb-client',
  script: 'bsdutils',
  '/usr/sbin/mariadbd': 'mariadb-server',
  '/usr/bin/mariadb-install-db': 'mariadb-server',
};

/** A `describe` that needs these commands, each a name or a whole path. */
export function describeWith(commands: readonly string[], title: string, body: () => void): void {
  const missing = commands.filter((it) => !isInstalled(it));
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const what = missing.map((it) => `${it} (Debian: ${PACKAGES[it] ?? it})`).join(' and ');
  if (process.env.ODPLAB_REQUIRE_CLIENTS === '1') {
    test(`${title}: needs ${what}`, () => {
      throw new Error(`not on this machine: ${what}; without ODPLAB_REQUIRE_CLIENTS=1 these tests would be skipped`);
    });
  } else {
    test.skip(`${title}: not on this machine: ${what}`, () => {});
  }
}

function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' }).status === 0;
}
