/**
 * What clients of a hunt say, and what else may happen: a table, a row for each kind of step, the plainest first.
 *
 * A row turns small whole numbers into actions of a page; all zeros are its plainest form. A row's place is part of what a replay
 * string means: new ones go to the end.
 */
import { COM } from '../../proxy/wire/constants.ts';
import type { Action } from '../scenario/scenario.ts';
import {
  ACCOUNTS,
  ask,
  colleague,
  crossPayments,
  type Draw,
  executes,
  FIRST_MADE,
  killer,
  marked,
  prepares,
  says,
  stoppedWaiter,
  stranger,
  tableOf,
  told,
  VALUES,
  victim,
} from './sayings.ts';

export interface Word {
  readonly name: string;
  /** How often it is said, beside the others. */
  readonly weight: number;
  /** How many cases `a` and `b` have. */
  readonly cases: readonly [a: number, b: number];
  /** Several: one after the other, with no time between them. Null: it makes no sense as things stand. */
  say(draw: Draw): Action | readonly Action[] | null;
}

/** A statement's second row is so far behind its first: more than there are marks. */
const SECOND_ROWS = 500;

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
