/**
 * The shop with knex, over mysql2: its schema builder, migrations, seeds, batchInsert, queries and nested transactions, as
 * its manual has them; plain SQL only where a test asks.
 */

import knexOf, { type Knex } from 'knex';
import type { QueryError } from 'mysql2';
import type { Login } from '../driver-clients.ts';
import { PREPARE_NOT_SUPPORTED, type Protocol, textOf } from './session.ts';
import type { Item, Rows, Shop, Wish, Work } from './shop.ts';
import type { TableData } from './tables.ts';

/** Sessions at most. */
const POOL = 4;
/** A test that has failed may have left some busy: the next one says so soon; milliseconds. */
const PATIENCE = 5_000;
const AT_ONCE = 60;

export class KnexShop implements Shop {
  readonly knex: Knex;
  readonly #login: Login;
  readonly #protocol: Protocol;

  constructor(login: Login, protocol: Protocol) {
    this.#login = login;
    this.#protocol = protocol;
    this.knex = openKnex(login, protocol);
  }

  async createSchema(): Promise<void> {
    await this.knex.migrate.latest({ migrationSource: MIGRATIONS });
  }

  async dropSchema(): Promise<void> {
    await this.knex.migrate.rollback({ migrationSource: MIGRATIONS }, true);
  }

  hasTable(table: string): Promise<boolean> {
    return this.knex.schema.hasTable(table);
  }

  hasColumn(table: string, column: string): Promise<boolean> {
    return this.knex.schema.hasColumn(table, column);
  }

  async load(tables: readonly TableData[]): Promise<void> {
    const seedSource: Knex.SeedSource<TableData> = {
      getSeeds: async () => [...tables],
      getSeed: async (data) => ({ seed: (knex) => loadTable(knex, data) }),
    };
    await this.knex.seed.run({ seedSource });
  }

  async begin({ isolation, readOnly }: Wish = {}): Promise<Work> {
    const config: Knex.TransactionConfig = {};
    if (isolation !== undefined) config.isolationLevel = isolation;
    if (readOnly !== undefined) config.readOnly = readOnly;
    return new KnexWork(await this.knex.transaction(config));
  }

  async ask(sql: string): Promise<Rows> {
    const knex = openKnex(this.#login, this.#protocol);
    try {
      const [rows] = (await knex.raw(sql)) as [Readonly<Record<string, unknown>>[]];
      return rows.map((row) => Object.values(row).map(textOf));
    } finally {
      await knex.destroy();
    }
  }

  close(): Promise<void> {
    return this.knex.destroy();
  }
}

/** What fails is told by its promise. */
const SILENT: Knex.Logger = { warn() {}, error() {} };

function openKnex(login: Login, protocol: Protocol): Knex {
  return knexOf({
    client: 'mysql2',
    connection: { ...login, dateStrings: true },
    acquireConnectionTimeout: PATIENCE,
    log: SILENT,
    pool: {
      min: 0,
      max: POOL,
      afterCreate(connection: Asked, done: (error: Error | null, connection: Asked) => void) {
        if (protocol === 'prepared') executeInPlaceOfQuery(connection);
        done(null, connection);
      },
    },
  });
}

type Done = (error: QueryError | null, ...result: unknown[]) => void;
type Ask = (options: { readonly sql: string }, values: unknown[] | undefined, done: Done) => unknown;

/** What knex uses of a connection of mysql2. */
interface Asked {
  query: Ask;
  execute: Ask;
}

/** knex asks by `query` alone, so that is what has to prepare; what a server cannot prepare (1295) goes as text. */
function executeInPlaceOfQuery(connection: Asked): void {
  const query = connection.query.bind(connection);
  connection.query = (options, values, done) =>
    connection.execute(options, values ?? [], (error, ...result) => {
      if (error?.errno === PREPARE_NOT_SUPPORTED) query(options, values, done);
      else done(error, ...result);
    });
}

async function loadTable(knex: Knex, { table, columns, rows }: TableData): Promise<void> {
  // knex writes DEFAULT where a row lacks a column that another has.
  const made = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
  await knex.batchInsert(table, made, AT_ONCE);
}

interface Step extends Knex.Migration {
  readonly name: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

const STEPS: readonly Step[] = [
  {
    name: '20240101_tables',
    async up(knex) {
      await knex.schema.createTable('customers', (table) => {
        table.increments('id');
        table.string('email', 120).notNullable().unique();
        table.string('name', 80).notNullable().comment('as on the bill');
        table.enum('kind', ['person', 'company']).notNullable().defaultTo('person');
        table.date('born');
        table.decimal('credit', 12, 2).notNullable().defaultTo(0);
        table.text('note');
        table.binary('photo').nullable();
        table.timestamp('created_at').notNullable().defaultTo(knex.fn.now());
        table
          .timestamp('updated_at')
          .notNullable()
          .defaultTo(knex.raw('CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP'));
        table.engine('InnoDB');
        table.charset('utf8mb4');
      });
      await knex.schema.createTable('products', (table) => {
        table.bigIncrements('id');
        table.string('sku', 20).notNullable();
        table.string('title', 100).notNullable().index('products_title_index');
        table.decimal('price', 10, 2).notNullable();
        table.integer('stock').unsigned().notNullable().defaultTo(0);
        table.double('weight');
        table.specificType('legacy', 'char(3)');
        table.unique(['sku'], { indexName: 'products_sku_unique' });
        table.comment('what we sell');
      });
      await knex.schema.createTable('orders', (table) => {
        table.bigIncrements('id');
        table.integer('customer_id').unsigned().notNullable();
        table.string('status', 10).notNullable().defaultTo('open');
        table.dateTime('placed').notNullable().defaultTo(knex.fn.now());
        table.dateTime('paid', { precision: 6 });
        table.index(['customer_id', 'placed'], 'orders_customer_index');
        table.foreign('customer_id').references('customers.id').onDelete('CASCADE');
      });
      await knex.schema.createTable('order_lines', (table) => {
        table.bigInteger('order_id').unsigned().notNullable();
        table.integer('line').notNullable();
        table.bigInteger('product_id').unsigned().notNullable().index('items_product_index');
        table.integer('quantity').notNullable();
        table.decimal('price', 10, 2).notNullable();
        table.primary(['order_id', 'line']);
        table.foreign('order_id').references('id').inTable('orders').onDelete('CASCADE').onUpdate('CASCADE');
        table.foreign('product_id').references('products.id');
      });
    },
    async down(knex) {
      await knex.schema.dropTable('order_lines');
      for (const table of ['orders', 'products', 'customers']) await knex.schema.dropTableIfExists(table);
    },
  },
  {
    name: '20240202_changes',
    async up(knex) {
      await knex.schema.alterTable('customers', (table) => table.renameColumn('name', 'full_name'));
      await knex.schema.alterTable('products', (table) => table.dropColumn('legacy'));
      await knex.schema.alterTable('orders', (table) => {
        table.string('remark', 50).nullable().after('status');
        table.string('status', 20).notNullable().defaultTo('new').alter();
      });
      await knex.schema.renameTable('order_lines', 'items');
    },
    async down(knex) {
      await knex.schema.renameTable('items', 'order_lines');
      await knex.schema.alterTable('orders', (table) => {
        table.dropColumn('remark');
        table.string('status', 10).notNullable().defaultTo('open').alter();
      });
      await knex.schema.alterTable('products', (table) => table.specificType('legacy', 'char(3)'));
      await knex.schema.alterTable('customers', (table) => table.renameColumn('full_name', 'name'));
    },
  },
];

export const MIGRATIONS: Knex.MigrationSource<Step> = {
  getMigrations: async () => [...STEPS],
  getMigrationName: ({ name }) => name,
  getMigration: async (step) => step,
};

class KnexWork implements Work {
  readonly #knex: Knex.Transaction;

  constructor(knex: Knex.Transaction) {
    this.#knex = knex;
  }

  async stock(product: number): Promise<number> {
    const { stock } = await this.#knex('products').where({ id: product }).first('stock');
    return stock;
  }

  async lockStock(product: number, patience?: 'nowait'): Promise<number> {
    const locking = this.#knex('products').where({ id: product }).select('stock').forUpdate();
    const [{ stock }] = await (patience === undefined ? locking : locking.noWait());
    return stock;
  }

  // Async, or it would only be asked for once somebody awaits it.
  async takeStock(product: number, quantity: number): Promise<number> {
    const found = this.#knex('products').where({ id: product }).andWhere('stock', '>=', quantity);
    return await found.decrement('stock', quantity);
  }

  async order(customer: number, items: readonly Item[]): Promise<number> {
    const [id] = await this.#knex('orders').insert({ customer_id: customer });
    const products = this.#knex('products').whereIn(
      'id',
      items.map(([product]) => product),
    );
    const prices = new Map((await products.select('id', 'price')).map((it) => [it.id, it.price]));
    const lines = items.map(([product, quantity], index) => ({
      order_id: id,
      line: index + 1,
      product_id: product,
      quantity,
      price: prices.get(product),
    }));
    await this.#knex('items').insert(lines);
    return id!;
  }

  async addProduct(sku: string): Promise<void> {
    await this.#knex.insert({ sku, title: 'New', price: '1.00' }).into('products');
  }

  async waitAtMost(milliseconds: number | null): Promise<void> {
    if (milliseconds === null) await this.#knex.raw('SET ob_trx_lock_timeout = DEFAULT');
    else await this.#knex.raw('SET ob_trx_lock_timeout = ?', [milliseconds * 1000]);
  }

  async nested(): Promise<Work> {
    return new KnexWork(await this.#knex.transaction());
  }

  async commit(): Promise<void> {
    await this.#knex.commit();
  }

  async rollback(): Promise<void> {
    await this.#knex.rollback();
  }
}
