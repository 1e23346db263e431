/** A test for each way to break a scenario page: the line, and what is said. */
import { describe, expect, it } from 'vitest';
import { readPage } from '../../simulator/scenario/page.ts';
import { HEAD, pageOf } from './running.ts';

function mistakesOf(text: string): string[] {
  const result = readPage('page.md', text);
  return result.kind === 'page' ? [] : result.mistakes.map(({ file, line, what }) => `${file}:${line}: ${what}`);
}

/** Front matter in lines 1 to n, then a page that is right. */
function withFront(front: string): string {
  return `---\n${front}\n---\n\`\`\`odplab\n! advance 1s\n\`\`\`\n`;
}

const WAIT = 'alice> SELECT SLEEP(9);\n<waiting …>\n';

describe('front matter', () => {
  it.each([
    [
      'klients: x',
      2,
      '`klients` is no key of front matter; there are `clients`, `cluster`, `config`, `needs`, `tags`, `since`, `covers`, `choices` and `invariants`',
    ],
    ['tags: [a]\ntags: [b]', 3, '`tags` stands twice; the first is in line 2'],
    ['just words', 2, '`just words` is no `key: value` at the start of a line'],
    ['clients: alice', 2, '`clients` takes a map: a line `name: user@tenant#cluster` for each'],
    ['clients:\n  1st: root', 3, '`1st` is no name of a client: a letter, then letters, digits and _'],
    ['clients:\n  proxy: root', 3, 'a client cannot be called `proxy`: the word is used in verbs'],
    ['clients:\n  alice: a\n  Alice: b', 4, 'the client `Alice` is declared twice; case does not count'],
    [
      'clients:\n  alice: { login: a, colour: red }',
      3,
      '`colour` is no key of a client; there are `login`, `password`, `database`, `dialect`, `reconnect`, `tls`, `comes_from` and `read_timeout`',
    ],
    [
      'clients:\n  alice: { login: a, dialect: psql }',
      3,
      '`psql` is no dialect; there are `obclient`, `mariadb` and `mysql`',
    ],
    [
      'clients:\n  alice: { login: a, read_timeout: soon }',
      3,
      '`read_timeout` is a time above 0, like 500ms or 30s, not `soon`',
    ],
    ['clients:\n  alice: { login: a, reconnect: maybe }', 3, '`reconnect` is `true` or `false`, not `maybe`'],
    ['clients:\n  alice: { database: a }', 3, 'the client `alice` has no login; write `alice: user@tenant#cluster`'],
    [
      'clients:\n  alice: { login: a',
      3,
      '`{ login: a` is never closed; a list or map stands on one line and ends with `}`',
    ],
    [
      'clients:\n  alice:\n    login: a',
      4,
      'there are two levels only; write the third on one line: `{ key: value, … }`',
    ],
    ['invariants:', 2, '`invariants` takes `all`, or names of invariants: `[kill-is-final, ids-are-unique]`'],
    ['cluster: nine', 2, 'there is no cluster `nine`; there are `default`, `three`, `spread` and `bare`'],
    ['config:\n  mysql_verzion: 5', 3, 'there is no configuration item `mysql_verzion`; there are '],
    [
      'config:\n  kill_sweep_interval: soon',
      3,
      '`kill_sweep_interval: soon`: a time with its unit, like 500ms or 1s, above 0',
    ],
    ['config: { proxy_id: 999 }', 2, '`proxy_id: 999`: at most 255 with version 1 ids'],
    ['config:\n  mysql_version: x y', 3, '`mysql_version: x y`: digits and dots, like 5.6.25'],
    [
      'config:\n  obproxy_sys_password: zz',
      3,
      '`obproxy_sys_password: zz`: the SHA-1 of the password in 40 hex digits',
    ],
    ['config:\n  client_max_connections: 1s', 3, '`client_max_connections: 1s`: a whole number'],
    ['config:\n  skip_proxy_sys_private_check: perhaps', 3, '`skip_proxy_sys_private_check: perhaps`: true or false'],
    [
      'config: { white_list: 10.0.0.0/8 }',
      2,
      '`white_list: 10.0.0.0/8`: tenant#cluster=NETWORKS, several with ; between ',
    ],
    [
      "config:\n  white_list: 'shop#obdemo=10.0.0.0/33'",
      3,
      '`white_list: shop#obdemo=10.0.0.0/33`: tenant#cluster=NETWORKS, several with ; between ',
    ],
    [
      "config:\n  resource_max_connections: 'shop#obdemo=many'",
      3,
      '`resource_max_connections: shop#obdemo=many`: tenant#cluster=200, several with ; between them',
    ],
    ['config: { proxy_protocol_networks: here }', 2, '`proxy_protocol_networks: here`: addresses and networks, like '],
    [
      "config: { username_separator: ':-' }",
      2,
      '`username_separator: :-`: characters with ; between them, like :;-;. ',
    ],
    ['config: { proxy_tenant_name: a@b }', 2, '`proxy_tenant_name: a@b`: a name, without blanks and without @ # ; = ,'],
    ['config: { inspector_password: zz }', 2, '`inspector_password: zz`: the SHA-1 of the password in 40 hex digits'],
    [
      'clients:\n  alice: { login: a, comes_from: 203.0.113.9 }',
      3,
      '`comes_from` is an IP address and a port, like `203.0.113.9:51234`',
    ],
    ['covers: [odp-sessions 4.3/3, odp-sessions 4.3]', 2, '`odp-sessions 4.3` names no row; write the document, '],
    ['covers:\n  - odp-sessions 4.3/3\n  - 4.3/3', 4, '`4.3/3` names no row; write the document, '],
    ['clients: { a: x, b: { login: y }', 2, '`{ a: x, b: { login: y }` is never closed; a list or map stands on one '],
    ['clients: { a: { login: y } } }', 2, '`{ a: { login: y } } }` is never closed; a list or map stands on one line '],
    ["clients: { a: { login: 'y } }", 2, "`{ a: { login: 'y } }` is never closed; a list or map stands on one line "],
    ['clients: { a: { login: { x: y } } }', 2, '`login` takes one text'],
    ['clients: { a: { login: y, b } }', 2, '`b` is no `key: value` of a one-line map'],
    ['tags: [a, [b]]', 2, '`[b]` stands in a list; a list holds texts, and one that begins so needs quotes'],
    ['config:\n  observer.claim_checksum: 1', 3, '`observer.claim_checksum` is `true` or `false`, not `1`'],
    ['choices: route.login', 2, 'a choice is written site:index:value, not "route.login"'],
    ['tags: { a: b }', 2, '`tags` takes a list: `[one, two]`'],
    ['covers:\n  - a\n  b', 4, '`b` stands in a list; every line of it starts with `- `'],
    ['since: 1\n  more: 2', 3, '`since` has its value on its own line already; nothing may be indented under it'],
  ])('%j', (front, line, what) => {
    const mistakes = mistakesOf(withFront(front));
    expect(
      mistakes.some((it) => it.startsWith(`page.md:${line}: ${what}`)),
      mistakes.join('\n'),
    ).toBe(true);
  });

  it('is never closed: that, and no more', () => {
    expect(mistakesOf(`---\ntags: [a]\n\n# Title\n\`\`\`odplab\nalice> SELECT 1;\n\`\`\`\n`)).toEqual([
      'page.md:1: the front matter is never closed; it needs a second line `---`',
    ]);
  });

  it.each([
    ['  alice: { database: bank }', 'the client `alice` has no login; write `alice: user@tenant#cluster`'],
    ['  alice: { login: { a: b } }', '`login` takes one text'],
    ['  alice: { login: a', '`{ login: a` is never closed; a list or map stands on one line and ends with `}`'],
    ['  alice: [a]', '`alice` takes a login or a map with '],
  ])('%s is told once, and not at every prompt', (client, what) => {
    const list = mistakesOf(`---\nclients:\n${client}\n---\n\`\`\`odplab\nalice> SELECT 1;\n! open alice\n\`\`\`\n`);
    expect(list).toHaveLength(1);
    expect(list[0]).toContain(`page.md:3: ${what}`);
  });

  it('clients that cannot be read at all: told once as well', () => {
    for (const clients of ['alice', '{ alice: { login: a }']) {
      const text = `---\nclients: ${clients}\n---\n\`\`\`odplab\nalice> SELECT 1;\nbob> SELECT 1;\n\`\`\`\n`;
      expect(mistakesOf(text)).toHaveLength(1);
    }
  });
});

describe('a page with invariants', () => {
  const head = '---\nclients: { ada: app@shop#obdemo }\ninvariants: all\n---\n';

  it.each([
    ['ada> SELECT 1;\n1', 7, 'a page with `invariants` says what must hold, and compares no answers: take this away'],
    ['ada> KILL {bob.cs};', 6, '{bob.cs}: `bob` is no client; declared are `ada`'],
  ])('%s', (block, line, what) => {
    expect(mistakesOf(`${head}\`\`\`odplab\n${block}\n\`\`\``)).toEqual([`page.md:${line}: ${what}`]);
  });
});

describe('outcomes', () => {
  const block = '```odplab\n[one] alice> SELECT 1;\n! advance 1s\n[two] bob> SELECT 2;\n```\n';
  const outcomes = (rows: string) => `\`\`\`odplab outcomes\n${rows}\`\`\`\n`;
  const header = '| orders | one | two | first |\n';

  it('are read with their page', () => {
    expect(mistakesOf(`${HEAD}${block}${outcomes('')}`)).toEqual([]);
    expect(mistakesOf(`${HEAD}${block}${outcomes(`${header}| 2 | OK | 1 row | one two |\n`)}`)).toEqual([]);
  });

  it.each([
    [
      'columns',
      `${block}${outcomes('| orders | one | first |\n')}`,
      13,
      'the columns of these outcomes are `orders`, `one`, `two` and `first`; --bless --permute writes them',
    ],
    ['no table', `${block}${outcomes('one: OK\n')}`, 13, 'the columns of these outcomes are '],
    [
      'a cell too few',
      `${block}${outcomes(`${header}| 2 | OK | one two |\n`)}`,
      14,
      'a row has 4 cells, as the one above: `| orders | one | two | first |`',
    ],
    [
      'no number',
      `${block}${outcomes(`${header}| many | OK | OK | one two |\n`)}`,
      14,
      '`many` orders: how many gave this is a whole number',
    ],
    [
      'one row twice',
      `${block}${outcomes(`${header}| 1 | OK | OK | one two |\n| 1 | OK | OK | two one |\n`)}`,
      15,
      'these results stand twice; orders with the same results are one row',
    ],
    [
      'two blocks',
      `${block}${outcomes('')}${outcomes('')}`,
      14,
      'a scenario has one block of outcomes; the other is in line 12',
    ],
    [
      'no label',
      `\`\`\`odplab\nalice> SELECT 1;\n\`\`\`\n${outcomes('')}`,
      10,
      'no step of this scenario has a label, so there are no orders; label those that are to be put in every order: `[name] client> …`',
    ],
    [
      'above the scenarios',
      `${outcomes('')}## One\n${block}`,
      7,
      'these outcomes belong to no scenario; outcomes stand below the block whose steps they are of, under the same heading',
    ],
  ])('%s', (_name, text, line, what) => {
    const list = mistakesOf(`${HEAD}${text}`);
    expect(
      list.some((it) => it.startsWith(`page.md:${line}: ${what}`)),
      list.join('\n'),
    ).toBe(true);
  });
});

describe('the page', () => {
  it.each([
    ['no block', '# Only prose\n', 1, 'this page has no block; a scenario stands between ```odplab and ```'],
    [
      'a fence that is never closed',
      `${HEAD}\`\`\`odplab\nalice> SELECT 1;\n`,
      7,
      'this fence is never closed; it needs a line of ``` alone',
    ],
    [
      'words behind odplab',
      `${HEAD}\`\`\`odplab results\nalice> SELECT 1;\n\`\`\`\n`,
      7,
      '`results` behind `odplab` means nothing; the fence is ```odplab, or ```odplab outcomes',
    ],
    [
      'words behind outcomes',
      `${HEAD}\`\`\`odplab outcomes all\n\`\`\`\n`,
      7,
      '`all` behind `odplab` means nothing; the fence is ```odplab, or ```odplab outcomes',
    ],
    [
      'outcomes alone',
      `${HEAD}\`\`\`odplab outcomes\n\`\`\`\n`,
      1,
      'this page has no block; a scenario stands between ',
    ],
    ['a slip of the pen', '```odlpab\n! advance 1s\n```\n', 1, '`odlpab` behind a fence is not our word; a block is '],
    ['a letter less', '```odpla\n! advance 1s\n```\n', 1, '`odpla` behind a fence is not our word; a block is opened '],
    [
      'large letters',
      '```ODPlab\n! advance 1s\n```\n',
      1,
      '`ODPlab` behind a fence is not our word; a block is opened ',
    ],
    [
      'a word too long',
      '```odplab:x\n! advance 1s\n```\n',
      1,
      '`odplab:x` behind a fence is not our word; a block is ',
    ],
    [
      'an indented fence',
      '* a\n  ```odplab\n  ! advance 1s\n  ```\n',
      2,
      'this fence is indented; a block is opened by ',
    ],
    [
      'a fence of ~',
      '~~~odplab\n! advance 1s\n~~~\n',
      1,
      'a fence of ~ opens no block; a block is opened by ```odplab',
    ],
    [
      'an empty block',
      `${HEAD}\`\`\`odplab\n\n\`\`\`\n`,
      8,
      'this block has no step; write a prompt, such as `alice> SELECT 1;`',
    ],
    [
      'two headings of one name',
      `${HEAD}${'## Twin\n```odplab\n! advance 1s\n```\n'.repeat(2)}`,
      11,
      'two scenarios are called `Twin`; the other is in line 7',
    ],
  ])('%s', (_name, text, line, what) => {
    const list = mistakesOf(text).map((it) => it.replaceAll('`', ''));
    expect(list).toHaveLength(1);
    expect(list[0]?.startsWith(`page.md:${line}: ${what.replaceAll('`', '')}`), list[0]).toBe(true);
  });
});

describe('the steps', () => {
  it.each([
    ['Query OK', 8, '`Query OK` is an answer, but no step stands above it'],
    [
      'dave> SELECT 1;',
      8,
      '`dave` is no client: declared are `alice`, `bob` and `carla`. An answer that looks like a prompt starts with `\\`',
    ],
    ['alice> SELECT 1', 8, 'this statement has no end before the block ends; it needs a `;`, `\\g` or `\\G`'],
    [
      'alice> SELECT 1\nEmpty set',
      9,
      'the statement of line 8 has not ended: it needs a `;`, or this line a `    -> ` in front',
    ],
    [
      'alice> SELECT 1\nbob> SELECT 2;',
      9,
      'the statement of line 8 has not ended: it needs a `;`, or this line a `    -> ` in front',
    ],
    ['alice> \\pong', 8, '`\\pong` is no command of the client; there are \\ping, \\flags, \\prepare, '],
    ['alice> \\prepare', 8, '`\\prepare` needs a statement'],
    ['alice> \\prepare SELECT {a}', 8, '{a} is not bound above; an answer must show it first. '],
    ['alice> \\execute 1, {a}', 8, '{a} is not bound above; an answer must show it first. '],
    ['alice> \\change_user a b c', 8, '`\\change_user` needs a name, and takes a database behind it'],
    ['alice> \\raw 1', 8, '`\\raw` needs the bytes of one payload in hex, two digits each'],
    ['alice> use', 8, '`use` needs the name of a database'],
    ['! leap', 8, '`! leap` is no verb; there are `! advance TIME`, `! open NAME`, '],
    ['!', 8, '`! ` is no verb; there are '],
    ['! advance', 8, 'this is not how the verb is written; write `! advance TIME`'],
    ['! advance soon', 8, '`soon` is no time; write `500ms`, `1s` or `2m`'],
    ['! close dave', 8, '`dave` is no client; declared are `alice`, `bob` and `carla`'],
    ['! hold alice -> bob', 8, 'a link has the proxy on one end, and a client or an observer on the other'],
    ['! hold proxy -> observer 2', 8, 'there is no observer 2; they are numbered 1 to 1'],
    ['! hold proxy -> dave', 8, '`dave` is no end of a link; write a client, `proxy` or `observer N`'],
    ['! hold proxy -> alice\n! hold proxy -> alice', 9, 'proxy -> alice is held already'],
    ['! release proxy -> alice', 8, 'proxy -> alice is not held; above must stand `! hold proxy -> alice`'],
    ['! crash', 8, 'this is not how the verb is written; write `! crash observer N`'],
    ['! crash alice', 8, 'this is not how the verb is written; write `! crash observer N`'],
    ['! crash observer 2', 8, 'there is no observer 2; they are numbered 1 to 1'],
    ['! restart observer 0', 8, 'there is no observer 0; they are numbered 1 to 1'],
    [
      '! crash observer 1\n! crash observer 1',
      9,
      'observer 1 is down already; above must stand `! restart observer 1`',
    ],
    ['! crash observer 1\n! stop observer 1', 9, 'observer 1 is down already; above must stand `! restart observer 1`'],
    ['! restart observer 1', 8, 'observer 1 is not down; above must stand `! crash observer 1`'],
    ['! stop observer 1\n! stop observer 1', 9, 'observer 1 is stopping already'],
    [
      '! stop observer 1\n! advance 4s\n! restart observer 1',
      10,
      'observer 1 is stopping still: it is gone 5 s after `! stop`; above must stand `! advance`',
    ],
    [
      '! stop observer 1\n! advance 5s\n! crash observer 1',
      10,
      'observer 1 is down already; above must stand `! restart observer 1`',
    ],
    [
      '! leader shop.bank.account',
      8,
      'this is not how the verb is written; write `! leader TENANT.DATABASE.TABLE observer N`',
    ],
    ['! fail observer 1', 8, 'this is not how the verb is written; write `! fail observer N [login] with CODE|garbage'],
    ['! fail observer 2 with 8001', 8, 'there is no observer 2; they are numbered 1 to 1'],
    ['! fail observer 1 with 65536', 8, '65536 is no number of an error; they go from 1 to 65535'],
    ['! leader bank.account observer 1', 8, 'this is not how the verb is written; write `! leader '],
    ['! leader shop.bank.account observer 3', 8, 'there is no observer 3; they are numbered 1 to 1'],
    [
      '! leader depot.bank.account observer 1',
      8,
      'there is no tenant `depot` in obdemo, where observer 1 is; there are `sys` and `shop`',
    ],
    [
      '! leader shop.bank.acount observer 1',
      8,
      'tenant shop has no table `bank.acount` from the start; there are `shop.bank.account`',
    ],
    ['! leader sys.test.account observer 1', 8, 'tenant sys has no table `test.account` from the start; it has none'],
    [
      '! crash observer 1\n! leader shop.bank.account observer 1',
      9,
      'observer 1 is down and can lead nothing; above must stand `! restart observer 1`',
    ],
    ['! partition proxy', 8, 'this is not how the verb is written; write `! partition A B`'],
    ['! partition alice bob', 8, 'a link has the proxy on one end, and a client or an observer on the other'],
    ['! partition proxy dave', 8, '`dave` is no end of a link; write a client, `proxy` or `observer N`'],
    ['! partition observer 7 proxy', 8, 'there is no observer 7; they are numbered 1 to 1'],
    [
      '! partition observer 1 observer 1',
      8,
      'observers do not talk to each other over the network here; part one from `proxy`, or `! crash` it',
    ],
    ['! partition proxy alice\n! partition alice proxy', 9, 'alice and proxy are parted already'],
    ['! repair proxy observer 1', 8, 'observer 1 and proxy are not parted; above must stand `! partition` of the two'],
    ['! close alice', 8, 'alice is not connected here: no line above connects it'],
    ['! reset alice', 8, 'alice is not connected here: no line above connects it'],
    ['! open alice\nx\n! close alice\n! close alice', 11, 'alice is not connected here: it was closed in line 10, or'],
    ['! login alice\n! close alice\n! reset alice', 10, 'alice is not connected here: it was closed in line 9, or '],
    ['alice> SELECT 1;\nalice> quit\nBye\n! close alice', 11, 'alice is not connected here: '],
    ['! jump alice', 8, 'this is not how the verb is written; write `! jump NAME TIME`'],
    ['! jump dave 1s', 8, '`dave` is no client; declared are '],
    ['! jump alice 5s', 8, 'alice measures no time; give it a `read_timeout` in the front matter'],
    ['! half-close alice', 8, 'alice is not connected here: it has no side to end'],
    ['! login alice\n! close alice\n! half-close alice', 10, 'alice is not connected here: it has no side to end'],
    ['! read alice', 8, 'alice reads; above must stand `! stall alice`'],
    ['! stall alice\n! read alice\n! read alice', 10, 'alice reads; above must stand `! stall alice`'],
    ['! stall alice\n! stall alice', 9, 'alice has stopped reading already, in line 8'],
    ['! any order', 8, '`! any order` stands before a statement; none follows'],
    ['! any order\n! advance 1s', 9, '`! any order` stands before a statement, not before a verb'],
    [
      '! any order\nalice> SELECT 1\\G',
      9,
      '`! any order` compares the rows of a box; the form of `\\G` has none. End it with `;`',
    ],
    ['[a] alice> SELECT 1;\n[a] alice> SELECT 2;', 9, 'the label [a] stands twice; the first is in line 8'],
    ['alice> SELECT 1;\n@psql OK', 9, '`@psql` is no dialect; there are `@obclient`, `@mariadb` and `@mysql`'],
    [
      `${WAIT}alice> SELECT 1;`,
      10,
      'alice still waits for the answer of line 8; above this line stands `alice> <… completed>`, or `! close alice`',
    ],
    [
      `${WAIT}! login alice`,
      10,
      'alice still waits for the answer of line 8; above this line stands `alice> <… completed>`, or `! close alice`',
    ],
    ['alice> ^C', 8, '`^C` while alice waits for nothing; it needs a `<waiting …>` above'],
    ['alice> <… completed>', 8, 'alice waits for nothing here; above must stand a `<waiting …>` of alice'],
    [
      `bob> SELECT SLEEP(1);\n<waiting …>\n${WAIT}! advance 9s\nbob> <… completed>\n…\nalice> <… completed>\n…`,
      15,
      'completions stand in the order in which clients are declared: alice before bob',
    ],
    [
      'alice> SELECT 1;\n<waiting …>\nEmpty set',
      9,
      '`<waiting …>` is a whole answer; what comes later stands below `<… completed>`',
    ],
    ['! advance 1s\n<waiting …>', 9, 'only a statement, `! open` and `! login` can wait'],
    ['alice> KILL {alice.cs};', 8, '{alice.cs} is for pages with `invariants`; here an answer must show the id first'],
    ['alice> KILL {id};', 8, '{id} is not bound above; an answer must show it first. A brace alone is written `\\{`'],
    ['alice> KILL {_};', 8, 'a statement takes names that are bound above; `{_}` and `{new != old}` stand in answers'],
    ['alice> SELECT 1;\nid {a as int64}', 9, '{a} is not bound above; an answer must show it first'],
    ['alice> SELECT 1;\nid {a != b}', 9, '{b} is not bound above; an answer must show it first'],
    ['alice> SELECT 1;\nid {a}{b}', 9, 'two names with nothing between them: nobody knows where the first ends'],
  ])('%j', (block, line, what) => {
    const [first] = mistakesOf(pageOf(block));
    expect(first?.startsWith(`page.md:${line}: ${what}`), first).toBe(true);
  });

  it('a leader without a unit', () => {
    const page = '---\ncluster: spread\n---\n```odplab\n! leader shop.bank.account observer 4\n```\n';
    expect(mistakesOf(page)[0]).toBe('page.md:5: tenant shop is not on observer 4: that one can lead nothing of it');
  });

  it('all of them at once, by line', () => {
    const lines = mistakesOf(pageOf('dave> SELECT 1;\n! jump\nalice> KILL {id};')).map((it) => it.split(':')[1]);
    expect(lines).toEqual(['8', '9', '10']);
  });

  it('a mistake in a set-up is told once', () => {
    const text = `${pageOf('alice> KILL {id};')}\n## A\n\`\`\`odplab\n! advance 1s\n\`\`\`\n## B\n\`\`\`odplab\n! advance 1s\n\`\`\`\n`;
    expect(mistakesOf(text)).toHaveLength(1);
  });
});

describe('what is no mistake', () => {
  it.each([
    ['an escaped prompt', 'alice> SELECT 1;\n\\dave> x\n\\! jump\n\\@psql'],
    ['braces that are no names', 'alice> SELECT \'{"a": 1}\';\n{"a": 1}\n\\{id}'],
    ['a bare prompt', 'alice> SELECT 1;\nEmpty set\nalice>'],
    [
      'an observer that comes and goes',
      '! crash observer 1\n! restart observer 1\n! stop observer 1\n! advance 5s\n! restart observer 1',
    ],
    [
      'a partition, twice',
      '! partition alice proxy\n! repair proxy alice\n! partition proxy alice\n! hold proxy -> alice',
    ],
    ['pasted prompts', 'ALICE(root@sys)[(none)]> SELECT 1;\nalice [test]> SELECT 1;\nalice[x]> SELECT 2;'],
  ])('%s', (_name, block) => {
    expect(mistakesOf(pageOf(block))).toEqual([]);
  });

  it('a page that quotes a page', () => {
    const text = `${pageOf('! advance 1s')}\n\`\`\`\`markdown\n\`\`\`odplab\nnobody> x\n\`\`\`\n\`\`\`\`\n~~~\n\`\`\`odplab\n~~~\n`;
    expect(mistakesOf(text)).toEqual([]);
  });
});
