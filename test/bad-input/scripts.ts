/**
 * Scripts of bad clients in memory, as fast-check draws and shrinks them: who does what, byte by byte, in a seeded world.
 *
 * A script is plain data; `run-script.ts` plays it.
 */
import fc from 'fast-check';
import { COM } from '../../proxy/wire/constants.ts';
import { loginBytes, queryBytes, requestBytes } from '../session/raw-client.ts';
import { MEASURED_LOGINS } from '../wire/fixtures.ts';

/** So many clients a script has; each connects at its first action, and again after it has gone. */
export const CLIENTS = 3;

/** Of the topology `three`, through both clusters. */
const OBSERVERS = 4;

/** One thing that spoils a packet. */
export type Spoiling =
  | { readonly kind: 'flip'; readonly at: number; readonly byte: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array };

export type Action =
  /** `packet`: an index into `PACKETS`. */
  | { readonly kind: 'packet'; readonly packet: number; readonly spoilings: readonly Spoiling[] }
  /** A statement about the sessions that there are. */
  | { readonly kind: 'about'; readonly text: number; readonly session: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** So many bytes of one value, which is a long request if a header came before. */
  | { readonly kind: 'many'; readonly count: number; readonly byte: number }
  | { readonly kind: 'stop reading' }
  | { readonly kind: 'read on' }
  | { readonly kind: 'leave'; readonly how: 'FIN' | 'RST' | 'close' }
  /** An observer dies, and is there again at the end. */
  | { readonly kind: 'crash'; readonly observer: number }
  | { readonly kind: 'settle' }
  | { readonly kind: 'advance'; readonly milliseconds: number };

export interface Act {
  readonly client: number;
  readonly action: Action;
}

export interface Script {
  /** Whom the clients connect to: the proxy, or an observer itself. */
  readonly door: 'proxy' | 'observer';
  /** For each client the login that it sends when it connects, an index into `LOGINS`; null: none. */
  readonly habits: readonly (number | null)[];
  /** Of the world: orders, splits, RST before data, routing. 0 is the plain world. */
  readonly world: number;
  readonly acts: readonly Act[];
  /** How those who are still there leave. */
  readonly farewell: 'FIN' | 'RST' | 'close';
}

export const LOGINS: readonly Buffer[] = [
  loginBytes('app@shop#obdemo'),
  loginBytes('boss@shop#obdemo'),
  loginBytes('app@warehouse'),
  loginBytes('root@sys#obdemo'),
  loginBytes('root@sys#obother'),
  loginBytes('root@proxysys'),
  loginBytes('secret@shop'),
];

const STATEMENTS: readonly string[] = [
  'SELECT 1',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SET autocommit = 0, @a = 1',
  "SET @b = 'x', ob_query_timeout = 3000000",
  'SET SESSION TRANSACTION READ ONLY',
  'SET GLOBAL wait_timeout = 77',
  'USE bank',
  'USE nowhere',
  'SELECT * FROM bank.account',
  'UPDATE bank.account SET balance = balance + 1 WHERE id = 1',
  'SELECT * FROM bank.account WHERE id = 1 FOR UPDATE',
  "INSERT INTO bank.account VALUES (9, 'x', 1)",
  'SELECT SLEEP(0.2)',
  'SELECT SLEEP(100)',
  'SELECT 1; SELECT 2',
  'SELECT CONNECTION_ID(), @a',
  'SELECT LAST_INSERT_ID(), FOUND_ROWS()',
  "SELECT REPEAT('x', 1000) FROM TABLE(GENERATOR(300))",
  'SHOW PROXYSESSION',
  'SHOW PROCESSLIST',
  'SHOW PROXYSESSION ATTRIBUTE',
  'SHOW PROXYSESSION VARIABLES ALL LIKE "%a%"',
  'SELECT proxy_version()',
  'DROP DATABASE bank',
  'selct 1',
  '',
  ';',
  'KILL',
];

const COMMANDS: readonly Buffer[] = [
  requestBytes(COM.PING),
  requestBytes(COM.QUIT),
  requestBytes(COM.INIT_DB, 'test'),
  requestBytes(COM.FIELD_LIST, 'account\0'),
  requestBytes(COM.STATISTICS),
  requestBytes(COM.PROCESS_INFO),
  requestBytes(COM.PROCESS_KILL, Buffer.of(1, 0, 0, 0)),
  requestBytes(COM.STMT_PREPARE, 'SELECT 1'),
  requestBytes(COM.STMT_CLOSE, Buffer.of(1, 0, 0, 0)),
  requestBytes(COM.CHANGE_USER, 'root\0\0\0'),
  requestBytes(COM.RESET_CONNECTION),
  requestBytes(COM.SET_OPTION, Buffer.of(0, 0)),
  requestBytes(COM.TABLE_DUMP),
  // A request that promises more than it brings, to be filled up by `many` or not.
  Buffer.of(0x20, 0x4e, 0, 0, COM.QUERY),
  Buffer.of(0xff, 0xff, 0xff, 0, COM.QUERY),
  Buffer.of(0, 0, 0, 0),
];

/** Logins come first, then what is said inside: a script is mostly about the latter. */
export const PACKETS: readonly Buffer[] = [
  ...LOGINS,
  ...MEASURED_LOGINS.map(({ packet }) => packet),
  ...STATEMENTS.map(queryBytes),
  ...COMMANDS,
];

const FIRST_INSIDE = PACKETS.length - STATEMENTS.length - COMMANDS.length;

/** `id`: a session of the proxy or of an observer, or one that there is not. */
export const ABOUT: readonly ((id: number) => string)[] = [
  (id) => `KILL ${id}`,
  (id) => `KILL QUERY ${id}`,
  (id) => `KILL PROXYSESSION ${id}`,
  (id) => `KILL PROXYSESSION ${id} 1`,
  (id) => `KILL PROXYSESSION ${id} 2`,
  (id) => `SHOW PROXYSESSION ATTRIBUTE ${id}`,
  (id) => `SHOW PROXYSESSION VARIABLES ${id}`,
];

const spoiling: fc.Arbitrary<Spoiling> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(60), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(120) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(60), bytes: fc.uint8Array({ maxLength: 12 }) }),
);

function packet(low: number, high: number, spoilings: number): fc.Arbitrary<Action> {
  return fc.record({
    kind: fc.constant('packet' as const),
    packet: fc.integer({ min: low, max: high }),
    spoilings: fc.array(spoiling, { minLength: spoilings === 0 ? 0 : 1, maxLength: spoilings }),
  });
}

const leaving = fc.constantFrom('FIN' as const, 'RST' as const, 'close' as const);
const last = PACKETS.length - 1;

/** Zeros are empty packets, each of which an observer answers: of them not too many. */
const many: fc.Arbitrary<Action> = fc
  .tuple(fc.constantFrom(0, 1, 0x20, 0xff), fc.constantFrom(1, 100, 4096, 20_000, 200_000, 1_200_000))
  .map(([byte, count]) => ({ kind: 'many', count: byte === 0 ? Math.min(count, 20_000) : count, byte }));

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 1, arbitrary: packet(0, LOGINS.length - 1, 0) },
  { weight: 14, arbitrary: packet(FIRST_INSIDE, last, 0) },
  { weight: 3, arbitrary: packet(0, last, 3) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('about' as const),
      text: fc.nat(ABOUT.length - 1),
      session: fc.nat(CLIENTS * 4),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 40 }) }) },
  { weight: 2, arbitrary: many },
  { weight: 1, arbitrary: fc.constant({ kind: 'stop reading' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'read on' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), how: leaving }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), observer: fc.nat(OBSERVERS - 1) }) },
  { weight: 6, arbitrary: fc.constant({ kind: 'settle' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      milliseconds: fc.constantFrom(1, 50, 100, 999, 1000, 10_000),
    }),
  },
);

export const script: fc.Arbitrary<Script> = fc.record({
  world: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 5, arbitrary: fc.nat(2 ** 31 - 1) }),
  door: fc.oneof({ weight: 5, arbitrary: fc.constant('proxy' as const) }, fc.constant('observer' as const)),
  habits: fc.array(fc.option(fc.nat(LOGINS.length - 1), { freq: 6 }), { minLength: CLIENTS, maxLength: CLIENTS }),
  acts: fc.array(fc.record({ client: fc.nat(CLIENTS - 1), action }), { maxLength: 50, size: 'max' }),
  farewell: leaving,
});

/** The bytes of an action's packet. */
export function spoiled(index: number, spoilings: readonly Spoiling[]): Buffer {
  let bytes: Buffer = Buffer.from(PACKETS[index]!);
  for (const it of spoilings) {
    const at = bytes.length === 0 ? 0 : it.at % bytes.length;
    if (it.kind === 'cut') bytes = bytes.subarray(0, at);
    else if (it.kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, at), it.bytes, bytes.subarray(at)]);
    else if (bytes.length > 0) bytes[at] = it.byte;
  }
  return bytes;
}
