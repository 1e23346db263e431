/**
 * Made-up data for a person who looks around: customers, products and orders in a database `sample` of every user tenant.
 *
 * Who they are comes from the choices, when they ordered from the time given: the same of both, the same rows. Knows
 * nothing but topologies. It loads faker, so nobody imports it who does not need it.
 */
import { faker } from '@faker-js/faker/locale/en';
import type { Choices } from '../../proxy/ports.ts';
import {
  type ColumnSpec,
  type DatabaseSpec,
  SYS_TENANT,
  type TableSpec,
  type TenantSpec,
  type Topology,
} from './topology.ts';

export const SAMPLE_DATABASE = 'sample';

const CUSTOMERS = 60;
const PRODUCTS = 25;
const ORDERS = 300;
const MOST_PIECES = 9;
/** Orders reach so far back, in days. */
const ORDER_DAYS = 365;
/** Faker's seeds are numbers below this. */
const SEEDS = 2 ** 31;
const DAY = 86_400_000;

const ID: ColumnSpec = { name: 'id', type: 'INT', primaryKey: true, notNull: true, autoIncrement: true };

/** The topology with sample data in it; `now` in milliseconds since 1970, of which only the day counts. */
export function withSampleData(topology: Topology, choices: Choices, now: number): Topology {
  faker.seed(choices.choose('sample.seed', SEEDS));
  const today = Math.floor(now / DAY) * DAY;
  return {
    clusters: topology.clusters.map((cluster) => ({
      ...cluster,
      tenants: cluster.tenants.map((tenant) => (tenant.name === SYS_TENANT ? tenant : filled(tenant, today))),
    })),
  };
}

function filled(tenant: TenantSpec, today: number): TenantSpec {
  const sample: DatabaseSpec = { name: SAMPLE_DATABASE, tables: [customers(), products(), orders(today)] };
  return { ...tenant, databases: [...tenant.databases, sample] };
}

function table(
  name: string,
  columns: readonly ColumnSpec[],
  count: number,
  rest: () => (string | number)[],
): TableSpec {
  const rows = Array.from({ length: count }, (_, index) => [index + 1, ...rest()]);
  return { name, columns: [ID, ...columns], rows };
}

function customers(): TableSpec {
  const columns: ColumnSpec[] = [
    { name: 'name', type: 'VARCHAR', notNull: true },
    { name: 'email', type: 'VARCHAR' },
    { name: 'city', type: 'VARCHAR' },
  ];
  return table('customer', columns, CUSTOMERS, () => {
    const firstName = faker.person.firstName();
    const lastName = faker.person.lastName();
    return [`${firstName} ${lastName}`, faker.internet.exampleEmail({ firstName, lastName }), faker.location.city()];
  });
}

function products(): TableSpec {
  const columns: ColumnSpec[] = [
    { name: 'name', type: 'VARCHAR', notNull: true },
    { name: 'price', type: 'DECIMAL', notNull: true },
  ];
  return table('product', columns, PRODUCTS, () => [faker.commerce.productName(), faker.commerce.price()]);
}

function orders(today: number): TableSpec {
  const columns: ColumnSpec[] = [
    { name: 'customer_id', type: 'INT', notNull: true },
    { name: 'product_id', type: 'INT', notNull: true },
    { name: 'pieces', type: 'INT', notNull: true },
    { name: 'ordered_at', type: 'DATETIME', notNull: true },
  ];
  return table('orders', columns, ORDERS, () => [
    faker.number.int({ min: 1, max: CUSTOMERS }),
    faker.number.int({ min: 1, max: PRODUCTS }),
    faker.number.int({ min: 1, max: MOST_PIECES }),
    sqlTime(faker.date.recent({ days: ORDER_DAYS, refDate: today }).toISOString()),
  ]);
}

/** `2023-11-14T22:13:20.000Z` as `2023-11-14 22:13:20`. */
function sqlTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}
