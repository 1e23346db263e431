/**
 * What a client, an administrator and the cluster may do while the twins live: the steps, and how they are drawn.
 *
 * Data only. Whether a step may be taken as things are is decided in `twins.ts`.
 */
import fc from 'fast-check';
import { TYPE } from '../../proxy/wire/constants.ts';

/** A type of the binary protocol, and a value of it. */
export type Parameter = readonly [type: number, value: string | Buffer | null];

export type Step =
  | { readonly kind: 'say'; readonly sql: string }
  /** Something that is answered by the leader of this table. */
  | { readonly kind: 'visit'; readonly table: number }
  /** The next statement goes to this server. */
  | { readonly kind: 'route'; readonly server: number }
  | { readonly kind: 'prepare'; readonly slot: number; readonly text: string }
  /** `again`: types go along though the server knows them. */
  | {
      readonly kind: 'execute';
      readonly slot: number;
      readonly given: readonly Parameter[];
      readonly again: boolean;
    }
  | { readonly kind: 'long data'; readonly slot: number; readonly parameter: number; readonly piece: string }
  | { readonly kind: 'reset' | 'close'; readonly slot: number }
  | {
      readonly kind: 'change user';
      readonly user: string;
      readonly password: string;
      readonly database: string;
      readonly charset: number;
    }
  | { readonly kind: 'reset connection' }
  | { readonly kind: 'set option'; readonly on: boolean }
  /** The administrator ends one of the client's server sessions, or all that no transaction is open on. */
  | { readonly kind: 'kill'; readonly which: number | 'all' }
  | { readonly kind: 'lead'; readonly table: number; readonly server: number }
  /** An observer dies; if one is dead it comes back instead. */
  | { readonly kind: 'crash'; readonly server: number };

export const TABLES = ['account', 'branch', 'ledger'] as const;
export const SERVERS = [1, 2, 3] as const;
export const USER_VARIABLES = ['a', 'b', 'c'] as const;

const VALUES = [
  '1',
  "'it''s'",
  'NULL',
  '1.50',
  "'\\\\ä\\''",
  '-7',
  "x'00ff'",
  '@a',
  "''",
  '18446744073709551615',
  '0.1e0',
  "'SELECT @b'",
] as const;

const STATEMENTS = [
  'BEGIN',
  'START TRANSACTION READ ONLY',
  'COMMIT',
  'ROLLBACK',
  'USE bank',
  'USE test',
  'USE nothing',
  'SET autocommit = 0',
  'SET autocommit = 1',
  'SET TRANSACTION READ ONLY',
  'SET SESSION TRANSACTION READ ONLY',
  'SET SESSION TRANSACTION READ WRITE',
  'SELECT @@tx_read_only',
  "SET sql_mode = ''",
  "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
  "SET sql_mode = 'ANSI,STRICT_TRANS_TABLES'",
  "SET time_zone = '+00:00'",
  'SET NAMES latin1',
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  'SET character_set_results = NULL',
  'SET group_concat_max_len = 7',
  'SET group_concat_max_len = DEFAULT',
  'SET GLOBAL group_concat_max_len = 9',
  'SET ob_query_timeout = 77000000',
  'SET ob_trx_timeout = 88000000, net_write_timeout = 99, @c = 3',
  'SET tx_isolation = "SERIALIZABLE"',
  'SET no_such_variable = 1',
  'SELECT LAST_INSERT_ID(41)',
  'SELECT LAST_INSERT_ID()',
  'INSERT INTO bank.ledger (account, amount) VALUES (1, 2)',
  'INSERT INTO bank.ledger (account, amount) VALUES (1, 2), (3, 4)',
  'UPDATE bank.account SET balance = balance + 1 WHERE id = 1',
  'SELECT @b := 5',
] as const;

/** What is prepared by name, and what is done with it. */
const NAMED = [
  "PREPARE p FROM 'SELECT @a, @b'",
  "PREPARE p FROM 'SELECT @c := @a'",
  "PREPARE `P` FROM 'UPDATE bank.account SET balance = balance + ? WHERE id = ?'",
  "PREPARE q FROM 'INSERT INTO bank.ledger (account, amount) VALUES (1, 2)'",
  "PREPARE q FROM 'SELECT COUNT(*) FROM account'",
  "PREPARE q FROM 'SELEC'",
  'PREPARE q FROM @a',
  'EXECUTE p',
  'EXECUTE p USING @a, @b',
  'EXECUTE q',
  'EXECUTE q',
  'EXECUTE Q USING @c',
  'DEALLOCATE PREPARE p',
  'DROP PREPARE q',
] as const;

/** What is prepared in the binary protocol. */
const PREPARED = [
  'SELECT @a, @b, ?',
  'SELECT @a := ?',
  'SET @c = ?',
  'SET group_concat_max_len = ?',
  'INSERT INTO bank.ledger (account, amount) VALUES (?, ?)',
  'UPDATE bank.account SET balance = balance + 1 WHERE id = ?',
  'SELECT COUNT(*) FROM bank.branch WHERE id = ?',
  'SELECT COUNT(*) FROM account',
  'SELECT LAST_INSERT_ID(?), LAST_INSERT_ID()',
  'SELECT "a" + 1',
  'SELEC',
  'BEGIN',
] as const;

const PARAMETERS: readonly Parameter[] = [
  [TYPE.LONGLONG, '5'],
  [TYPE.LONG, '2'],
  [TYPE.VAR_STRING, "it's"],
  [TYPE.DOUBLE, '1.5'],
  [TYPE.DOUBLE, '3'],
  [TYPE.NEWDECIMAL, '1.50'],
  [TYPE.BLOB, Buffer.of(0, 0xff, 0x27)],
  [TYPE.LONGLONG, null],
  [TYPE.DATETIME, '2024-02-29 01:02:03'],
];

const SLOTS = 2;
const slot = fc.nat(SLOTS - 1);

/** latin1 to the observer, utf8mb4_bin, one that it does not know, and one that it does not have. */
const CHARSETS = [45, 46, 33, 8] as const;
const PASSWORDS: readonly (readonly [user: string, password: string])[] = [
  ['app', ''],
  ['boss', ''],
  ['root', ''],
  ['secret', 's3cret'],
];

const say = (texts: readonly string[]) => fc.constantFrom(...texts).map((sql): Step => ({ kind: 'say', sql }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: say(STATEMENTS) },
  { weight: 5, arbitrary: say(NAMED) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...USER_VARIABLES), fc.constantFrom(...VALUES))
      .map(([name, value]): Step => ({ kind: 'say', sql: `SET @${name} = ${value}` })),
  },
  { weight: 6, arbitrary: fc.nat(2).map((table): Step => ({ kind: 'visit', table })) },
  { weight: 2, arbitrary: fc.constantFrom(...SERVERS).map((server): Step => ({ kind: 'route', server })) },
  {
    weight: 4,
    arbitrary: fc.tuple(slot, fc.constantFrom(...PREPARED)).map(
      ([at, text]): Step => ({
        kind: 'prepare',
        slot: at,
        text,
      }),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(slot, fc.array(fc.constantFrom(...PARAMETERS), { minLength: 1, maxLength: 2 }), fc.boolean())
      .map(([at, given, again]): Step => ({ kind: 'execute', slot: at, given, again })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(slot, fc.nat(1), fc.constantFrom('1', "x'", 'ä'))
      .map(([at, parameter, piece]): Step => ({ kind: 'long data', slot: at, parameter, piece })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('reset', 'close'), slot).map(([kind, at]): Step => ({ kind, slot: at })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...PASSWORDS), fc.constantFrom('bank', 'test', ''), fc.constantFrom(...CHARSETS))
      .map(
        ([[user, password], database, charset]): Step => ({
          kind: 'change user',
          user,
          password,
          database,
          charset,
        }),
      ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'reset connection' }) },
  { weight: 1, arbitrary: fc.boolean().map((on): Step => ({ kind: 'set option', on })) },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.nat(3), fc.constant<'all'>('all')).map((which): Step => ({ kind: 'kill', which })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(2), fc.constantFrom(...SERVERS))
      .map(([table, server]): Step => ({ kind: 'lead', table, server })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...SERVERS).map((server): Step => ({ kind: 'crash', server })) },
);

/** Steps, and the seed of the world's choices. */
export const plans = fc.tuple(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), fc.nat(1_000_000));
export type Plan = readonly [steps: readonly Step[], seed: number];
