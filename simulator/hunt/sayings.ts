/**
 * Who says what, of the numbers that are drawn for a step: the cast's roles, tables and rows, and what several say in turn.
 *
 * Every statement carries a number of its own, so that answers can be told apart and rows be found again (`statements.ts` reads
 * them back). Knows nothing of the words, their weights, or their order (`vocabulary.ts`).
 */
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

export const ACCOUNTS = 4;
const TABLES: Readonly<Record<TopologyName, readonly string[]>> = {
  default: ['account'],
  three: ['account'],
  spread: ['account', 'branch', 'ledger'],
  bare: ['account', 'branch', 'ledger'],
};
/** Made rows have keys from here on. */
export const FIRST_MADE = 1000;

export function ask({ cast, who }: Draw, sql: string): Action {
  return says(cast.applications[who]!.name, sql);
}

export function told({ cast, who }: Draw, command: TypedCommand): Action {
  return { kind: 'input', client: cast.applications[who]!.name, command };
}

/** In the binary protocol; with one value to come. */
export function prepares(draw: Draw): Action {
  const probe = `SELECT ${marked(draw)}, @a, ?, COUNT(*) FROM bank.${tableOf(draw)}`;
  const pay = `UPDATE bank.account SET balance = balance + ? WHERE id = ${1 + draw.a}`;
  return told(draw, { kind: 'prepare', sql: [[probe, pay][draw.b]!] });
}

export function executes(draw: Draw): Action {
  return told(draw, { kind: 'execute', values: [[String(draw.mark)]] });
}

export function says(client: string, sql: string): Action {
  return { kind: 'input', client, command: { kind: 'statement', sql: readTemplate(sql), form: 'table' } };
}

export function tableOf({ topology, a }: Draw): string {
  const tables = TABLES[topology];
  return tables[a % tables.length]!;
}

export function marked({ mark }: Draw): string {
  return `'m${mark}'`;
}

export function victim({ cast, who }: Draw): string {
  return cast.applications[who]!.name;
}

/** Who kills sessions: the administrator; now and then the victim itself, or somebody with SUPER in the tenant, who may not. */
export function killer({ cast, who, b }: Draw): string {
  const { administrator, supervisor, applications } = cast;
  return [administrator, administrator, administrator, administrator, applications[who]!, supervisor][b]!.name;
}

/** Who stops statements: somebody with SUPER in the tenant, or another of the applications, which has the same user. */
export function colleague({ cast, who, b }: Draw): string {
  const { supervisor, applications } = cast;
  return [supervisor, supervisor, applications[(who + 1) % applications.length]!][b]!.name;
}

/** Whom an application has no business with: somebody of another tenant or with more rights; or itself, by each of its ids. */
export function stranger({ cast, who, a }: Draw): string {
  const { administrator, supervisor, applications } = cast;
  const own = applications[who]!.name;
  return [`${own}.cs`, `${own}.id`, `${administrator.name}.cs`, `${supervisor.name}.cs`, `${supervisor.name}.id`][a]!;
}

export const VALUES: Readonly<Record<string, (draw: Draw) => string>> = {
  account: ({ mark }) => `(${FIRST_MADE + mark}, 'm${mark}', 0)`,
  branch: ({ mark }) => `(${FIRST_MADE + mark}, 'm${mark}')`,
  ledger: ({ mark }) => `(${FIRST_MADE + mark}, 1, 0)`,
};

/** Two who pay from one hot account to another, and back, in opposite order: whoever comes second to both rows waits for ever. */
export function crossPayments({ cast, who, a, b, mark }: Draw): readonly Action[] {
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
export function stoppedWaiter({ cast, who, a, mark }: Draw): readonly Action[] | null {
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
