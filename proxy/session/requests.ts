/**
 * What is to be done with one request of a logged-in client (odp-relay.md §2.8 and §3.2, odp-sessions.md §1.3): a pure
 * function from the request and the session's situation to an action.
 */
import type { InternalCommand } from '../sql/command.ts';
import type { OwnSelect, SetRoute } from '../sql/own-variables.ts';
import { classify, classifyBeginning, type Statement } from '../sql/statement.ts';
import { COM, STATUS } from '../wire/constants.ts';
import { type ErrorName, errorOf } from '../wire/errors.ts';
import { HEADER_SIZE } from '../wire/framing.ts';
import { type Err, type Ok, PLAIN_OK } from '../wire/ok.ts';
import type { Request } from '../wire/request.ts';
import type { Caller } from './identity.ts';
import { isSilent } from './statement-requests.ts';

export type Action =
  /** To an observer; `last`: only to the server session that served the statement before. */
  | { readonly kind: 'forward'; readonly command: number; readonly last: boolean }
  | { readonly kind: 'internal'; readonly command: InternalCommand }
  /** Answer OK and keep the request: it goes out in front of the next statement. */
  | { readonly kind: 'hold begin' }
  | { readonly kind: 'ok'; readonly ok: Ok }
  | { readonly kind: 'error'; readonly error: Err }
  | OwnSelect
  | SetRoute
  /** Statements with names: `last` and `variable` as they were read (`sql/statement.ts`). */
  | Extract<Statement, { kind: 'text prepare' | 'text execute' | 'deallocate' }>
  /** A command that has no answer, and nothing here to act on. */
  | { readonly kind: 'ignore' }
  /** The session begins anew, as another user or as it is. */
  | { readonly kind: 'change user' | 'reset connection' }
  /** PREPARE; `last`: what it runs depends on the statement before. */
  | { readonly kind: 'prepare'; readonly last: boolean }
  /** EXECUTE, SEND_LONG_DATA, SEND_PIECE_DATA, CLOSE, RESET, FETCH. */
  | { readonly kind: 'about statement'; readonly command: number; readonly id: number }
  | { readonly kind: 'quit' }
  | { readonly kind: 'close'; readonly why: string };

export interface Situation {
  readonly caller: Caller;
  /** A transaction is open at an observer. */
  readonly inTransaction: boolean;
}

const FORWARD: Action = { kind: 'forward', command: COM.QUERY, last: false };
const FORWARD_TO_LAST: Action = { kind: 'forward', command: COM.QUERY, last: true };
const HOLD_BEGIN: Action = { kind: 'hold begin' };
const OK: Action = { kind: 'ok', ok: PLAIN_OK };
const QUIT: Action = { kind: 'quit' };
const IGNORE: Action = { kind: 'ignore' };
const CHANGE_USER: Action = { kind: 'change user' };
const RESET_CONNECTION: Action = { kind: 'reset connection' };
const PREPARE: Action = { kind: 'prepare', last: false };
const PREPARE_FOR_LAST: Action = { kind: 'prepare', last: true };

function error(name: ErrorName): Action {
  return { kind: 'error', error: errorOf(name) };
}

/** Commands that go to an observer as they are. */
const FORWARDED: ReadonlySet<number> = new Set([
  COM.INIT_DB,
  COM.FIELD_LIST,
  COM.STATISTICS,
  COM.CREATE_DB,
  COM.DROP_DB,
  COM.REFRESH,
  COM.SHUTDOWN,
  COM.DEBUG,
  COM.TIME,
  COM.SLEEP,
  COM.CONNECT,
  COM.DELAYED_INSERT,
  COM.DAEMON,
  COM.SET_OPTION,
]);

/** Commands that there are, of those that are decided by their byte alone; the rest is refused (odp-relay.md §2.8). */
const KNOWN: ReadonlySet<number> = new Set([
  ...FORWARDED,
  COM.PING,
  COM.PROCESS_INFO,
  COM.PROCESS_KILL,
  COM.CHANGE_USER,
  COM.RESET_CONNECTION,
]);

const ABOUT_STATEMENT: ReadonlySet<number> = new Set([
  COM.STMT_EXECUTE,
  COM.STMT_SEND_LONG_DATA,
  COM.STMT_SEND_PIECE_DATA,
  COM.STMT_CLOSE,
  COM.STMT_RESET,
  COM.STMT_FETCH,
]);
/** The command and the id of the statement. */
const STATEMENT_REQUEST_SIZE = 5;

/** COM_PROCESS_KILL is exactly this long with its header; the id is 32 bits. */
const PROCESS_KILL_SIZE = 9;
/** Whatever a client of the proxy's own users sends at its start is answered OK (odp-relay.md §1). */
const PROXY_USER_OK = /^\s*(?:set|begin|start\s+transaction|commit|rollback)\b/i;

/** `request` is whole or the first part of a long one. */
export function decide(request: Request, situation: Situation): Action {
  if (request.sequence !== 0) return { kind: 'close', why: `a request with sequence id ${request.sequence}` };
  if (request.payload.length === 0) return { kind: 'close', why: 'an empty request' };
  const command = request.payload[0]!;
  if (command === COM.QUERY) {
    // A request too long to be understood whole is none of ours (odp-relay.md §3.1).
    const statement = request.whole ? classify(textOf(request)) : classifyBeginning(textOf(request));
    switch (situation.caller) {
      case 'administrator':
        return administratorQuery(statement, textOf(request));
      case 'inspector':
        return inspectorQuery(statement, textOf(request));
      case 'client':
        return query(statement, situation);
    }
  }
  if (command === COM.QUIT) return QUIT;
  if (ABOUT_STATEMENT.has(command)) return statementRequest(command, request, situation);
  if (command === COM.STMT_PREPARE && situation.caller === 'client') return prepare(request);
  if (!request.whole) {
    // Whatever it is, it is not ours; what is left of it is passed over.
    if (!KNOWN.has(command)) return error(situation.caller === 'client' ? 'NOT_SUPPORTED' : 'BAD_INTERNAL_COMMAND');
    return FORWARDED.has(command) && situation.caller === 'client'
      ? { kind: 'forward', command, last: false }
      : { kind: 'close', why: `a command 0x${command.toString(16)} longer than any` };
  }
  if (command === COM.PING) return OK;
  if (situation.caller !== 'client') return error('BAD_INTERNAL_COMMAND');
  if (command === COM.PROCESS_INFO) return { kind: 'internal', command: { kind: 'show processlist' } };
  if (command === COM.PROCESS_KILL) return processKill(request);
  if (command === COM.CHANGE_USER) return CHANGE_USER;
  if (command === COM.RESET_CONNECTION) return RESET_CONNECTION;
  if (FORWARDED.has(command)) return { kind: 'forward', command, last: false };
  return error('NOT_SUPPORTED');
}

function textOf(request: Request): string {
  return request.payload.toString('latin1', 1);
}

function query(statement: Statement, situation: Situation): Action {
  switch (statement.kind) {
    case 'ordinary':
      return FORWARD;
    case 'dependent':
      return FORWARD_TO_LAST;
    case 'begin':
      // Inside a transaction it is a statement like any other (odp-relay.md §3.3).
      return situation.inTransaction ? FORWARD : HOLD_BEGIN;
    case 'contradictory':
      return error('NOT_SUPPORTED');
    case 'internal':
      return { kind: 'internal', command: statement.command };
    default:
      return statement;
  }
}

function administratorQuery(statement: Statement, text: string): Action {
  if (statement.kind === 'internal') {
    // Running a query somewhere is not for the proxy's own administrator (odp-sessions.md §6).
    return statement.command.kind === 'kill query'
      ? error('BAD_INTERNAL_COMMAND')
      : { kind: 'internal', command: statement.command };
  }
  if (statement.kind === 'own select') return statement;
  return PROXY_USER_OK.test(text) ? OK : error('BAD_INTERNAL_COMMAND');
}

/** PING PROXY, and what clients send at their start (odp-relay.md §1). */
function inspectorQuery(statement: Statement, text: string): Action {
  const asks = statement.kind === 'internal' && statement.command.kind === 'ping proxy';
  if (asks) return { kind: 'internal', command: statement.command };
  return PROXY_USER_OK.test(text) ? OK : error('BAD_INTERNAL_COMMAND');
}

function processKill(request: Request): Action {
  if (request.packet.length !== PROCESS_KILL_SIZE) return error('BAD_INTERNAL_COMMAND');
  const id = BigInt(request.packet.readUInt32LE(HEADER_SIZE + 1));
  return { kind: 'internal', command: { kind: 'kill session', id } };
}

/** One of the proxy's own commands or a BEGIN cannot be prepared (decisions.md 21). */
function prepare(request: Request): Action {
  const statement: Statement = request.whole ? classify(textOf(request)) : { kind: 'ordinary' };
  switch (statement.kind) {
    case 'own select':
      // This one an observer can answer as well, and drivers do prepare it.
      return statement.value === 'read only' ? PREPARE : error('PREPARE_NOT_SUPPORTED');
    case 'internal':
    case 'set route':
    case 'begin':
      return error('PREPARE_NOT_SUPPORTED');
    case 'contradictory':
      return error('NOT_SUPPORTED');
    case 'dependent':
      return PREPARE_FOR_LAST;
    default:
      return PREPARE;
  }
}

function statementRequest(command: number, request: Request, situation: Situation): Action {
  if (request.payload.length < STATEMENT_REQUEST_SIZE) {
    return isSilent(command) ? IGNORE : { kind: 'close', why: 'a request about a statement without its id' };
  }
  if (situation.caller !== 'client') return isSilent(command) ? IGNORE : error('BAD_INTERNAL_COMMAND');
  return { kind: 'about statement', command, id: request.payload.readUInt32LE(1) };
}

/** The OK of a held BEGIN: in a transaction, as far as the client can see (decisions.md 22). */
export function heldBeginOk(autocommit: boolean): Ok {
  const status = STATUS.IN_TRANS | STATUS.NO_INDEX_USED | (autocommit ? STATUS.AUTOCOMMIT : 0);
  return { ...PLAIN_OK, status };
}
