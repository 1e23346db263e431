/** What a page says once it is read: scenarios, clients, front matter. */
import { describe, expect, it } from 'vitest';
import { answerFor } from '../../simulator/scenario/scenario.ts';
import { HEAD, pageOf, read } from './running.ts';

it('a page without headings is one scenario, called by its title', () => {
  const page = read(
    `${HEAD}# Title\n\n## Prose only\n${'```odplab\n! advance 1s\n```\n'}`.replace('## Prose only\n', ''),
  );
  expect(page.scenarios.map(({ name, line, steps }) => [name, line, steps.length])).toEqual([['Title', 10, 1]]);
});

it('each ## heading with a block is one; what stands before is set-up; blocks of one heading belong together', () => {
  const block = (ms: number) => `\`\`\`odplab\n! advance ${ms}ms\n\`\`\`\n`;
  const page = read(
    `${HEAD}# T\n${block(1)}${block(2)}## Prose\nNothing.\n## One\n${block(3)}### Deeper\n${block(4)}## Two ##\n${block(5)}`,
  );
  const times = page.scenarios.map(({ name, steps }) => [
    name,
    steps.map(({ action }) => (action.kind === 'advance' ? action.milliseconds : null)),
  ]);
  expect(times).toEqual([
    ['One', [1, 2, 3, 4]],
    ['Two', [1, 2, 5]],
  ]);
});

it('front matter', () => {
  const front = `---
# a comment
clients:
  Admin: root@sys#obdemo        # the # of the login stays
  alice: { login: "app@shop#obdemo", database: bank, password: 's, x', dialect: mariadb, reconnect: false, tls: true, comes_from: 203.0.113.9:51234, read_timeout: 1.5s }
cluster: three
config: { kill_sweep_interval: 500ms, mysql_version: 5.7.1, observer.claim_checksum: true }
tags: [a, b]
since: 4.3.0
covers:
  - odp-sessions 4.3/3
  - "odp-sessions 5/1"
choices: route.login:0:1 net.next:3:2
---
`;
  const page = read(`${front}\`\`\`odplab\n! advance 1s\n\`\`\``);
  expect(page.front).toEqual({
    clients: [
      {
        name: 'admin',
        user: 'root@sys#obdemo',
        password: '',
        database: null,
        dialect: 'obclient',
        reconnect: true,
        tls: false,
        comesFrom: null,
        readTimeout: null,
      },
      {
        name: 'alice',
        user: 'app@shop#obdemo',
        password: 's, x',
        database: 'bank',
        dialect: 'mariadb',
        reconnect: false,
        tls: true,
        comesFrom: { host: '203.0.113.9', port: 51234 },
        readTimeout: 1500,
      },
    ],
    cluster: 'three',
    items: { kill_sweep_interval: 500, mysql_version: '5.7.1' },
    observer: { claim_checksum: true },
    needs: [],
    tags: ['a', 'b'],
    since: '4.3.0',
    covers: ['odp-sessions 4.3/3', 'odp-sessions 5/1'],
    choices: [
      { site: 'route.login', index: 0, value: 1 },
      { site: 'net.next', index: 3, value: 2 },
    ],
    invariants: [],
  });
});

it('one-line maps may hold one-line maps', () => {
  const front = '---\nclients: { alice: app@shop#obdemo, maria: { login: "a,b}", dialect: mariadb }, bob: x }\n---\n';
  const page = read(`${front}\`\`\`odplab\nmaria> SELECT 1;\n\`\`\``);
  expect(page.front.clients.map(({ name, user, dialect }) => [name, user, dialect])).toEqual([
    ['alice', 'app@shop#obdemo', 'obclient'],
    ['maria', 'a,b}', 'mariadb'],
    ['bob', 'x', 'obclient'],
  ]);
});

it('an apostrophe in the middle of a word is itself', () => {
  const page = read(
    `---\nclients: { alice: { login: a, password: it's } }\n---\n\`\`\`odplab\nalice> SELECT 1;\n\`\`\``,
  );
  expect(page.front.clients[0]!.password).toBe("it's");
});

it('a byte order mark in front is passed over', () => {
  expect(read(`\ufeff${pageOf('alice> SELECT 1;')}`).scenarios).toHaveLength(1);
  expect(read('\ufeff```odplab\n! advance 1s\n```').scenarios).toHaveLength(1);
});

it('choices may be a list', () => {
  expect(read(`---\nchoices: [a:0:1, b:1:2]\n---\n\`\`\`odplab\n! advance 1s\n\`\`\``).front.choices).toHaveLength(2);
});

it('a statement of several lines is one, and lines of a dialect are its whole answer', () => {
  const [step] = read(pageOf("alice> SELECT 'a\n    '> b'\n    -> , 1;\nx\n@mariadb y")).scenarios[0]!.steps;
  expect(step).toMatchObject({ line: 8, inputEnd: 10, action: { command: { sql: ["SELECT 'a\nb'\n, 1"] } } });
  expect(answerFor(step!, 'obclient').map(({ text }) => text)).toEqual(['x']);
  expect(answerFor(step!, 'mariadb')).toEqual([{ line: 12, text: 'y' }]);
});

describe('a page with invariants', () => {
  const front = '---\nclients: { ada: app@shop#obdemo }\ninvariants: [kill-is-final, ids-are-unique]\n---\n';

  it('says which', () => {
    expect(read(`${front}\`\`\`odplab\nada> SELECT 1;\n\`\`\``).front.invariants).toEqual([
      'kill-is-final',
      'ids-are-unique',
    ]);
  });

  it('knows the ids of its clients without asking', () => {
    const page = read(`${front}\`\`\`odplab\nada> KILL PROXYSESSION {ada.cs} {ada.ss};\n\`\`\``);
    expect(page.scenarios[0]!.steps).toHaveLength(1);
  });
});
