/**
 * The shop in plain SQL, over any client that is given SQL.
 */
import type { Answer, Session } from './session.ts';
import type { Item, Rows, Shop, Wish, Work } from './shop.ts';
import { TABLES, type TableData, type Value } from './tables.ts';

const CREATE: readonly string[] = [
  `CREATE TABLE customers (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    email VARCHAR(120) NOT NULL,
    name VARCHAR(80) NOT NULL COMMENT 'as on the bill',
    kind ENUM('person', 'company') NOT NULL DEFAULT 'person',
    born DATE,
    credit DECIMAL(12,2) NOT NULL DEFAULT 0,
    note TEXT,
    photo BLOB NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY customers_email_unique (email)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
  `CREATE TABLE products (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sku VARCHAR(20) NOT NULL,
    title VARCHAR(100) NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    stock INT UNSIGNED NOT NULL DEFAULT 0,
    weight DOUBLE,
    legacy CHAR(3)
  ) COMMENT 'what we sell'`,
  'CREATE UNIQUE INDEX products_sku_unique ON products (sku)',
  'CREATE INDEX products_title_index ON products (title)',
  `CREATE TABLE orders (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id INT UNSIGNED NOT NULL,
    status VARCHAR(10) NOT NULL DEFAULT 'open',
    placed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    paid DATETIME(6) NULL DEFAULT NULL,
    KEY orders_customer_index (customer_id, placed),
    CONSTRAINT orders_customer_foreign FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
  )`,
  `CREATE TABLE order_lines (
    order_id BIGINT UNSIGNED NOT NULL,
    line INT NOT NULL,
    product_id BIGINT UNSIGNED NOT NULL,
    quantity INT NOT NULL,
    price DECIMAL(10,2) NOT NULL,
    PRIMARY KEY (order_id, line),
    INDEX items_product_index (product_id),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE ON UPDATE CASCADE,
    FOREIGN KEY (product_id) REFERENCES products (id)
  )`,
];

const CHANGE: readonly string[] = [
  'ALTER TABLE customers CHANGE name full_name VARCHAR(80) NOT NULL',
  'ALTER TABLE products DROP COLUMN legacy',
  "ALTER TABLE orders ADD COLUMN remark VARCHAR(50) NULL AFTER status, MODIFY status VARCHAR(20) NOT NULL DEFAULT 'new'",
  'RENAME TABLE order_lines TO items',
];

/** So many rows go into one INSERT. */
const AT_ONCE = 60;

export class SqlShop implements Shop {
  readonly #open: () => Promise<Session>;
  /** Sessions that nobody has a transaction on. */
  readonly #idle: Session[] = [];
  readonly #all: Session[] = [];

  constructor(open: () => Promise<Session>) {
    this.#open = open;
  }

  async createSchema(): Promise<void> {
    for (const sql of [...CREATE, ...CHANGE]) await this.#run(sql);
  }

  async dropSchema(): Promise<void> {
    await this.#run(`DROP TABLE IF EXISTS ${TABLES.join(', ')}`);
  }

  async hasTable(table: string): Promise<boolean> {
    const { rows } = await this.#run(`SHOW TABLES LIKE '${table}'`);
    return rows.length > 0;
  }

  async hasColumn(table: string, column: string): Promise<boolean> {
    const { rows } = await this.#run(`SHOW COLUMNS FROM ${table} LIKE '${column}'`);
    return rows.length > 0;
  }

  async load(tables: readonly TableData[]): Promise<void> {
    for (const { table, columns, rows } of tables) {
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const some = rows.slice(at, at + AT_ONCE);
        const places = some.map((row) => `(${row.map((it) => (it === undefined ? 'DEFAULT' : '?')).join(', ')})`);
        const values = some.flat().filter((it) => it !== undefined);
        await this.#run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places.join(', ')}`, values);
      }
    }
  }

  async begin({ isolation, readOnly = false }: Wish = {}): Promise<Work> {
    const session = await this.#take();
    if (isolation !== undefined) await session.run(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
    await session.run(readOnly ? 'START TRANSACTION READ ONLY' : 'BEGIN');
    return new SqlWork(session, 0, () => this.#idle.push(session));
  }

  async ask(sql: string): Promise<Rows> {
    const session = await this.#open();
    try {
      return (await session.run(sql)).rows;
    } finally {
      await session.close();
    }
  }

  async close(): Promise<void> {
    for (const session of this.#all) await session.close();
  }

  async #take(): Promise<Session> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const session = await this.#open();
    this.#all.push(session);
    return session;
  }

  async #run(sql: string, values: readonly Value[] = []): Promise<Answer> {
    const session = await this.#take();
    try {
      return await session.run(sql, values);
    } finally {
      this.#idle.push(session);
    }
  }
}

const STOCK = 'SELECT stock FROM products WHERE id = ?';

class SqlWork implements Work {
  readonly #session: Session;
  /** How many transactions it lies within. */
  readonly #depth: number;
  readonly #over: () => void;

  constructor(session: Session, depth: number, over: () => void) {
    this.#session = session;
    this.#depth = depth;
    this.#over = over;
  }

  async stock(product: number): Promise<number> {
    return numberIn(await this.#session.run(STOCK, [product]));
  }

  async lockStock(product: number, patience?: 'nowait'): Promise<number> {
    const end = patience === undefined ? '' : ' NOWAIT';
    return numberIn(await this.#session.run(`${STOCK} FOR UPDATE${end}`, [product]));
  }

  async takeStock(product: number, quantity: number): Promise<number> {
    const sql = 'UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ?';
    return (await this.#session.run(sql, [quantity, product, quantity])).changed;
  }

  async order(customer: number, items: readonly Item[]): Promise<number> {
    const { insertId } = await this.#session.run('INSERT INTO orders (customer_id) VALUES (?)', [customer]);
    for (const [index, [product, quantity]] of items.entries()) {
      await this.#session.run(
        'INSERT INTO items (order_id, line, product_id, quantity, price) SELECT ?, ?, id, ?, price FROM products WHERE id = ?',
        [insertId, index + 1, quantity, product],
      );
    }
    return insertId;
  }

  async addProduct(sku: string): Promise<void> {
    await this.#session.run('INSERT INTO products (sku, title, price) VALUES (?, ?, ?)', [sku, 'New', '1.00']);
  }

  async waitAtMost(milliseconds: number | null): Promise<void> {
    await this.#session.run(`SET ob_trx_lock_timeout = ${milliseconds === null ? 'DEFAULT' : milliseconds * 1000}`);
  }

  async nested(): Promise<Work> {
    const depth = this.#depth + 1;
    await this.#session.run(`SAVEPOINT part${depth}`);
    return new SqlWork(this.#session, depth, () => {});
  }

  async commit(): Promise<void> {
    await this.#session.run(this.#depth === 0 ? 'COMMIT' : `RELEASE SAVEPOINT part${this.#depth}`);
    this.#over();
  }

  async rollback(): Promise<void> {
    await this.#session.run(this.#depth === 0 ? 'ROLLBACK' : `ROLLBACK TO SAVEPOINT part${this.#depth}`);
    this.#over();
  }
}

function numberIn({ rows }: Answer): number {
  return Number(rows[0]![0]);
}
