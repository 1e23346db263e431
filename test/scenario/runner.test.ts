/** Steps against a fake server: answers, waiting, completions, verbs, what is left. */
import { describe, expect, it } from 'vitest';
import { failureOf, pageOf, runPage } from './running.ts';

const passes = (block: string) => expect(failureOf(block)).resolves.toBe('passed');

describe('answers', () => {
  it('the three steps of the page, with names', () =>
    passes(`
alice> SELECT CONNECTION_ID();
+-----------------+
| CONNECTION_ID() |
+-----------------+
| {conn}          |
+-----------------+
1 row in set (0.01 sec)

alice> KILL {conn};
ERROR 1317 (70100): Query execution was interrupted
alice> SELECT CONNECTION_ID();
ERROR 2013 (HY000): Lost connection to MySQL server during query
alice> SELECT CONNECTION_ID();
ERROR 2006 (HY000): OceanBase server has gone away
No connection. Trying to reconnect...
Connection id:    {again != conn}
Current database: *** NONE ***

+-----------------+
| CONNECTION_ID() |
+-----------------+
| {again}         |
+-----------------+
1 row in set`));

  it('prompts as they are pasted, in several lines', () =>
    passes(`
Alice(root@sys)[(none)]> SELECT
    -> 1;
Query OK, 0 rows affected
alice [test]> SELECT 2; -- two
Query OK, 0 rows affected
[label] alice> SELECT 3;
Query OK, 0 rows affected
alice>`));

  it('any order, and … among the rows', () =>
    passes(`
! any order
alice> SHOW LIST;
+----+------+
| Id | text |
+----+------+
| 8  | x    |
| {me} | a b |
| 7  | NULL |
+----+------+
3 rows in set
! any order
alice> SHOW LIST;
+--+--+
| Id | text |
+--+--+
| 7 | {_} |
…
+--+--+
3 rows in set`));

  it('without "any order" the order counts', async () => {
    const failure = await failureOf(`
alice> SHOW LIST;
+--+--+
| Id | text |
+--+--+
| 8 | x |
…`);
    expect(failure).toContain('the answer is another');
  });

  it('a dialect of its own', () =>
    passes(`
carla> SELCT;
ERROR 1 (X): what obclient prints
@mariadb ERROR 1064 (42000): near 'SELCT'`));

  it('no lines: must print nothing', async () => {
    const failure = await failureOf('alice> SELECT 1;');
    expect(failure).toBe('8: the answer is another\n      - (nothing)\n      + Query OK, 0 rows affected');
  });

  it('a readable difference with lines, agreement and names', async () => {
    const failure = await failureOf(`alice> SELECT CONNECTION_ID();
+---+
| CONNECTION_ID() |
+---+
| {conn} |
+---+
2 rows in set`);
    expect(failure.split('\n')).toEqual([
      '8: the answer is another',
      '        2 more that agree',
      '   11   +---+',
      '   12   | {conn} |',
      '   13   +---+',
      '   14 - 2 rows in set',
      '      + 1 row in set',
      '      where {conn} = 56932',
    ]);
  });

  it('a login that is refused is the answer, and nothing is sent', async () => {
    const failure = await failureOf('alice> {_};').catch((error: Error) => error.message);
    expect(failure).toContain('a statement takes names that are bound above');
  });
});

describe('waiting', () => {
  it('<waiting …>, advance, <… completed>', () =>
    passes(`
alice> SELECT SLEEP(2);
<waiting …>
! advance 1s
bob> SELECT 1;
Query OK, 0 rows affected
! advance 1s
alice> <… completed>
+-------+
| SLEEP |
+-------+
| 0     |
+-------+
1 row in set`));

  it('completions come in the order of declaration', () =>
    passes(`
bob> SELECT SLEEP(1);
<waiting ...>
alice> SELECT SLEEP(1);
<waiting …>
! advance 1s
alice> <… completed>
…
bob> <... completed>
…`));

  it('an answer that nobody announced', async () => {
    const failure = await failureOf(`alice> SELECT SLEEP(1);
<waiting …>
! advance 1s
bob> SELECT 1;
Query OK, 0 rows affected`);
    expect(failure).toContain('11: an answer that nobody announced: above this line belongs `alice> <… completed>`');
  });

  it('at the end as well', async () => {
    const failure = await failureOf('alice> SELECT SLEEP(1);\n<waiting …>\n! advance 1s');
    expect(failure).toContain('10: an answer that nobody announced');
  });

  it('a completion that does not come', async () => {
    const failure = await failureOf('alice> SELECT SLEEP(9);\n<waiting …>\n! advance 1s\nalice> <… completed>\n…');
    expect(failure).toContain('11: alice still waits');
  });

  it('it waits where an answer is expected, and the other way round', async () => {
    expect(await failureOf('alice> SELECT SLEEP(9);\nEmpty set')).toContain('+ <waiting …>');
    expect(await failureOf('alice> SELECT 1;\n<waiting …>')).toContain('+ Query OK');
  });

  it('^C', () =>
    passes(`
alice> SELECT SLEEP(9);
<waiting …>
alice> ^C
Ctrl-C -- query killed. Continuing normally.
alice> <… completed>
ERROR 1317 (70100): Query execution was interrupted
! advance 10s`));

  it('close ends the waiting; the next input is a new client', () =>
    passes(`
alice> SELECT SLEEP(9);
<waiting …>
! close alice
alice> SELECT CONNECTION_ID();
…
1 row in set
! reset alice
alice> SELECT 1;
Query OK, 0 rows affected
alice> quit
Bye`));
});

describe('verbs', () => {
  it('open, login', () =>
    passes(`
! open alice
Connection id:    {id}
! login alice
alice> SELECT CONNECTION_ID();
…
| {id} |
…`));

  it('a login may wait', () =>
    passes(`
! hold proxy -> alice
alice> SELECT 1;
<waiting …>
! release proxy -> alice
alice> <… completed>
Query OK, 0 rows affected`));

  it('hold after some packets: the box is not whole', () =>
    passes(`
alice> SELECT 1;
Query OK, 0 rows affected
! hold proxy -> alice after 3 packets
alice> SHOW LIST;
<waiting …>
! release proxy -> alice
alice> <… completed>
…
3 rows in set`));

  it('stall and read', () =>
    passes(`
alice> SELECT 1;
Query OK, 0 rows affected
! stall alice
alice> SELECT 1;
<waiting …>
! read alice
alice> <… completed>
Query OK, 0 rows affected`));
});

describe('verbs that cannot be carried out', () => {
  it.each([
    [
      'alice> KILL 56932;\nERROR 1317 (70100): {_}\nalice> SELECT 1;\nERROR 2013 (HY000): {_}\n! half-close alice',
      '12: alice is not connected: it has no side to end',
    ],
    [
      '! open alice\nConnection id:    {id}\n! open alice\n…',
      '10: alice is connected already; above belongs `! close`',
    ],
    ['! login alice\n! open alice\n…', '9: alice is connected already; above belongs `! close`'],
    ['! login alice\n! login alice\n…', '9: alice has logged in already; above belongs `! close`'],
    [
      'alice> KILL 56932;\nERROR 1317 (70100): {_}\nalice> SELECT 1;\nERROR 2013 (HY000): {_}\n! close alice',
      '12: alice is not connected: there is nothing to close',
    ],
  ])('%j', async (block, failure) => {
    expect(await failureOf(block)).toBe(failure);
  });

  it('a client that is still connecting can be closed', () =>
    passes('! hold proxy -> alice\nalice> SELECT 1;\n<waiting …>\n! close alice\n! release proxy -> alice'));
});

describe('any order', () => {
  it('a difference is shown row beside row', async () => {
    const failure = await failureOf(`! any order
alice> SHOW LIST;
+-+-+
| Id | text |
+-+-+
| 8 | x |
| {me} | a c |
| 7 | NULL |
+-+-+
3 rows in set`);
    expect(failure.split('\n').slice(0, 10)).toEqual([
      '9: the answer is another',
      '        1 more that agree',
      '   11   | Id | text |',
      '   12   +-+-+',
      '   13   | 8 | x |',
      '   14 - | {me} | a c |',
      '   15   | 7 | NULL |',
      '      + | 56932 | a b  |',
      '   16   +-+-+',
      '   17   3 rows in set',
    ]);
  });
});

describe('the end', () => {
  it('tells what is left', async () => {
    const failure = await failureOf('alice> STAY;\n<waiting …>');
    expect(failure).toBe('8: something is left when all clients have gone\n1 sessions');
  });

  it('set-up is run for each scenario, in a fresh world', async () => {
    const text = pageOf(`alice> SELECT CONNECTION_ID();
+-+
| CONNECTION_ID() |
+-+
| {id} |
…`);
    const two = ['One', 'Two'].map(
      (name) => `## ${name}\n\n\`\`\`odplab\nalice> KILL {id};\nERROR 1317 (70100): {_}\n\`\`\`\n`,
    );
    expect(await runPage(text + two.join('\n'))).toEqual([]);
  });
});

describe('what goes wrong between hosts', () => {
  it('a parted client hangs, also when it connects, and goes on when that is repaired', () =>
    passes(`
! partition alice proxy
alice> SELECT 1;
<waiting …>
bob> SELECT 1;
Query OK, 0 rows affected
! repair proxy alice
alice> <… completed>
Query OK, 0 rows affected
! partition proxy alice
alice> SELECT 2;
<waiting …>
! repair proxy alice
alice> <… completed>
Query OK, 0 rows affected`));

  it('what is not repaired at the end is no failure', () =>
    passes(`
alice> SELECT 1;
Query OK, 0 rows affected
! partition alice proxy
alice> SELECT 2;
<waiting …>`));

  it('observers that are none of ours cannot be told to die', () =>
    expect(failureOf('! crash observer 1')).resolves.toContain('of this deployment cannot be told what to do'));
});
