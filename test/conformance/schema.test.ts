/**
 * knex, the `mariadb` command line, mysql2 and mariadb make the schema of an ordinary application, load it and run
 * transactions against it: at the observer itself and through the proxy, in text and prepared. One list for all of them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Login } from './driver-clients.ts';
import { CommandLine } from './shop/command-line.ts';
import { Ground, PLACES } from './shop/ground.ts';
import { KnexShop, MIGRATIONS } from './shop/knex-shop.ts';
import { openMariadb, openMysql2, type Protocol } from './shop/session.ts';
import { errnoOf, type Shop } from './shop/shop.ts';
import { SqlShop } from './shop/sql-shop.ts';
import { DATA, KEYS, loadedRows, questionFor, SCHEMA, TABLES } from './shop/tables.ts';
import { describeWith } from './skip.ts';

const PROTOCOLS: readonly Protocol[] = ['text', 'prepared'];
const GRID = PLACES.flatMap((place) => PROTOCOLS.map((protocol) => ({ place, protocol })));

const DUPLICATE_ENTRY = 1062;
const LOCK_WAIT_TIMEOUT = 1205;
const DEADLOCK = 1213;
const READ_ONLY = 1792;

const COLUMNS = `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLUMN_KEY, EXTRA
  FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'test' AND TABLE_NAME IN ('${TABLES.join("', '")}')
  ORDER BY TABLE_NAME, ORDINAL_POSITION`;
const INDEXES = `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME
  FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = 'test' AND TABLE_NAME IN ('${TABLES.join("', '")}')
  ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`;

/** The shops of one client, at both places and in both protocols. Each test has products of its own: 100 of each. */
function runsAShop(open: (login: Login, protocol: Protocol) => Shop): void {
  describe.each(GRID)('$place, $protocol', ({ place, protocol }) => {
    let ground: Ground;
    let shop: Shop;

    beforeAll(async () => {
      ground = await Ground.open();
      shop = open(ground.login(place), protocol);
    });

    afterAll(async () => {
      await shop.close();
      await ground.close();
    });

    /** The rows of an order: product, quantity, price. */
    const itemsOf = (order: number) =>
      shop.ask(`SELECT product_id, quantity, price FROM items WHERE order_id = ${order} ORDER BY line`);
    const stockOf = async (product: number) => {
      const [row] = await shop.ask(`SELECT stock FROM products WHERE id = ${product}`);
      return Number(row![0]);
    };

    test('makes its schema, changes it, drops it and makes it again', async () => {
      expect(await shop.hasTable('orders')).toBe(false);
      await shop.createSchema();
      expect(await shop.hasTable('orders')).toBe(true);
      expect(await shop.hasTable('order_lines')).toBe(false);
      expect(await shop.hasColumn('orders', 'remark')).toBe(true);
      expect(await shop.hasColumn('products', 'legacy')).toBe(false);
      expect(await shop.ask(COLUMNS)).toEqual(SCHEMA);
      await shop.dropSchema();
      expect(await shop.ask(COLUMNS)).toEqual([]);
      await shop.createSchema();
      expect(await shop.ask(COLUMNS)).toEqual(SCHEMA);
      expect(await shop.ask(INDEXES)).toEqual(KEYS);
    });

    test('loads it', async () => {
      await shop.load(DATA);
      for (const data of DATA) expect(await shop.ask(questionFor(data)), data.table).toEqual(loadedRows(data));
    });

    test('commits', async () => {
      const work = await shop.begin();
      expect(await work.lockStock(1)).toBe(100);
      expect(await work.takeStock(1, 3)).toBe(1);
      expect(await work.takeStock(1, 98)).toBe(0);
      const order = await work.order(7, [
        [1, 3],
        [2, 1],
      ]);
      expect(order).toBeGreaterThan(300);
      expect(await itemsOf(order)).toEqual([]);
      await work.commit();
      expect(await itemsOf(order)).toEqual([
        ['1', '3', '1.50'],
        ['2', '1', '2.50'],
      ]);
      expect(
        await shop.ask(`SELECT customer_id, status, remark, placed <= NOW() FROM orders WHERE id = ${order}`),
      ).toEqual([['7', 'new', null, '1']]);
      expect(await stockOf(1)).toBe(97);
    });

    test('rolls back', async () => {
      const work = await shop.begin();
      await work.takeStock(3, 5);
      const order = await work.order(8, [[3, 5]]);
      expect(await work.stock(3)).toBe(95);
      await work.rollback();
      expect(await stockOf(3)).toBe(100);
      expect(await shop.ask(`SELECT COUNT(*) FROM orders WHERE id = ${order}`)).toEqual([['0']]);
      expect(await itemsOf(order)).toEqual([]);
    });

    test('takes back a part of a transaction, and keeps another', async () => {
      const work = await shop.begin();
      await work.takeStock(4, 1);
      const wrong = await work.nested();
      await wrong.takeStock(4, 10);
      await wrong.rollback();
      const right = await work.nested();
      await right.takeStock(4, 20);
      const within = await right.nested();
      await within.takeStock(4, 40);
      await within.rollback();
      await right.commit();
      await work.takeStock(4, 2);
      await work.commit();
      expect(await stockOf(4)).toBe(77);
    });

    test('goes on after a duplicate key', async () => {
      const work = await shop.begin();
      await work.takeStock(5, 1);
      expect(await errnoOf(work.addProduct('SKU-6'))).toBe(DUPLICATE_ENTRY);
      await work.addProduct('SKU-new');
      await work.takeStock(5, 1);
      await work.commit();
      expect(await stockOf(5)).toBe(98);
      expect(await shop.ask("SELECT title, stock FROM products WHERE sku = 'SKU-new'")).toEqual([['New', '0']]);
      expect(await shop.ask("SELECT COUNT(*) FROM products WHERE sku = 'SKU-6'")).toEqual([['1']]);
    });

    test('waits for a row, and sees then what was committed', async () => {
      const first = await shop.begin();
      const second = await shop.begin();
      expect(await first.lockStock(7)).toBe(100);
      expect(await errnoOf(second.lockStock(7, 'nowait'))).toBe(LOCK_WAIT_TIMEOUT);
      const waits = second.lockStock(7);
      await ground.waiting(1);
      await first.takeStock(7, 60);
      await first.commit();
      expect(await waits).toBe(40);
      expect(await second.takeStock(7, 60)).toBe(0);
      expect(await second.takeStock(7, 40)).toBe(1);
      await second.commit();
      expect(await stockOf(7)).toBe(0);
    });

    test('waits for a row in vain, and goes on', async () => {
      const first = await shop.begin();
      const second = await shop.begin();
      await first.takeStock(8, 1);
      await second.takeStock(9, 1);
      await second.waitAtMost(20);
      expect(await errnoOf(second.takeStock(8, 1))).toBe(LOCK_WAIT_TIMEOUT);
      // The session is somebody else's next.
      await second.waitAtMost(null);
      await second.takeStock(9, 1);
      await second.commit();
      await first.commit();
      expect([await stockOf(8), await stockOf(9)]).toEqual([99, 98]);
    });

    test('gives way in a deadlock', async () => {
      const first = await shop.begin();
      await first.takeStock(10, 1);
      const second = await shop.begin();
      await second.takeStock(11, 1);
      const waits = first.takeStock(11, 1);
      await ground.waiting(1);
      expect(await errnoOf(second.takeStock(10, 1))).toBe(DEADLOCK);
      expect(await waits).toBe(1);
      // An observer says it again until the transaction is rolled back (observer.md §6.2).
      expect(await errnoOf(second.takeStock(12, 1))).toBe(DEADLOCK);
      await second.rollback();
      await first.commit();
      expect([await stockOf(10), await stockOf(11), await stockOf(12)]).toEqual([99, 99, 100]);
    });

    test('asks for READ COMMITTED, and sees what others commit', async () => {
      const reader = await shop.begin({ isolation: 'read committed' });
      expect(await reader.stock(13)).toBe(100);
      const writer = await shop.begin();
      await writer.takeStock(13, 1);
      expect(await reader.stock(13)).toBe(100);
      await writer.commit();
      expect(await reader.stock(13)).toBe(99);
      await reader.commit();
    });

    test('asks for READ ONLY, once', async () => {
      const reader = await shop.begin({ readOnly: true });
      expect(await reader.stock(14)).toBe(100);
      expect(await errnoOf(reader.takeStock(14, 1))).toBe(READ_ONLY);
      await reader.commit();
      const writer = await shop.begin();
      await writer.takeStock(14, 1);
      await writer.commit();
      expect(await stockOf(14)).toBe(99);
    });

    test('has lost and doubled nothing, and all that it could prepare was prepared', async () => {
      expect(
        await shop.ask(`SELECT (SELECT SUM(100 - stock) FROM products WHERE stock > 0 OR id = 7),
          (SELECT SUM(quantity) FROM items WHERE order_id > 300), (SELECT COUNT(*) FROM items WHERE order_id > 300)`),
      ).toEqual([[String(3 + 23 + 2 + 100 + 1 + 2 + 2 + 1 + 1), '4', '2']]);
      expect(
        await shop.ask(
          `SELECT COUNT(*) FROM customers WHERE updated_at = '2024-01-01 00:00:00' AND created_at <= NOW()`,
        ),
      ).toEqual([['240']]);
      const asked = ground.log.connections.flat();
      const text = asked.filter((it) => /^COM_QUERY (?:insert|update|delete|select .* for update)/i.test(it));
      const prepared = asked.filter((it) => /^COM_STMT_EXECUTE|^COM_QUERY EXECUTE/.test(it));
      expect([text.length > 0, prepared.length > 0]).toEqual(protocol === 'text' ? [true, false] : [false, true]);
    });
  });
}

describe('mysql2', () => runsAShop((login, protocol) => new SqlShop(() => openMysql2(login, protocol))));

describe('mariadb connector', () => runsAShop((login, protocol) => new SqlShop(() => openMariadb(login, protocol))));

describe('knex', () => {
  runsAShop((login, protocol) => new KnexShop(login, protocol));

  describe.each(GRID)('migrates $place, $protocol', ({ place, protocol }) => {
    let ground: Ground;
    let shop: KnexShop;

    beforeAll(async () => {
      ground = await Ground.open();
      shop = new KnexShop(ground.login(place), protocol);
    });

    afterAll(async () => {
      await shop.close();
      await ground.close();
    });

    const batches = () => shop.ask('SELECT name, batch FROM knex_migrations ORDER BY id');

    test('step by step, forth and back', async () => {
      const { migrate } = shop.knex;
      const config = { migrationSource: MIGRATIONS };
      expect(await migrate.currentVersion(config)).toBe('none');
      await migrate.up(config);
      expect(await shop.hasTable('order_lines')).toBe(true);
      expect(await migrate.latest(config)).toEqual([2, ['20240202_changes']]);
      expect(await batches()).toEqual([
        ['20240101_tables', '1'],
        ['20240202_changes', '2'],
      ]);
      await shop.load(DATA);
      await migrate.rollback(config);
      expect(await shop.hasTable('items')).toBe(false);
      expect(await shop.hasColumn('products', 'legacy')).toBe(true);
      expect(await batches()).toEqual([['20240101_tables', '1']]);
      await migrate.latest(config);
      // The rows have come with their tables, there and back.
      for (const data of DATA) expect(await shop.ask(questionFor(data)), data.table).toEqual(loadedRows(data));
      await migrate.rollback(config, true);
      for (const table of TABLES) expect(await shop.hasTable(table), table).toBe(false);
      expect(await batches()).toEqual([]);
    });

    test('not while somebody else does', async () => {
      const config = { migrationSource: MIGRATIONS };
      await shop.knex('knex_migrations_lock').update({ is_locked: 1 });
      await expect(shop.knex.migrate.latest(config)).rejects.toThrow('Migration table is already locked');
      expect(await shop.hasTable('orders')).toBe(false);
      await shop.knex.migrate.forceFreeMigrationsLock(config);
      expect(await shop.knex.migrate.latest(config)).toEqual([1, ['20240101_tables', '20240202_changes']]);
    });
  });
});

describeWith(['mariadb'], 'mariadb command line', () =>
  runsAShop((login, protocol) => new SqlShop(async () => new CommandLine(login, protocol))),
);
