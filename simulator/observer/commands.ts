/**
 * What becomes of each command: a table from the command byte to its word in the process list and its rule.
 *
 * A byte that is not in the table is refused with 1235, like all that an observer of this generation does not know
 * (observer.md §3.5). Knows no connection.
 */
import { COM } from '../../proxy/wire/constants.ts';
import { errorOf } from '../../proxy/wire/errors.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { writeColumn } from '../../proxy/wire/result-set.ts';
import { tableColumn } from './columns.ts';
import type { SessionContext } from './context.ts';
import type { House } from './house.ts';
import { close, fetch, longData, prepare, reset } from './prepared-commands.ts';
import type { Reply } from './reply.ts';
import { textOfBytes } from './sql/byte-text.ts';
import { typeOfColumn } from './types.ts';

export type Command =
  /** Statements: `query-run.ts`. */
  | { readonly kind: 'query' | 'execute'; readonly word: string }
  /** Answered at once; a `Refusal` is answered with its ERR. */
  | {
      readonly kind: 'answer';
      readonly word: string;
      answer(payload: Buffer, context: SessionContext, reply: Reply, house: House): void;
    }
  /** Never answered. */
  | { readonly kind: 'silent'; readonly word: string; take(payload: Buffer, context: SessionContext): void }
  /** The session begins anew: `entry.ts`. */
  | { readonly kind: 'change user' | 'reset connection'; readonly word: string }
  | { readonly kind: 'quit'; readonly word: string };

const TABLE: readonly (readonly [byte: number, command: Command])[] = [
  [COM.QUIT, { kind: 'quit', word: 'Quit' }],
  [COM.INIT_DB, { kind: 'answer', word: 'Init DB', answer: initDb }],
  [COM.QUERY, { kind: 'query', word: 'Query' }],
  [COM.FIELD_LIST, { kind: 'answer', word: 'Field List', answer: fieldList }],
  [COM.STATISTICS, { kind: 'answer', word: 'Statistics', answer: statistics }],
  [COM.PING, { kind: 'answer', word: 'Ping', answer: ping }],
  [COM.CHANGE_USER, { kind: 'change user', word: 'Change user' }],
  [COM.STMT_PREPARE, { kind: 'answer', word: 'Prepare', answer: prepare }],
  [COM.STMT_EXECUTE, { kind: 'execute', word: 'Execute' }],
  [COM.STMT_SEND_LONG_DATA, { kind: 'silent', word: 'Stmt send long data', take: longData }],
  [COM.STMT_CLOSE, { kind: 'silent', word: 'Close stmt', take: close }],
  [COM.STMT_RESET, { kind: 'answer', word: 'Stmt reset', answer: reset }],
  [COM.STMT_FETCH, { kind: 'answer', word: 'Stmt fetch', answer: fetch }],
  [COM.RESET_CONNECTION, { kind: 'reset connection', word: 'Reset connection' }],
];

const UNKNOWN: Command = { kind: 'answer', word: 'Sleep', answer: refuseCommand };

const BY_BYTE: ReadonlyMap<number, Command> = new Map(TABLE);

export function commandOf(byte: number): Command {
  return BY_BYTE.get(byte) ?? UNKNOWN;
}

/** The text of a request behind its command byte, kept beyond the event it came with. */
export function requestText(payload: Buffer): string {
  return textOfBytes(payload.subarray(1));
}

function ping(_payload: Buffer, _context: SessionContext, reply: Reply): void {
  reply.ok(0, '');
}

/** A fixed string (observer.md §3.5). */
function statistics(_payload: Buffer, _context: SessionContext, reply: Reply): void {
  reply.text('Active threads not support');
}

function refuseCommand(_payload: Buffer, _context: SessionContext, reply: Reply): void {
  reply.err(errorOf('NOT_SUPPORTED'));
}

function initDb(payload: Buffer, context: SessionContext, reply: Reply): void {
  context.use(requestText(payload));
  reply.ok(0, '');
}

/** The columns of a table, each with its default value behind it: NULL. */
function fieldList(payload: Buffer, context: SessionContext, reply: Reply): void {
  const end = payload.indexOf(0, 1);
  const name = payload.toString('utf8', 1, end < 0 ? payload.length : end);
  const table = context.table({ database: null, name, alias: null });
  for (const [index, spec] of table.columns.entries()) {
    const one = new PacketWriter(0);
    writeColumn(one, tableColumn(table, name, index, spec.name, typeOfColumn(spec)));
    reply.out.packet(Buffer.concat([one.view(4), Buffer.of(0xfb)]));
  }
  reply.eof();
}
