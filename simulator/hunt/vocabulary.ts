/**
 * What clients of a hunt say, and what else may happen: a table, a row for each kind of step, the plainest first.
 *
 * A row turns small whole numbers into actions of a page; all zeros are its plainest form. Every statement carries a number
 * of its own, so that answers can be told apart and rows be found again (`statements.ts` reads them back).
 */
import { COM } from '../../proxy/wire/constants.ts';
import { readTemplate } from '../scenario/names.ts';
import type { Action } from '../scenario/scenario.ts';
import type { TypedCommand } from '../scenario/typed.ts';
import type { TopologyName } from '../world/topology.ts';
import type { Cast } from './cast.ts';

/** What a step is made of, beside its kind: all below the bounds that its row says. */
export interface Draw {
  readonly cast: Cast;
  readonly topology: TopologyName;
  /** The client that acts, or to whom it is done; an index of the cast's applications. */
  readonly who: number;
  readonly a: number;
  readonly b: number;
  /** The statement's own number. */
  readonly mark: number;
}

export interface Word {
  readonly name: string;
  /** How often it is said, beside the others. */
  readonly weight: number;
  /** How many cases `a` and `b` have. */
  readonly cases: readonly [a: number, b: number];
  /** Several: one after the other, with no time between them. Null: it makes no sense as things stand. */
  say(draw: Draw): Action | readonly Action[] | null;
}

export const ACCOUNTS = 4;
const TABLES: Readonly<Record<TopologyName, readonly string[]>> = {
  default: ['account'],
  three: ['account'],
  spread: ['account', 'branch', 'ledger'],
  bare: ['account', 'branch', 'ledger'],
};
/** Made rows have keys from here on. */
export const FIRST_MADE = 1000;
/** A statement's second row is so far behind its first: more than there are marks. */
const SECOND_ROWS = 500;

function ask({ cast, who }: Draw, sql: string): Action {
  return says(cast.applications[who]!.name, sql);
}

function told({ cast, who }: Draw, command: TypedCommand): Action {
  return { kind: 'input', client: cast.applications[who]!.name, command };
}

/** In the binary protocol; with one value to come. */
function prepares(draw: Draw): Action {
  const probe = `SELECT ${marked(draw)}, @a, ?, COUNT(*) FROM bank.${tableOf(draw)}`;
  const pay = `UPDATE bank.account SET balance = balance + ? WHERE id = ${1 + draw.a}`;
  return told(draw, { kind: 'prepare', sql: [[probe, pay][draw.b]!] });
}

function executes(draw: Draw): Action {
  return told(draw, { kind: 'execute', values: [[String(draw.mark)]] });
}

function says(client: string, sql: string): Action {
  return { kind: 'input', client, command: { kind: 'statement', sql: readTemplate(sql), form: 'table' } };
}

function tableOf({ topology, a }: Draw): string {
  const tables = TABLES[topology];
  return tables[a % tables.length]!;
}

function marked({ mark }: Draw): string {
  return `'m${mark}'`;
}

function victim({ cast, who }: Draw): string {
  return cast.applications[who]!.name;
}

/** Who kills sessions: the administrator; now and then the victim itself, or somebody with SUPER in the tenant, who may not. */
function killer({ cast, who, b }: Draw): string {
  const { administrator, supervisor, applications } = cast;
  return [administrator, administrator, administrator, administrator, applications[who]!, supervisor][b]!.name;
}

/** Who stops statements: somebody with SUPER in the tenant, or another of the applications, which has the same user. */
function colleague({ cast, who, b }: Draw): string {
  const { supervisor, applications } = cast;
  return [supervisor, supervisor, applications[(who + 1) % applications.length]!][b]!.name;
}

/** Whom an application has no business with: somebody of another tenant or with more rights; or itself, by each of its ids. */
function stranger({ cast, who, a }: Draw): string {
  const { administrator, supervisor, applications } = cast;
  const own = applications[who]!.name;
  return [`${own}.cs`, `${own}.id`, `${administrator.name}.cs`, `${supervisor.name}.cs`, `${supervisor.name}.id`][a]!;
}

const VALUES: Readonly<Record<string, (draw: Draw) => string>> = {
  account: ({ mark }) => `(${FIRST_MADE + mark}, 'm${mark}', 0)`,
  branch: ({ mark }) => `(${FIRST_MADE + mark}, 'm${mark}')`,
  ledger: ({ mark }) => `(${FIRST_MADE + mark}, 1, 0)`,
};

/** Two who pay from one hot account to another, and back, in opposite order: whoever comes second to both rows waits for ever. */
function crossPayments({ cast, who, a, b, mark }: Draw): readonly Action[] {
  const { applications, supervisor } = cast;
  const one = applications[who]!;
  const next = applications[(who + 1) % applications.length]!;
  const other = b === 1 || next === one ? supervisor : next;
  const pair = [one.name, other.name];
  const pays = (client: string, sign: string, id: number): Action =>
    says(client, `UPDATE bank.account SET balance = balance ${sign} ${mark} WHERE id = ${id}`);
  const ends = a === 0 ? pair.map((client) => says(client, 'COMMIT')) : [];
  return [
    ...pair.map((client) => says(client, 'BEGIN')),
    pays(one.name, '-', 1),
    pays(other.name, '-', 2),
    pays(one.name, '+', 2),
    pays(other.name, '+', 1),
    ...ends,
  ];
}

/** Two who want one row; who waits for it is stopped. */
function stoppedWaiter({ cast, who, a, mark }: Draw): readonly Action[] | null {
  const { applications, supervisor } = cast;
  const [holder, waiter] = [applications[who]!.name, applications[(who + 1) % applications.length]!.name];
  if (holder === waiter) return null;
  const pays = (client: string, sign: string): Action =>
    says(client, `UPDATE bank.account SET balance = balance ${sign} ${mark} WHERE id = ${1 + a}`);
  return [
    says(holder, 'BEGIN'),
    pays(holder, '-'),
    pays(waiter, '+'),
    says(supervisor.name, `KILL QUERY {${waiter}.cs}`),
  ];
}

export const WORDS: readonly Word[] = [
  {
    name: 'read',
    weight: 12,
    cases: [3, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)}, COUNT(*) FROM bank.${tableOf(draw)}`),
  },
  { name: 'begin', weight: 10, cases: [1, 1], say: (draw) => ask(draw, 'BEGIN') },
  {
    name: 'pay',
    weight: 12,
    cases: [ACCOUNTS, 2],
    say: (draw) =>
      ask(
        draw,
        `UPDATE bank.account SET balance = balance ${draw.b === 0 ? '-' : '+'} ${draw.mark} WHERE id = ${1 + draw.a}`,
      ),
  },
  {
    name: 'insert',
    weight: 9,
    cases: [3, 1],
    say: (draw) => ask(draw, `INSERT INTO bank.${tableOf(draw)} VALUES ${VALUES[tableOf(draw)]!(draw)}`),
  },
  { name: 'commit', weight: 10, cases: [1, 1], say: (draw) => ask(draw, 'COMMIT') },
  { name: 'rollback', weight: 2, cases: [1, 1], say: (draw) => ask(draw, 'ROLLBACK') },
  {
    name: 'set user variable',
    weight: 4,
    cases: [2, 1],
    say: (draw) => ask(draw, `SET @${'ab'[draw.a]} = ${draw.mark}`),
  },
  {
    name: 'set variable',
    weight: 3,
    cases: [1, 1],
    say: (draw) => ask(draw, `SET group_concat_max_len = ${FIRST_MADE + draw.mark}`),
  },
  {
    name: 'use',
    weight: 2,
    cases: [2, 1],
    say: ({ cast, who, a }) => ({
      kind: 'input',
      client: cast.applications[who]!.name,
      command: { kind: 'use', database: [['bank', 'test'][a]!] },
    }),
  },
  {
    name: 'probe',
    weight: 10,
    cases: [3, 1],
    say: (draw) =>
      ask(
        draw,
        `SELECT ${marked(draw)}, @a, @b, DATABASE(), @@group_concat_max_len, COUNT(*) FROM bank.${tableOf(draw)}`,
      ),
  },
  { name: 'sleep', weight: 3, cases: [3, 1], say: (draw) => ask(draw, `SELECT ${marked(draw)}, SLEEP(${1 + draw.a})`) },
  {
    name: 'lock',
    weight: 2,
    cases: [ACCOUNTS, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)} FROM bank.account WHERE id = ${1 + draw.a} FOR UPDATE`),
  },
  {
    name: 'many rows',
    weight: 2,
    cases: [3, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)}, REPEAT('x', ${[100, 5000, 70_000][draw.a]})`),
  },
  { name: 'two at once', weight: 2, cases: [1, 1], say: (draw) => ask(draw, `SELECT ${marked(draw)}; SELECT @a`) },
  {
    name: 'error',
    weight: 2,
    cases: [1, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)} FROM bank.nowhere`),
  },
  {
    name: 'prepare',
    weight: 2,
    cases: [3, 1],
    say: (draw) => ask(draw, `PREPARE p FROM 'SELECT ''m${draw.mark}'', @a, COUNT(*) FROM bank.${tableOf(draw)}'`),
  },
  { name: 'execute', weight: 3, cases: [1, 1], say: (draw) => ask(draw, 'EXECUTE p') },
  {
    name: 'ping',
    weight: 1,
    cases: [1, 1],
    say: ({ cast, who }) => ({ kind: 'input', client: cast.applications[who]!.name, command: { kind: 'ping' } }),
  },
  {
    name: 'reset connection',
    weight: 1,
    cases: [1, 1],
    say: ({ cast, who }) => ({
      kind: 'input',
      client: cast.applications[who]!.name,
      command: { kind: 'raw', payload: Buffer.of(COM.RESET_CONNECTION) },
    }),
  },
  {
    name: 'connect',
    weight: 1,
    cases: [1, 1],
    say: ({ cast, who }) => ({ kind: 'input', client: cast.applications[who]!.name, command: { kind: 'connect' } }),
  },
  {
    name: 'quit',
    weight: 1,
    cases: [1, 1],
    say: ({ cast, who }) => ({ kind: 'input', client: cast.applications[who]!.name, command: { kind: 'quit' } }),
  },
  // Kills.
  {
    name: 'kill session',
    weight: 4,
    cases: [2, 6],
    say: (draw) => says(killer(draw), `KILL PROXYSESSION {${victim(draw)}.${['cs', 'id'][draw.a]}}`),
  },
  {
    name: 'kill server session',
    weight: 3,
    cases: [1, 6],
    say: (draw) => says(killer(draw), `KILL PROXYSESSION {${victim(draw)}.cs} {${victim(draw)}.ss}`),
  },
  {
    name: 'kill query',
    weight: 2,
    cases: [1, 3],
    say: (draw) => says(colleague(draw), `KILL QUERY {${victim(draw)}.cs}`),
  },
  {
    name: 'kill',
    weight: 3,
    cases: [1, 4],
    say: (draw) => says(draw.b === 3 ? victim(draw) : colleague(draw), `KILL {${victim(draw)}.cs}`),
  },
  {
    name: 'show sessions',
    weight: 2,
    cases: [1, 1],
    say: ({ cast }) => says(cast.administrator.name, 'SHOW PROXYSESSION'),
  },
  {
    name: 'show attribute',
    weight: 2,
    cases: [1, 1],
    say: (draw) => says(draw.cast.administrator.name, `SHOW PROXYSESSION ATTRIBUTE {${victim(draw)}.cs}`),
  },
  // Faults.
  { name: 'close', weight: 1, cases: [1, 1], say: (draw) => ({ kind: 'close', client: victim(draw) }) },
  { name: 'reset', weight: 1, cases: [1, 1], say: (draw) => ({ kind: 'reset', client: victim(draw) }) },
  { name: 'stall', weight: 1, cases: [1, 1], say: (draw) => ({ kind: 'stall', client: victim(draw) }) },
  { name: 'read on', weight: 2, cases: [1, 1], say: (draw) => ({ kind: 'read', client: victim(draw) }) },
  {
    name: 'crash',
    weight: 1,
    cases: [3, 1],
    say: ({ a }) => ({ kind: 'crash', observer: 1 + a }),
  },
  { name: 'restart', weight: 2, cases: [3, 1], say: ({ a }) => ({ kind: 'restart', observer: 1 + a }) },
  {
    name: 'leader',
    weight: 2,
    cases: [3, 3],
    say: (draw) => ({
      kind: 'leader',
      table: { tenant: 'shop', database: 'bank', table: tableOf(draw) },
      observer: 1 + draw.b,
    }),
  },
  {
    name: 'partition',
    weight: 1,
    cases: [3, 1],
    say: ({ a }) => ({ kind: 'partition', from: { kind: 'proxy' }, to: { kind: 'observer', number: 1 + a } }),
  },
  {
    name: 'repair',
    weight: 2,
    cases: [3, 1],
    say: ({ a }) => ({ kind: 'repair', from: { kind: 'proxy' }, to: { kind: 'observer', number: 1 + a } }),
  },
  {
    name: 'sever',
    weight: 1,
    cases: [3, 1],
    say: ({ a }) => ({ kind: 'sever', from: { kind: 'proxy' }, to: { kind: 'observer', number: 1 + a } }),
  },
  {
    name: 'break',
    weight: 1,
    cases: [1, 1],
    say: (draw) => ({ kind: 'sever', from: { kind: 'client', name: victim(draw) }, to: { kind: 'proxy' } }),
  },
  {
    // The larger one does not fit what a system, the proxy and one read of it take off an observer (`memory-is-bounded`).
    name: 'large result',
    weight: 1,
    cases: [2, 1],
    say: (draw) => {
      const large = ask(draw, `SELECT ${marked(draw)}, REPEAT('y', ${[80_000, 200_000][draw.a]})`);
      return draw.a === 0 ? large : [{ kind: 'stall', client: victim(draw) }, large];
    },
  },
  { name: 'restart proxy', weight: 1, cases: [1, 1], say: () => ({ kind: 'restart proxy' }) },
  // What the words above leave out.
  {
    name: 'assign',
    weight: 2,
    cases: [2, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)}, @${'ab'[draw.a]} := ${draw.mark}`),
  },
  {
    name: 'long statement',
    weight: 1,
    cases: [2, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)}, LENGTH('${'y'.repeat([5000, 20_000][draw.a]!)}')`),
  },
  {
    name: 'kill awry',
    weight: 2,
    cases: [5, 3],
    say: (draw) => says(victim(draw), `KILL ${['', 'QUERY ', 'PROXYSESSION '][draw.b]}{${stranger(draw)}}`),
  },
  {
    name: 'show own',
    weight: 1,
    cases: [2, 1],
    say: (draw) => ask(draw, ['SHOW PROXYSESSION', 'SHOW PROCESSLIST'][draw.a]!),
  },
  {
    name: 'show processlist',
    weight: 1,
    cases: [1, 1],
    say: ({ cast }) => says(cast.administrator.name, 'SHOW PROCESSLIST'),
  },
  { name: 'half-close', weight: 1, cases: [1, 1], say: (draw) => ({ kind: 'half-close', client: victim(draw) }) },
  {
    name: 'clock jump',
    weight: 1,
    cases: [2, 1],
    say: (draw) => ({ kind: 'jump', client: victim(draw), milliseconds: [3_600_000, 1000][draw.a]! }),
  },
  {
    name: 'kill by sys',
    weight: 2,
    cases: [2, 2],
    say: (draw) =>
      says(draw.cast.administrator.name, `KILL ${['QUERY ', ''][draw.b]}{${victim(draw)}.${['cs', 'id'][draw.a]}}`),
  },
  { name: 'cross payments', weight: 1, cases: [2, 2], say: crossPayments },
  // The binary protocol.
  {
    name: 'binary prepare',
    weight: 2,
    cases: [3, 2],
    say: (draw) => [prepares(draw), executes(draw)],
  },
  { name: 'binary execute', weight: 3, cases: [1, 1], say: executes },
  { name: 'close statement', weight: 1, cases: [1, 1], say: (draw) => told(draw, { kind: 'close statement' }) },
  {
    name: 'change user',
    weight: 1,
    cases: [2, 2],
    say: (draw) =>
      told(draw, { kind: 'change user', user: [['app', 'boss'][draw.a]!], database: [['bank', 'test'][draw.b]!] }),
  },
  // What else a session keeps, and what else a transaction can do.
  { name: 'autocommit', weight: 2, cases: [2, 1], say: (draw) => ask(draw, `SET autocommit = ${[1, 0][draw.a]}`) },
  {
    name: 'last insert id',
    weight: 1,
    cases: [1, 1],
    say: (draw) => ask(draw, `SELECT ${marked(draw)}, LAST_INSERT_ID(${draw.mark})`),
  },
  {
    name: 'other probe',
    weight: 4,
    cases: [3, 1],
    say: (draw) =>
      ask(draw, `SELECT ${marked(draw)}, @@autocommit, LAST_INSERT_ID(), COUNT(*) FROM bank.${tableOf(draw)}`),
  },
  {
    // By the database that the session is in; in another there is none.
    name: 'unqualified',
    weight: 2,
    cases: [ACCOUNTS, 2],
    say: (draw) =>
      draw.b === 0
        ? ask(draw, `UPDATE account SET balance = balance + ${draw.mark} WHERE id = ${1 + draw.a}`)
        : ask(draw, `SELECT ${marked(draw)}, @a, COUNT(*) FROM account`),
  },
  { name: 'deallocate', weight: 1, cases: [1, 1], say: (draw) => ask(draw, 'DEALLOCATE PREPARE p') },
  {
    // The second row may have the key of the first: then none of them stays.
    name: 'insert two',
    weight: 2,
    cases: [3, 2],
    say: (draw) => {
      const table = tableOf(draw);
      const other = { ...draw, mark: draw.mark + (draw.b === 0 ? SECOND_ROWS : 0) };
      return ask(draw, `INSERT INTO bank.${table} VALUES ${VALUES[table]!(draw)}, ${VALUES[table]!(other)}`);
    },
  },
  {
    name: 'savepoint',
    weight: 2,
    cases: [4, ACCOUNTS],
    say: (draw) => {
      const change = ask(draw, `UPDATE bank.account SET balance = balance - ${draw.mark} WHERE id = ${1 + draw.b}`);
      const [set, back] = [ask(draw, 'SAVEPOINT s'), ask(draw, 'ROLLBACK TO s')];
      return [[ask(draw, 'BEGIN'), set, change, back], [set, change, back], set, back][draw.a]!;
    },
  },
  { name: 'stop a waiter', weight: 1, cases: [ACCOUNTS, 1], say: stoppedWaiter },
];
