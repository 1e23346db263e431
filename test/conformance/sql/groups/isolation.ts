/**
 * Isolation and locks, with two sessions and sometimes three. Each script begins with the same tables and rows.
 *
 * Left out is what InnoDB does in its own way and no document says of an observer. InnoDB waits for a row of a given key
 * though it does not fulfil the rest of the condition, and for one that another session has inserted and not committed
 * (here it is none yet); it keeps locks of rows that a LIMIT has left out, or that a statement or a savepoint that was
 * taken back has touched; it lets several hold a row that they LOCK IN SHARE MODE. Also left out: a change of the schema of
 * a table that others work on, numbers of an INSERT that has waited, COMMIT AND CHAIN.
 */
import type { Script } from '../script.ts';
import { LOCKS } from './locks.ts';
import { TRANSACTIONS } from './transactions.ts';

/** What is there when a script begins; said by `a`. */
export const TABLES: readonly string[] = [
  'CREATE TABLE account (id INT PRIMARY KEY, owner VARCHAR(10), balance INT NOT NULL)',
  "INSERT INTO account VALUES (1, 'ann', 100), (2, 'bob', 200), (3, 'cid', 300)",
  'CREATE TABLE ticket (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) NOT NULL, n INT DEFAULT 0, UNIQUE KEY code_uq (code))',
  "INSERT INTO ticket (code) VALUES ('x'), ('y')",
];

export const ISOLATION: { readonly name: string; readonly scripts: readonly Script[] } = {
  name: 'isolation and locks',
  scripts: [...TRANSACTIONS, ...LOCKS],
};
