/** Names of more than 64 characters are ERR 1059, wherever a name is given; 64 are allowed. */
import { describe, expect, it } from 'vitest';
import { Lab } from './pair.ts';

const client = new Lab().login({ user: 'root@shop', database: 'bank' });
const LONG = 'ä'.repeat(65);
const LONGEST = 'ä'.repeat(64);

describe.each([
  ['a table', (name: string) => `CREATE TABLE \`${name}\` (id INT)`],
  ['a column', (name: string) => `CREATE TABLE columned (\`${name}\` INT)`],
  ['a key', (name: string) => `CREATE TABLE keyed (id INT, KEY \`${name}\` (id))`],
  ['a database', (name: string) => `CREATE DATABASE \`${name}\``],
])('%s', (_what, sql) => {
  it('of 65 characters is refused, of 64 is made', () => {
    expect(client.query(sql(LONG)).kind).toBe(`ERR 1059 42000 Identifier name '${LONG}' is too long`);
    expect(client.query(sql(LONGEST)).kind).toBe('ok');
  });
});
