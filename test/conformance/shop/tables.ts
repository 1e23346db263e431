/**
 * The shop's tables as every client must have made them, and what is loaded into them: some hundred rows that are the same
 * each time, with all that is awkward in a text, and with NULL and DEFAULT.
 */

/** `undefined` is DEFAULT. */
export type Value = string | number | null | undefined | Buffer;

export interface TableData {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

export const TABLES: readonly string[] = ['customers', 'items', 'orders', 'products'];

/** Table, column, type, nullable, default, key, extra; in order. */
export const SCHEMA: readonly (readonly (string | null)[])[] = [
  ['customers', 'id', 'int(10) unsigned', 'NO', null, 'PRI', 'auto_increment'],
  ['customers', 'email', 'varchar(120)', 'NO', null, 'UNI', ''],
  ['customers', 'full_name', 'varchar(80)', 'NO', null, '', ''],
  ['customers', 'kind', "enum('person','company')", 'NO', 'person', '', ''],
  ['customers', 'born', 'date', 'YES', null, '', ''],
  ['customers', 'credit', 'decimal(12,2)', 'NO', '0.00', '', ''],
  ['customers', 'note', 'text', 'YES', null, '', ''],
  ['customers', 'photo', 'blob', 'YES', null, '', ''],
  ['customers', 'created_at', 'timestamp', 'NO', 'CURRENT_TIMESTAMP', '', ''],
  ['customers', 'updated_at', 'timestamp', 'NO', 'CURRENT_TIMESTAMP', '', 'on update CURRENT_TIMESTAMP'],
  ['items', 'order_id', 'bigint(20) unsigned', 'NO', null, 'PRI', ''],
  ['items', 'line', 'int(11)', 'NO', null, 'PRI', ''],
  ['items', 'product_id', 'bigint(20) unsigned', 'NO', null, 'MUL', ''],
  ['items', 'quantity', 'int(11)', 'NO', null, '', ''],
  ['items', 'price', 'decimal(10,2)', 'NO', null, '', ''],
  ['orders', 'id', 'bigint(20) unsigned', 'NO', null, 'PRI', 'auto_increment'],
  ['orders', 'customer_id', 'int(10) unsigned', 'NO', null, 'MUL', ''],
  ['orders', 'status', 'varchar(20)', 'NO', 'new', '', ''],
  ['orders', 'remark', 'varchar(50)', 'YES', null, '', ''],
  ['orders', 'placed', 'datetime', 'NO', 'CURRENT_TIMESTAMP', '', ''],
  ['orders', 'paid', 'datetime(6)', 'YES', null, '', ''],
  ['products', 'id', 'bigint(20) unsigned', 'NO', null, 'PRI', 'auto_increment'],
  ['products', 'sku', 'varchar(20)', 'NO', null, 'UNI', ''],
  ['products', 'title', 'varchar(100)', 'NO', null, 'MUL', ''],
  ['products', 'price', 'decimal(10,2)', 'NO', null, '', ''],
  ['products', 'stock', 'int(10) unsigned', 'NO', '0', '', ''],
  ['products', 'weight', 'double', 'YES', null, '', ''],
];

/** Table, key, whether it may have the same twice, place, column. */
export const KEYS: readonly (readonly string[])[] = [
  ['customers', 'customers_email_unique', '0', '1', 'email'],
  ['customers', 'PRIMARY', '0', '1', 'id'],
  ['items', 'items_product_index', '1', '1', 'product_id'],
  ['items', 'PRIMARY', '0', '1', 'order_id'],
  ['items', 'PRIMARY', '0', '2', 'line'],
  ['orders', 'orders_customer_index', '1', '1', 'customer_id'],
  ['orders', 'orders_customer_index', '1', '2', 'placed'],
  ['orders', 'PRIMARY', '0', '1', 'id'],
  ['products', 'PRIMARY', '0', '1', 'id'],
  ['products', 'products_sku_unique', '0', '1', 'sku'],
  ['products', 'products_title_index', '1', '1', 'title'],
];

const CUSTOMERS = 240;
const PRODUCTS = 60;
const ORDERS = 300;

/** What a client may lose, double or cut on its way. */
const AWKWARD: readonly (string | null)[] = [
  null,
  '',
  'plain',
  'it\'s "quoted" `thrice`',
  'back\\slash \\n \\\\',
  'two\nlines\tand a tab\r\n',
  'ü € \u{1f600} 中文',
  '100 % _ ? :name ; -- # /* */',
  ' blanks around ',
];

const PHOTOS: readonly (Buffer | null)[] = [
  null,
  Buffer.alloc(0),
  Buffer.from([0, 0xff, 0x27, 0x5c, 0x0a, 0x80, 0x00]),
  Buffer.alloc(3_000, 'JFIF\0'),
];

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function two(it: number): string {
  return String(it).padStart(2, '0');
}

/** Every seventh has the credit that the table gives. */
const NO_CREDIT = 7;

const PEOPLE: TableData = {
  table: 'customers',
  columns: ['email', 'full_name', 'kind', 'born', 'credit', 'note', 'photo', 'updated_at'],
  rows: numbers(CUSTOMERS).map((i) => [
    `c${i}@example.net`,
    `Customer O'${i}`,
    i % 5 === 0 ? 'company' : 'person',
    i % 3 === 0 ? null : `19${50 + (i % 50)}-${two(1 + (i % 12))}-${two(1 + (i % 28))}`,
    i % NO_CREDIT === 0 ? undefined : `${i * 10}.${two(i % 100)}`,
    AWKWARD[i % AWKWARD.length],
    PHOTOS[i % PHOTOS.length],
    '2024-01-01 00:00:00',
  ]),
};

const GOODS: TableData = {
  table: 'products',
  columns: ['sku', 'title', 'price', 'stock', 'weight'],
  rows: numbers(PRODUCTS).map((i) => [`SKU-${i}`, `Thing ${i % 10}`, `${i}.50`, 100, i % 4 === 0 ? null : i / 4]),
};

const ORDERED: TableData = {
  table: 'orders',
  columns: ['customer_id', 'status', 'placed', 'paid'],
  rows: numbers(ORDERS).map((i) => [
    1 + (i % CUSTOMERS),
    i % 2 === 0 ? 'paid' : undefined,
    `2024-${two(1 + (i % 12))}-${two(1 + (i % 28))} ${two(i % 24)}:00:59`,
    i % 2 === 0 ? `2024-12-31 23:59:59.${String(i).padStart(6, '0')}` : null,
  ]),
};

const LINES: TableData = {
  table: 'items',
  columns: ['order_id', 'line', 'product_id', 'quantity', 'price'],
  rows: numbers(ORDERS).flatMap((i) =>
    numbers(1 + (i % 3)).map((line) => [i, line, 1 + ((i + line) % PRODUCTS), line, `${i}.99`]),
  ),
};

/** In an order in which no row names one that is not there yet. */
export const DATA: readonly TableData[] = [PEOPLE, GOODS, ORDERED, LINES];

/** What is in a table of `DATA` once it is loaded, in the order of its primary key. */
export function loadedRows({ table, rows }: TableData): (string | null)[][] {
  const fallback = table === 'customers' ? '0.00' : 'new';
  return rows.map((row) =>
    row.map((it) => {
      if (it === undefined) return fallback;
      if (it === null) return null;
      return Buffer.isBuffer(it) ? it.toString('hex').toUpperCase() : String(it);
    }),
  );
}

/** What asks for them: a BLOB as its bytes in hexadecimal digits, which every client can print. */
export function questionFor({ table, columns }: TableData): string {
  const wanted = columns.map((it) => (it === 'photo' ? 'HEX(photo)' : it)).join(', ');
  return `SELECT ${wanted} FROM ${table} ORDER BY ${table === 'items' ? 'order_id, line' : 'id'}`;
}
