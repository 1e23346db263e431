/** What blessing writes, and what it leaves alone. */
import { expect, it } from 'vitest';
import { blessPage, rereads } from '../../simulator/scenario/bless.ts';
import { FAKE_LAB } from './fake-deployment.ts';
import { pageOf, read, runPage } from './running.ts';

async function bless(text: string) {
  const page = read(text);
  return blessPage(page, page.scenarios, FAKE_LAB);
}

/** The block after blessing; it must be readable and pass. */
async function blessed(block: string): Promise<string> {
  const { text, failures } = await bless(pageOf(block));
  expect(failures).toEqual([]);
  expect(rereads('page.md', text)).toEqual([]);
  expect(await runPage(text)).toEqual([]);
  return text.split('```odplab\n')[1]!.replace(/\n```\n$/, '');
}

it('writes {_} where two worlds differ', async () => {
  expect(await blessed('alice> SELECT CONNECTION_ID();\nalice> SELCT 1;')).toBe(`alice> SELECT CONNECTION_ID();
+-----------------+
| CONNECTION_ID() |
+-----------------+
|             {_} |
+-----------------+
1 row in set
alice> SELCT 1;
ERROR 1064 (42000): near 'SELCT 1'`);
});

it('leaves alone what agrees, and keeps names in lines and cells that still do', async () => {
  const block = `alice> SELECT CONNECTION_ID();
…
alice> SHOW LIST;
+-+-+
| Id | texts |
+-+-+
| {id} | b a |
| 8 | y |
+-+-+
3 rows in set

alice> KILL {id};
ERROR {_}`;
  expect(await blessed(block)).toBe(`alice> SELECT CONNECTION_ID();
…
alice> SHOW LIST;
+-+-+
| Id    | text |
+-+-+
| {id}  | a b  |
| 7     | NULL |
| 8     | x    |
+-+-+
3 rows in set

alice> KILL {id};
ERROR {_}`);
});

it('writes the name where one stands for the value in both worlds', async () => {
  const block = `alice> SELECT CONNECTION_ID();
+-+
| CONNECTION_ID() |
+-+
| {id} |
+-+
1 row in set
bob> KILL {id};
alice> SELECT 1;
alice> SELECT 1;`;
  const text = await blessed(block);
  expect(text).toContain('ERROR 2013');
  expect(await blessed(`${block.split('\nbob')[0]}\nbob> SELECT 1;\nalice> SELCT {id};`)).toContain(
    "near 'SELCT {id}'",
  );
  expect(text).toContain('Connection id:    {_}');
});

it('announces what waits and what completes, and takes out what does not', async () => {
  expect(
    await blessed(`alice> SELECT SLEEP(1);
! advance 1s
bob> SELECT SLEEP(9);
<waiting …>
bob> ^C
bob> <… completed>
x
carla> SELECT SLEEP(9);
<waiting …>
! advance 9s
carla> <… completed>
y
bob> SELECT 1;`),
  ).toBe(`alice> SELECT SLEEP(1);
<waiting …>
! advance 1s
alice> <… completed>
+-------+
| SLEEP |
+-------+
| 0     |
+-------+
1 row in set
bob> SELECT SLEEP(9);
<waiting …>
bob> ^C
Ctrl-C -- query killed. Continuing normally.
bob> <… completed>
ERROR 1317 (70100): Query execution was interrupted
carla> SELECT SLEEP(9);
<waiting …>
! advance 9s
carla> <… completed>
+-------+
| SLEEP |
+-------+
| 0     |
+-------+
1 row in set
bob> SELECT 1;
Query OK, 0 rows affected`);
});

it('takes out a completion that does not come', async () => {
  const text = await blessed(
    'alice> SELECT SLEEP(9);\n<waiting …>\n! advance 1s\nalice> <… completed>\nx\nbob> SELECT 1;',
  );
  expect(text).not.toContain('completed');
});

it('writes the lines of a dialect, and no others', async () => {
  expect(await blessed('carla> SELCT;\nfor others\n@mariadb x')).toBe(
    "carla> SELCT;\nfor others\n@mariadb ERROR 1064 (42000): near 'SELCT'",
  );
});

it('a set-up is blessed once', async () => {
  const block = '```odplab\nalice> SELECT 1;\n```\n';
  const { text, answers } = await bless(`${pageOf('bob> SELECT 1;')}## A\n${block}## B\n${block}`);
  expect(answers).toBe(3);
  expect(text.match(/Query OK/g)).toHaveLength(3);
});

it('what a person must look at is told, and the rest is written', async () => {
  const { text, failures } = await bless(pageOf('bob> SELECT 1;\nalice> SELECT SLEEP(9);\nalice> SELECT 1;'));
  expect(text).toContain('bob> SELECT 1;\nQuery OK');
  expect(failures.map(({ failure }) => `${failure.line}: ${failure.title}`)).toEqual([
    '10: the client still waits for its answer above and can be told nothing',
  ]);
});

it('every line keeps its own ending, and a byte order mark stays', async () => {
  const page = `\ufeff${pageOf('alice> SELECT 1;\nalice> SHOW LIST;\n…\nbob> SELECT 1;\nx\ny\nbob> SELECT 2;')}`;
  const windows = page.replaceAll('\n', '\r\n').replace('…\r\n', '…\n');
  const { text } = await bless(windows);
  const written = ['alice> SELECT 1;', 'Query OK, 0 rows affected', 'alice> SHOW LIST;', '…'].join('\r\n');
  expect(text).toBe(
    windows
      .replace('alice> SELECT 1;\r\nalice> SHOW LIST;\r\n…', written)
      .replace('x\r\ny\r\n', 'Query OK, 0 rows affected\r\n')
      .replace('bob> SELECT 2;\r\n', 'bob> SELECT 2;\r\nQuery OK, 0 rows affected\r\n'),
  );
});

it('a last line without an ending gets none', async () => {
  const page = pageOf('alice> SELECT 1;').trimEnd();
  const { text } = await bless(page);
  expect(text).toBe(page.replace('1;\n', '1;\nQuery OK, 0 rows affected\n'));
});

it('an OK in one world and an ERROR in the other: nothing is written, and the literal id is named', async () => {
  // The id of the first session in world 1: there she ends herself.
  const page = pageOf('alice> SELECT 1;\nQuery OK, 0 rows affected\nalice> KILL 56932;\nbob> SELECT 2;');
  const { text, failures } = await bless(page);
  expect(failures.map(({ failure }) => `${failure.line}: ${failure.title}`)).toEqual([
    '10: two worlds give answers of different shape; a literal id stands in line 10; bind it as {id} above; nothing was written',
  ]);
  expect(text).toBe(page.replace('bob> SELECT 2;', 'bob> SELECT 2;\nQuery OK, 0 rows affected'));
});

it('a cell that holds a | is blessed as it is printed', async () => {
  const wide = `! any order\nalice> SHOW BARS;\n+-+-+\n| Id | text |\n+-+-+\n| {id} | wrong |\n+-+-+\n1 row in set`;
  expect(await blessed(wide.replace('! any order\n', ''))).toContain('| {id}  | a | b |');
});

it('nothing to bless: the text as it was', async () => {
  const page = pageOf('alice> SELECT 1;\nQuery OK, 0 rows affected');
  expect(await bless(page)).toEqual({ text: page, answers: 0, failures: [] });
});

it('writes an answer that comes with the last line, in the same run as the waiting before it', async () => {
  expect(await blessed('alice> SELECT SLEEP(1);\n! advance 2s')).toBe(`alice> SELECT SLEEP(1);
<waiting …>
! advance 2s
alice> <… completed>
+-------+
| SLEEP |
+-------+
| 0     |
+-------+
1 row in set`);
});
