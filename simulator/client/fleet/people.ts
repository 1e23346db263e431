/**
 * Who is in a fleet and what they own: names, mail addresses, accounts, items, all from faker and the same for a seed.
 *
 * There is one faker in a process (a new one costs as much as twenty names); it is seeded anew, from a choice, before each
 * use, and its dates hang on the time that is given. Knows nothing of connections.
 */
import { faker } from '@faker-js/faker/locale/en';
import type { Choices } from '../../../proxy/ports.ts';
import type { DatabaseSpec, TableSpec } from '../../world/topology.ts';

export interface Person {
  /** One word, for a history: `ada7`. */
  readonly nick: string;
  readonly name: string;
  readonly mail: string;
}

/** How large the data of a fleet are. */
export interface Sizes {
  readonly accounts: number;
  readonly items: number;
}

export const SIZES: Sizes = { accounts: 40, items: 30 };

/** What every account starts with; so the sum of all is known. */
export const FIRST_BALANCE = 1000;

const SEEDS = 2 ** 31;
const ACCOUNTS_OPENED_WITHIN_YEARS = 5;

function seedFaker(choices: Choices, site: string, now: number): void {
  faker.seed(choices.choose(site, SEEDS));
  faker.setDefaultRefDate(now);
}

/** The members of a fleet, by name. */
export function people(choices: Choices, now: number, count: number): Person[] {
  seedFaker(choices, 'fleet.people', now);
  return Array.from({ length: count }, (_, index) => {
    const firstName = faker.person.firstName();
    const lastName = faker.person.lastName();
    const nick = `${firstName.toLowerCase().replace(/[^a-z]/g, '')}${index + 1}`;
    return { nick, name: `${firstName} ${lastName}`, mail: faker.internet.email({ firstName, lastName }) };
  });
}

/** The database in which a fleet works. The table `event` starts empty and is never empty for long. */
export function fleetDatabase(choices: Choices, now: number, name = 'bank', sizes: Sizes = SIZES): DatabaseSpec {
  seedFaker(choices, 'fleet.rows', now);
  return { name, tables: [accounts(sizes.accounts), items(sizes.items), TRANSFER, EVENT] };
}

function accounts(count: number): TableSpec {
  return {
    name: 'account',
    columns: [
      { name: 'id', type: 'INT', primaryKey: true, notNull: true },
      { name: 'owner', type: 'VARCHAR' },
      { name: 'mail', type: 'VARCHAR' },
      { name: 'city', type: 'VARCHAR' },
      { name: 'opened', type: 'DATETIME' },
      { name: 'balance', type: 'BIGINT', notNull: true },
      { name: 'visits', type: 'INT', notNull: true },
    ],
    rows: Array.from({ length: count }, (_, index) => [
      index + 1,
      faker.person.fullName(),
      faker.internet.email(),
      faker.location.city(),
      dateTime(faker.date.past({ years: ACCOUNTS_OPENED_WITHIN_YEARS })),
      FIRST_BALANCE,
      0,
    ]),
  };
}

function items(count: number): TableSpec {
  return {
    name: 'item',
    columns: [
      { name: 'id', type: 'INT', primaryKey: true, notNull: true },
      { name: 'name', type: 'VARCHAR' },
      { name: 'price', type: 'DECIMAL' },
      { name: 'stock', type: 'INT', notNull: true },
    ],
    rows: Array.from({ length: count }, (_, index) => [
      index + 1,
      faker.commerce.productName(),
      faker.commerce.price(),
      faker.number.int({ min: 0, max: 500 }),
    ]),
  };
}

const TRANSFER: TableSpec = {
  name: 'transfer',
  columns: [
    { name: 'id', type: 'BIGINT', primaryKey: true, notNull: true },
    { name: 'source', type: 'INT', notNull: true },
    { name: 'target', type: 'INT', notNull: true },
    { name: 'amount', type: 'INT', notNull: true },
  ],
  rows: [],
};

const EVENT: TableSpec = {
  name: 'event',
  columns: [
    { name: 'id', type: 'BIGINT', primaryKey: true, notNull: true, autoIncrement: true },
    { name: 'who', type: 'VARCHAR', notNull: true },
    { name: 'what', type: 'VARCHAR' },
  ],
  rows: [],
};

function dateTime(date: { toISOString(): string }): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** A text as SQL writes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
