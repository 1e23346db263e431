/**
 * What a statement says of the time that its answer may take (odp-relay.md §6.3).
 */
import { expect, test } from 'vitest';
import { timeOf } from '../../proxy/sql/time.ts';

test.each([
  ['select 1', 'ordinary'],
  ['', 'ordinary'],
  ['   ', 'ordinary'],
  ['/* only a comment', 'ordinary'],
  ['delete from t', 'ordinary'],
  ['replace into t values (1)', 'ordinary'],
  ['commit', 'ordinary'],
  ['(select 1)', 'ordinary'],
  ["select '/*+ query_timeout(5) */'", 'ordinary'],
  ['select /* query_timeout(5) */ 1', 'ordinary'],
  ['select /*+ parallel(4) */ 1', 'ordinary'],
  ['select 1 /*+ query_timeout(5) */', 'ordinary'],
  ['create table t (a int)', 'definition'],
  ['  \n ALTER table t', 'definition'],
  ['/* a */ drop table t', 'definition'],
  ['-- a\nTRUNCATE t', 'definition'],
  ['rename table t to u', 'definition'],
  ['dropped', 'ordinary'],
  ['call p()', 'call'],
  ['CALL p()', 'call'],
  ['called', 'ordinary'],
])('%j is %s', (text, kind) => {
  expect(timeOf(Buffer.from(text), 0).kind).toBe(kind);
});

test.each([
  ['select /*+ query_timeout(5000000) */ 1', 5_000_000],
  ['SELECT /*+QUERY_TIMEOUT ( 7 )*/ 1', 7],
  ['update /*+ parallel(4) query_timeout(9) */ t set a = 1', 9],
  ['(select /*+ query_timeout(3) */ 1)', 3],
  ['/* first */ insert /*+ query_timeout(4) */ into t values (1)', 4],
  ['select /*+ query_timeout(6)', 6],
])('%j: %d µs', (text, microseconds) => {
  expect(timeOf(Buffer.from(`#####${text}`), 5)).toEqual({ kind: 'hint', microseconds });
});
