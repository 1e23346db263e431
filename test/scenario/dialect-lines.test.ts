/** Lines of a dialect, `@mariadb …`: whose answer they are, what is checked in them, and what blessing does to them. */
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../simulator/client/dialects.ts';
import { blessPage } from '../../simulator/scenario/bless.ts';
import type { Deploy } from '../../simulator/scenario/lab.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import { runInLab } from '../../simulator/scenario/suite.ts';
import { deployFake, FAKE_LAB } from './fake-deployment.ts';
import { pageOf, read } from './running.ts';

/** The fake server, said to be of this make. */
function serverOf(dialect: DialectName): Deploy {
  return async (arm, front, sha1) => ({
    ...(await deployFake(arm, front, sha1)),
    foreign: { dialect, account: (client) => client },
  });
}

async function failures(block: string, dialect: DialectName): Promise<string[]> {
  const lab = { ...FAKE_LAB, deploy: serverOf(dialect), world: 1 as const };
  const [scenario] = read(pageOf(block)).scenarios;
  return (await runInLab(scenario!, lab, false, null)).failures.map(({ line, title }) => `${line}: ${title}`);
}

const STEP = `alice> SELCT;
ERROR 1 (X): what ODP says
@mariadb ERROR 1064 (42000): near 'SELCT'`;

describe('running', () => {
  it('before MariaDB they hold for every client', async () => {
    expect(await failures(STEP, 'mariadb')).toEqual([]);
    expect(await failures(STEP.replace('alice', 'carla'), 'mariadb')).toEqual([]);
  });

  it('before ODP they hold for a client of that dialect alone', async () => {
    expect(await failures(STEP, 'obclient')).toEqual(['8: the answer is another']);
    expect(await failures(STEP.replace('alice', 'carla'), 'obclient')).toEqual([]);
  });

  it('before MySQL those of MariaDB do not', async () => {
    expect(await failures(STEP, 'mysql')).toEqual(['8: the answer is another']);
    expect(await failures(STEP.replace('@mariadb', '@mysql'), 'mysql')).toEqual([]);
  });

  it('they are the whole answer: a line without a dialect is not added', async () => {
    expect(await failures(`${STEP}\n@mariadb and more`, 'mariadb')).toEqual(['8: the answer is another']);
  });

  it('one alone with nothing behind it: nothing is printed', async () => {
    expect(await failures('alice> \\raw 01\nwhat ODP says\n@mariadb', 'mariadb')).toEqual([]);
  });

  it('<waiting …> of a dialect', async () => {
    const block = `alice> SELECT SLEEP(1);
@mariadb <waiting …>
! advance 1s
alice> <… completed>
@mariadb …`;
    const page = readPage('page.md', pageOf(`${block}`));
    // Before ODP nothing waits: the page is wrong there.
    expect(page.kind).toBe('mistakes');
  });

  it('names are bound by the lines that hold', async () => {
    const block = `alice> SELECT CONNECTION_ID();
nothing of the kind {id}
@mariadb +---+
@mariadb | CONNECTION_ID() |
@mariadb +---+
@mariadb | {id} |
@mariadb +---+
@mariadb 1 row in set
bob> KILL {id};
Query OK, 0 rows affected`;
    expect(await failures(block, 'mariadb')).toEqual([]);
  });
});

describe('reading', () => {
  function mistakes(block: string): string[] {
    const result = readPage('page.md', pageOf(block));
    return result.kind === 'page' ? [] : result.mistakes.map(({ line, what }) => `${line}: ${what}`);
  }

  it('a name that a dialect leaves unbound', () => {
    expect(mistakes('alice> SELECT 1;\n{id}\n@mariadb other\nbob> KILL {id};\n{_}')).toEqual([
      '11: {id} is not bound above; an answer must show it first. A brace alone is written `\\{`',
    ]);
  });

  it('one who waits in one dialect alone', () => {
    expect(mistakes('alice> SELECT 1;\nOK\n@mariadb <waiting …>\nalice> SELECT 2;\n{_}')).toEqual([
      '11: alice still waits for the answer of line 8; above this line stands `alice> <… completed>`, or `! close alice`',
    ]);
  });

  it('what a page can need', () => {
    const there = 'there are `clock`, `simulator`, `memory`, `odp` and `oceanbase`';
    expect(mistakes('! needs luck')).toEqual([`8: \`luck\` is nothing that a page can need; ${there}`]);
    expect(mistakes('! needs')).toEqual([
      '8: this is not how the verb is written; write `! needs clock|simulator|memory|odp|oceanbase`',
    ]);
    const page = readPage('page.md', '---\nneeds: [odp, luck]\nclients: { a: x }\n---\n```odplab\na> SELECT 1;\n```\n');
    expect(page).toMatchObject({ kind: 'mistakes', mistakes: [{ line: 2, what: expect.stringContaining(there) }] });
  });
});

describe('blessing', () => {
  async function blessed(block: string): Promise<string> {
    const page = read(pageOf(block));
    const { text } = await blessPage(page, page.scenarios, FAKE_LAB);
    return text.slice(pageOf('').indexOf('```odplab\n') + 10, -5);
  }

  it('writes the answer of its own, and keeps theirs', async () => {
    expect(await blessed('alice> SELCT;\nold\n@mariadb ERROR 1927 (70100): Connection was killed')).toBe(
      "alice> SELCT;\nERROR 1064 (42000): near 'SELCT'\n@mariadb ERROR 1927 (70100): Connection was killed",
    );
  });

  it('… also where the number of lines changes, and where they stand in between', async () => {
    expect(await blessed('alice> SELECT 1;\nold\n@mariadb x\nolder\n@mariadb y')).toBe(
      'alice> SELECT 1;\nQuery OK, 0 rows affected\n@mariadb x\n@mariadb y',
    );
    expect(await blessed('alice> SELECT 1;\n@mariadb x')).toBe(
      'alice> SELECT 1;\nQuery OK, 0 rows affected\n@mariadb x',
    );
  });
});
