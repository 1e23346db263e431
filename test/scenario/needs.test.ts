/** What a page needs of its ground, told from the page alone. */
import { describe, expect, it } from 'vitest';
import { type Ground, missing } from '../../simulator/scenario/needs.ts';
import { read } from './running.ts';

const ODP: Ground = {
  dialect: 'obclient',
  odp: true,
  cluster: 'default',
  items: {},
  tables: true,
  hasUser: () => true,
  longest: Number.POSITIVE_INFINITY,
};
const MARIADB: Ground = { ...ODP, dialect: 'mariadb', odp: false };

interface Words {
  readonly front?: string;
  readonly login?: string;
}

/** Why the page with this one block is skipped. */
function why(block: string, ground: Ground, { front = '', login = 'app@shop#obdemo' }: Words = {}): string | null {
  const head = `---\n${front}clients:\n  alice: ${login}\n  bob: { login: root@proxysys, database: bank }\n---\n`;
  return missing(read(`${head}\`\`\`odplab\n${block}\n\`\`\`\n`).scenarios[0]!, ground);
}

it('a plain page needs nothing anywhere', () => {
  expect(why('alice> SELECT 1;\n! advance 1s\n! close alice', ODP)).toBe(null);
  expect(why('alice> SELECT 1;\nalice> KILL 5;\nalice> KILL QUERY 5;\n! advance 1s', MARIADB)).toBe(null);
});

describe('the simulator', () => {
  it.each([
    ['! crash observer 1', 'needs `! crash`'],
    ['! crash observer 1\n! restart observer 1', 'needs `! crash`, `! restart`'],
    ['! stop observer 1', 'needs `! stop`'],
    ['! leader shop.bank.account observer 1', 'needs `! leader`'],
    ['! fail observer 1 with 1234', 'needs `! fail`'],
    ['! partition proxy observer 1\n! repair proxy observer 1', 'needs `! partition`, `! repair`'],
    ['! hold observer 1 -> proxy', 'needs `! hold observer 1 -> proxy`'],
    ['! hold alice -> proxy', 'needs `! hold alice -> proxy`'],
    ['! advance 1ms', 'needs `! advance 1ms`'],
    ['! needs simulator', 'needs the simulator'],
    ['! needs clock', 'needs a clock that stands still'],
    ['! needs clock\n! needs clock', 'needs a clock that stands still'],
  ])('%j', (block, text) => {
    expect(why(block, ODP)).toBe(text);
  });

  it.each([
    ['cluster: three\n', 'needs `cluster: three`'],
    ['choices: route.login:1:2\n', 'needs `choices`'],
    ['config: { observer.claim_checksum: true }\n', 'needs `config: observer.claim_checksum`'],
    ['config: { kill_sweep_interval: 2s }\n', 'needs `config: kill_sweep_interval=2000`'],
    ['needs: [simulator]\n', 'needs the simulator'],
  ])('%j', (front, text) => {
    expect(why('! advance 1s', ODP, { front })).toBe(text);
  });

  it('a target that is known to be like that will do', () => {
    expect(why('! advance 1s', { ...ODP, cluster: 'three' }, { front: 'cluster: three\n' })).toBe(null);
    const ground: Ground = { ...ODP, items: { kill_sweep_interval: 2000 } };
    expect(why('! advance 1s', ground, { front: 'config: { kill_sweep_interval: 2s }\n' })).toBe(null);
  });

  it('what a client does at its own end needs none: it stops reading, a packet is held before it', () => {
    expect(
      why(
        '! login alice\n! half-close alice\n! stall alice\n! read alice\n! hold proxy -> alice\n! release proxy -> alice',
        ODP,
      ),
    ).toBe(null);
  });
});

describe('before a server of another make', () => {
  it.each([
    ['alice> SHOW PROXYSESSION;', 'needs an ODP'],
    ['alice> kill proxysession 5;', 'needs an ODP'],
    ['alice> KILL /* x */ PROXYSESSION 5;', 'needs an ODP'],
    ['alice> SELECT proxy_version();', 'needs an ODP'],
    ['bob> SELECT 1;', 'needs an ODP'],
    ['! needs odp', 'needs an ODP'],
    ['alice> SET ob_query_timeout = 1;', 'needs OceanBase'],
    ['! needs oceanbase odp', 'needs OceanBase, an ODP'],
  ])('%j', (block, text) => {
    expect(why(block, MARIADB)).toBe(text);
    expect(why(block, ODP)).toBe(null);
  });

  it('a user that is not there', () => {
    const rootOnly: Ground = { ...MARIADB, hasUser: ({ user }) => user.startsWith('root@') };
    expect(why('alice> SELECT 1;', rootOnly)).toBe('needs the user app@shop#obdemo (`--remake`, or `--user`)');
    expect(why('alice> SELECT 1;', rootOnly, { login: 'root@sys#obdemo' })).toBe(null);
  });

  it('a client that takes no part needs nothing', () => {
    expect(why('alice> SELECT 1;', MARIADB)).toBe(null);
  });
});

describe('tables and time', () => {
  const untouched: Ground = { ...ODP, tables: false };

  it.each([
    'bob> SELECT 1;',
    'alice> use bank',
    'alice> SELECT * FROM bank.account;',
    'alice> CREATE TABLE x (a INT);',
  ])('%j needs tables', (block) => {
    expect(why(block, untouched)).toBe('needs its tables as new (`--remake`)');
    expect(why(block, ODP)).toBe(null);
  });

  it('what sleeps longer than is wanted', () => {
    expect(why('! advance 20s\n! advance 11s', { ...ODP, longest: 30_000 })).toBe('needs 31 s of sleep (`--longest`)');
    expect(why('! advance 20s\n! advance 10s', { ...ODP, longest: 30_000 })).toBe(null);
  });
});
