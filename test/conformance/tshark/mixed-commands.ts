/**
 * Mixed commands from a seed: whatever a client may say to a server on one connection, one thing after the other, so that
 * every kind of answer comes – results of all types, errors, several results, binary rows, cursors, a new user.
 *
 * Plans only: `mixed-session.ts` sends them. All names are qualified, so that it does not matter which database is chosen.
 */
import fc from 'fast-check';
import { COM, TYPE } from '../../../proxy/wire/constants.ts';

/** A parameter's type and value; undefined: it has come by SEND_LONG_DATA. */
export type Parameter = readonly [type: number, value: string | Buffer | null | undefined];

export type Step =
  /** `file`: for LOAD DATA LOCAL. */
  | { readonly kind: 'ask'; readonly command: number; readonly body: Buffer; readonly file?: readonly Buffer[] }
  /** PREPARE, EXECUTE as often as there are runs (the second time without types where they are the same), CLOSE. */
  | { readonly kind: 'prepared'; readonly sql: string; readonly runs: readonly Run[]; readonly reset: boolean }
  | { readonly kind: 'become'; readonly account: number };

export interface Run {
  readonly parameters: readonly Parameter[];
  /** Pieces for the parameters that are undefined. */
  readonly long: readonly Buffer[];
  /** Opens a cursor, and fetches so many rows at a time, so often. */
  readonly fetches: readonly number[];
}

export interface Ground {
  readonly database: string;
  /** Made before, with what is not the same everywhere. */
  readonly setup: readonly string[];
  /** Statements that only this server has. */
  readonly more: readonly string[];
}

const UNSIGNED = 0x8000;
const DOUBLE_SIZE = 9;
const MANY = 0x4000;

function ask(command: number, body: string | Buffer = ''): Step {
  return { kind: 'ask', command, body: Buffer.from(body) };
}

function query(sql: string): Step {
  return ask(COM.QUERY, sql);
}

function bytes(...values: readonly number[]): Buffer {
  return Buffer.from(values);
}

function idBytes(id: number, more = 0): Buffer {
  const out = Buffer.alloc(4 + more);
  out.writeUInt32LE(id);
  return out;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Letters of one to four bytes, and what a string must be able to hold. */
const LETTERS = [...'abcXYZ019 _-%\'"\\\t\näßЖ中€😀'];
const text = fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 20 });
const literal = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.tuple(fc.integer(), fc.nat(99)).map(([whole, rest]) => `${whole}.${rest}`),
  text.map(quoted),
  fc.constantFrom('NULL', '1e10', "x'00ff1b'", 'TRUE', "DATE'2024-02-29'", "TIMESTAMP'2024-02-29 12:34:56.789'", "''"),
);

/** Steps that send at least `commands` commands, always the same for a seed. */
export function mixedSteps(ground: Ground, seed: number, commands: number): readonly Step[] {
  const { database } = ground;
  const mixed = `${database}.mixed`;
  const scratch = `${database}.scratch`;
  const id = fc.nat(40);

  const select = fc.oneof(
    id.map((n) => `SELECT * FROM ${mixed} WHERE id <= ${n} ORDER BY id`),
    fc
      .array(literal, { minLength: 1, maxLength: 12 })
      .map((all) => `SELECT ${all.map((it, i) => `${it} AS c${i}`).join(', ')}`),
    fc
      .nat(8)
      .map(
        (n) => `SELECT a.id, b.id AS other, a.v FROM ${mixed} a JOIN ${mixed} b ON b.id <= ${n} ORDER BY a.id, b.id`,
      ),
    fc
      .tuple(fc.integer({ min: MANY, max: 5 * MANY }), fc.constantFrom('x', 'ä', '😀'))
      .map(([size, letter]) => `SELECT id, REPEAT('${letter}', ${size}) AS big FROM ${mixed} WHERE id < 3 ORDER BY id`),
    fc.constantFrom(
      `SELECT * FROM ${mixed} WHERE id < 0`,
      `SELECT COUNT(*), SUM(i), AVG(n), MIN(v), MAX(dt) FROM ${mixed}`,
      `SELECT 1/0, CAST('12x' AS SIGNED)`,
      'SHOW WARNINGS',
      'SELECT DATABASE(), @a, LAST_INSERT_ID(), @@autocommit',
      `SHOW TABLES FROM ${database}`,
      `SHOW COLUMNS FROM ${mixed}`,
      "SHOW VARIABLES LIKE 'auto%'",
      `SHOW CREATE TABLE ${mixed}`,
    ),
  );
  const change = fc.oneof(
    fc.tuple(id, text).map(([n, t]) => `INSERT INTO ${scratch} (n, t) VALUES (${n}, ${quoted(t)}), (${n + 1}, NULL)`),
    fc.tuple(id, text).map(([n, t]) => `UPDATE ${scratch} SET t = ${quoted(t)} WHERE n = ${n}`),
    id.map((n) => `DELETE FROM ${scratch} WHERE n > ${n} AND n < ${n + 5}`),
    id.map((n) => `SET @a = ${n}`),
    fc.constantFrom('BEGIN', 'COMMIT', 'ROLLBACK', 'SET autocommit = 0', 'SET autocommit = 1', `USE ${database}`),
    fc.constantFrom('DO 1', 'START TRANSACTION READ ONLY', "SET time_zone = '+03:00'", `USE ${database}_other`),
  );
  const wrong = fc.constantFrom(
    'SELCT 1',
    `SELECT nonsense FROM ${mixed}`,
    `SELECT * FROM ${database}.missing`,
    `INSERT INTO ${mixed} (id) VALUES (1)`,
    `INSERT INTO ${scratch} (n, t) VALUES (1, REPEAT('x', 300))`,
    `INSERT INTO ${scratch} (n) VALUES (NULL)`,
    'USE nowhere',
    "SELECT 'ä😀' FROM",
  );
  const several = fc
    .tuple(fc.array(fc.oneof(select, change), { minLength: 1, maxLength: 4 }), fc.oneof(select, change, wrong))
    .map(([first, last]) => [...first, last].join('; '));
  const file = fc
    .array(fc.tuple(id, text), { maxLength: 5 })
    .map((rows) => rows.map(([n, t]) => Buffer.from(`${n}|${t.replaceAll(/[\\\n|]/g, '')}\n`)));

  const parameter: fc.Arbitrary<Parameter> = fc.oneof(
    fc.tuple(fc.constantFrom(TYPE.LONG, TYPE.LONGLONG, TYPE.NEWDECIMAL), fc.integer().map(String)),
    fc.tuple(fc.constant(TYPE.LONGLONG | UNSIGNED), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
    fc.tuple(fc.constantFrom(TYPE.TINY, TYPE.SHORT), fc.integer({ min: -128, max: 127 }).map(String)),
    fc.tuple(
      fc.constant(TYPE.DOUBLE),
      fc.integer().map((n) => String(n / 8)),
    ),
    fc.tuple(fc.constant(TYPE.VAR_STRING), text),
    fc.tuple(
      fc.constant(TYPE.BLOB),
      fc.uint8Array({ maxLength: 20 }).map((it) => Buffer.from(it)),
    ),
    fc.tuple(
      fc.constant(TYPE.DATETIME),
      fc.constantFrom('2024-02-29 12:34:56.789', '2024-02-29', '1970-01-01 00:00:01'),
    ),
    fc.tuple(fc.constant(TYPE.TIME), fc.constantFrom('-12:34:56', '00:00:00', '100:00:01.5')),
    fc.tuple(fc.constant(TYPE.NULL), fc.constant(null)),
  );
  const plain = { long: [], fetches: [] };
  const all = fc
    .array(parameter, { minLength: 1, maxLength: 9 })
    .chain((first) =>
      fc.tuple(fc.constant(first), fc.array(parameter, { minLength: first.length, maxLength: first.length })),
    )
    .map(([first, second]): Step => {
      const sql = `SELECT ${first.map((_, i) => `? AS p${i}`).join(', ')}`;
      const runs = [first, first, second].map((parameters) => ({ parameters, ...plain }));
      return { kind: 'prepared', sql, runs, reset: false };
    });
  const rows = id.map((n): Step => {
    const sql = `SELECT * FROM ${mixed} WHERE id <= ? ORDER BY id`;
    return { kind: 'prepared', sql, runs: [{ parameters: [[TYPE.LONG, String(n)]], ...plain }], reset: true };
  });
  const cursor = fc
    .tuple(id, fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 4 }))
    .map(([n, fetches]): Step => {
      const sql = `SELECT id, v, n, dt FROM ${mixed} WHERE id <= ? ORDER BY id`;
      return {
        kind: 'prepared',
        sql,
        runs: [{ parameters: [[TYPE.LONG, String(n)]], long: [], fetches }],
        reset: true,
      };
    });
  const long = fc.tuple(id, fc.array(text, { minLength: 1, maxLength: 4 })).map(([n, pieces]): Step => {
    const parameters: Parameter[] = [
      [TYPE.LONG, String(n)],
      [TYPE.BLOB, undefined],
    ];
    const sql = `INSERT INTO ${scratch} (n, t) VALUES (?, ?)`;
    return {
      kind: 'prepared',
      sql,
      runs: [{ parameters, long: pieces.map((it) => Buffer.from(it)), fetches: [] }],
      reset: true,
    };
  });
  const unpreparable = fc.oneof(wrong, fc.constant('SELECT 1; SELECT 2')).map((sql): Step => {
    return { kind: 'prepared', sql, runs: [], reset: false };
  });

  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 20, arbitrary: select.map(query) },
    { weight: 12, arbitrary: change.map(query) },
    { weight: 8, arbitrary: wrong.map(query) },
    { weight: 8, arbitrary: several.map(query) },
    { weight: 5, arbitrary: fc.oneof(all, rows) },
    { weight: 3, arbitrary: fc.oneof(cursor, long, unpreparable) },
    { weight: 1, arbitrary: fc.nat(1).map((account): Step => ({ kind: 'become', account })) },
    {
      weight: 2,
      arbitrary: file.map((rowsOf): Step => {
        const sql = `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${scratch} FIELDS TERMINATED BY '|' (n, t)`;
        return { kind: 'ask', command: COM.QUERY, body: Buffer.from(sql), file: rowsOf };
      }),
    },
    {
      weight: 10,
      arbitrary: fc.constantFrom(
        ask(COM.PING),
        ask(COM.STATISTICS),
        ask(COM.INIT_DB, database),
        ask(COM.INIT_DB, 'nowhere'),
        ask(COM.FIELD_LIST, 'mixed\0'),
        ask(COM.FIELD_LIST, 'missing\0'),
        ask(COM.SET_OPTION, bytes(1, 0)),
        ask(COM.SET_OPTION, bytes(0, 0)),
        ask(COM.RESET_CONNECTION),
        ask(COM.PROCESS_KILL, idBytes(4_000_000)),
        ask(COM.TIME),
        ask(0x7f, 'no command'),
        // Of statements that nobody has prepared.
        ask(COM.STMT_EXECUTE, idBytes(999_999, DOUBLE_SIZE - 4)),
        ask(COM.STMT_RESET, idBytes(999_999)),
        ask(COM.STMT_FETCH, idBytes(999_999, 4)),
      ),
    },
    { weight: 3, arbitrary: fc.constantFrom(...ground.more).map(query) },
    { weight: 2, arbitrary: fc.constantFrom('SHOW PROXYSESSION', 'KILL PROXYSESSION 4000000').map(query) },
  );

  // Each kind at least once, whatever the seed; a few large ones, which need not come often.
  const large = 'x'.repeat(PACKET);
  const always = [
    ...ground.more.map(query),
    query(`SELECT LENGTH('${large}') AS length`),
    query(`SELECT REPEAT('x', ${PACKET + 1000}) AS large`),
    query('SHOW PROXYSESSION'),
    query('KILL PROXYSESSION 4000000'),
    ask(COM.SET_OPTION, bytes(0, 0)),
  ];
  const drawn = fc.sample(step, { seed, numRuns: commands });
  const steps: Step[] = [];
  let count = 0;
  for (const it of [...drawn.slice(0, 10), ...always, ...drawn.slice(10)]) {
    if (count >= commands) break;
    steps.push(it);
    count += it.kind === 'prepared' ? it.runs.reduce((sum, run) => sum + 1 + run.fetches.length, 2) : 1;
  }
  return steps;
}

/** Few steps with a packet of each kind, each to be taken by itself: answers, errors, several results, binary rows, a new user. */
export function oneOfEach({ database }: Ground): readonly Step[] {
  const few: Parameter[] = [
    [TYPE.LONG, '4'],
    [TYPE.VAR_STRING, '5'],
  ];
  return [
    query(`SELECT id, v FROM ${database}.mixed WHERE id IN (4, 5)`),
    query('SELECT nonsense'),
    query(`SELECT 1; UPDATE ${database}.scratch SET t = 'y' WHERE id < 0; SELCT`),
    {
      kind: 'prepared',
      sql: `SELECT v, i, dt FROM ${database}.mixed WHERE id IN (?, ?)`,
      runs: [{ parameters: few, long: [], fetches: [] }],
      reset: true,
    },
    ask(COM.FIELD_LIST, 'scratch\0i%'),
    ask(COM.STATISTICS),
    ask(COM.SET_OPTION, bytes(0, 0)),
    ask(COM.PING),
    { kind: 'become', account: 1 },
  ];
}

/** Of a text that makes its packet nearly as long as one can be: 16 MiB − 1 − 100 bytes. */
const PACKET = 0xff_ffff - 100;
