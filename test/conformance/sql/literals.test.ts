/**
 * The same statements once more, with their constants bound to `?`: a parameter is worth what a constant is.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../skip.ts';
import { linesOf, sameTypes } from './compare.ts';
import { asObserver } from './differences.ts';
import { GROUPS } from './groups.ts';
import { MARIADB_SERVER, MariadbServer } from './mariadb-server.ts';
import type { Outcome } from './outcome.ts';
import { big, decimal, double, executeBody, type Parameter, text } from './parameters.ts';
import { close, executeBytes, type Preparation, prepare } from './prepared.ts';
import { query, type ServerSession } from './server-session.ts';
import { SimulatedSession } from './simulated.ts';
import { WireClient } from './wire-client.ts';

const START = 60_000;
/** How many of the statements are at least bound. */
const MANY = 300;
const DATA = /^(?:select|insert|replace|update|delete)\b/i;
/** A text, or a number that is no part of a name and no position of ORDER BY. */
const CONSTANT = /'((?:[^'\\]|'')*)'|(?<![\w.@`"'-])(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.`"])/g;

/**
 * Where a constant is no value, or not only that: a unit, a name, a position; the digits of NOW(), which may be none; what a
 * column is called after `+?`, and of which type ROUND of a bound integer is, where MariaDB has ideas of its own.
 */
const NO_VALUE = [
  /\\|"|'\s+'|\bas '/i,
  /\b(?:order|group) by\b.*\b\d/i,
  /(?:date|time|timestamp|x|b|n)'/i,
  /\b(?:interval|collate|using)\b/i,
  /\bnow\(\d|\+'|\bround\(.*, -/i,
];

/** The statement with `?` for its constants, and what they are; null if it has none, or some that `?` cannot be. */
function boundForm(sql: string): { readonly sql: string; readonly values: readonly Parameter[] } | null {
  if (!DATA.test(sql) || NO_VALUE.some((it) => it.test(sql))) return null;
  const values: Parameter[] = [];
  const made = sql.replaceAll(CONSTANT, (_all, quoted: string | undefined, number: string) => {
    if (quoted !== undefined) values.push(text(quoted.replaceAll("''", "'")));
    else if (/e/i.test(number)) values.push(double(Number(number)));
    else if (number.includes('.')) values.push(decimal(number));
    else values.push(big(BigInt(number), BigInt(number) > 2n ** 63n - 1n ? 'unsigned' : undefined));
    return '?';
  });
  return values.length === 0 ? null : { sql: made, values };
}

/** What came of it; where PREPARE was refused, that. */
async function executed(session: ServerSession, made: Preparation, values: readonly Parameter[]): Promise<Outcome> {
  if (made.kind !== 'prepared') return made;
  const outcome = await executeBytes(
    session,
    executeBody(made.id, { kind: 'execute', parameters: values, withTypes: true }),
  );
  close(session, made.id);
  return outcome;
}

describeWith(MARIADB_SERVER, 'constants bound on MariaDB and on the simulated observer', () => {
  let server: MariadbServer;
  let count = 0;

  beforeAll(async () => {
    server = await MariadbServer.start();
  }, START);

  afterAll(async () => {
    await server?.stop();
  });

  for (const [index, { name, statements }] of GROUPS.entries()) {
    it(name, async () => {
      const real = await WireClient.connect(server.port);
      const simulated = new SimulatedSession();
      try {
        for (const sql of [`CREATE DATABASE odp_${index}`, `USE odp_${index}`]) {
          await query(real, sql);
          await query(simulated, sql);
        }
        for (const sql of statements) {
          const form = boundForm(sql);
          if (form === null) {
            await query(real, sql);
            await query(simulated, sql);
            continue;
          }
          const theirs = await prepare(real, form.sql);
          const ours = await prepare(simulated, form.sql);
          count += 1;
          const wanted = asObserver(sql, await executed(real, theirs, form.values));
          const given = await executed(simulated, ours, form.values);
          const exact = sameTypes(wanted, given);
          expect.soft(linesOf(given, sql, exact), form.sql).toEqual(linesOf(wanted, sql, exact));
        }
      } finally {
        real.close();
      }
    });
  }

  it(`of ${MANY} statements and more`, () => {
    expect(count).toBeGreaterThanOrEqual(MANY);
  });
});
