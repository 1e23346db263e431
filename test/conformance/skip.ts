/**
 * Tests that need a program of the machine: what is missing is skipped by name – or, where it is required, fails.
 *
 * `ODPLAB_REQUIRE_CLIENTS=1` (`.ci/run` sets it) means required.
 */
import { spawnSync } from 'node:child_process';
import { describe, type TestOptions, test } from 'vitest';

/** Where Debian has them. */
const PACKAGES: Readonly<Record<string, string>> = {
  mariadb: 'mariadb-client',
  'mariadb-dump': 'mariadb-client',
  script: 'bsdutils',
  '/usr/sbin/mariadbd': 'mariadb-server',
  '/usr/bin/mariadb-install-db': 'mariadb-server',
  tshark: 'tshark',
  javac: 'default-jdk-headless',
  java: 'default-jdk-headless',
};

/** What was looked for once. */
const looked = new Map<string, boolean>();

/** MariaDB's Connector/J. */
export const CONNECTOR_J = '/usr/share/java/mariadb-java-client.jar';

/** Libraries, by Debian's name of their package: what succeeds where they are. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  // Debian's own Python: another one that comes first in the path would not find Debian's library.
  'python3-pymysql': ['/usr/bin/python3', '-c', 'import pymysql'],
  'php-mysql': ['php', '-r', 'exit(extension_loaded("mysqli") && extension_loaded("pdo_mysql") ? 0 : 1);'],
  'libdbd-mysql-perl': ['perl', '-MDBD::mysql', '-MJSON::PP', '-e', '1'],
  'ruby-mysql2': ['ruby', '-e', 'require "mysql2"'],
  'libmariadb-java': ['test', '-r', CONNECTOR_J],
};

/** A `describe` that needs these: each a command, by its name or its whole path, or one of `LIBRARIES`. */
export function describeWith(needed: readonly string[], title: string, body: () => void): void {
  const missing = missingOf(needed);
  if (missing === null) describe(title, body);
  else withoutIt(title, missing);
}

/** The same for one test. */
export function testWith(
  needed: readonly string[],
  title: string,
  options: TestOptions,
  body: () => Promise<void>,
): void {
  const missing = missingOf(needed);
  if (missing === null) test(title, options, body);
  else withoutIt(title, missing);
}

function withoutIt(title: string, missing: string): void {
  if (process.env.ODPLAB_REQUIRE_CLIENTS === '1') {
    test(`${title}: needs ${missing}`, () => {
      throw new Error(`not on this machine: ${missing}; without ODPLAB_REQUIRE_CLIENTS=1 it would be skipped`);
    });
  } else {
    test.skip(`${title}: not on this machine: ${missing}`, () => {});
  }
}

/** What is missing, for a person; null if nothing is. */
function missingOf(needed: readonly string[]): string | null {
  const missing = needed.filter((it) => !isInstalled(it));
  return missing.length === 0 ? null : missing.map(called).join(' and ');
}

function called(missing: string): string {
  return missing in LIBRARIES ? `Debian's ${missing}` : `${missing} (Debian: ${PACKAGES[missing] ?? missing})`;
}

function isInstalled(needed: string): boolean {
  const known = looked.get(needed);
  if (known !== undefined) return known;
  const [program, ...args] = LIBRARIES[needed] ?? ['sh', '-c', 'command -v "$1"', 'sh', needed];
  const found = spawnSync(program!, args, { stdio: 'ignore' }).status === 0;
  looked.set(needed, found);
  return found;
}
