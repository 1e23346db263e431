/**
 * What becomes of a request about a prepared statement (odp-relay.md §2.8): EXECUTE, SEND_LONG_DATA,
 * OceanBase's SEND_PIECE_DATA, FETCH, RESET, CLOSE.
 *
 * CLOSE and RESET are done here, without a word of an observer; the others go to one. Knows no connection.
 */
import { COM } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { type Err, type Ok, PLAIN_OK } from '../wire/ok.ts';
import type { Keeper, Statement, StatementServer, Statements } from './statements.ts';

/** Where a request may go: anywhere, only to the server session used last, only to this server; `lost`: to none that is left. */
export type Destination = 'any' | 'last' | 'lost' | { readonly server: number };

export type StatementAction =
  | { readonly kind: 'ask'; readonly statement: Statement; readonly destination: Destination }
  | { readonly kind: 'ok'; readonly ok: Ok }
  | { readonly kind: 'error'; readonly error: Err }
  /** An answer that an observer has given before. */
  | { readonly kind: 'refusal'; readonly bytes: Buffer }
  | { readonly kind: 'ignore' };

/** The client's statements, and where its requests go. */
export interface Holder {
  readonly statements: Statements;
  /** The server session used last. */
  readonly servers: { readonly bound: StatementServer | null };
  /** Requests may not leave it: a transaction is open there. */
  readonly stays: boolean;
}

/** Commands that have no answer: an ERR would be taken for the answer to the next one. */
export function isSilent(command: number): boolean {
  return command === COM.STMT_CLOSE || command === COM.STMT_SEND_LONG_DATA;
}

const IGNORE: StatementAction = { kind: 'ignore' };
const OK: StatementAction = { kind: 'ok', ok: PLAIN_OK };
const UNKNOWN: StatementAction = { kind: 'error', error: errorOf('STATEMENT_HANDLE') };
const NO_CURSOR: StatementAction = { kind: 'error', error: errorOf('CURSOR_NOT_EXIST') };

export function aboutStatement(command: number, id: number, holder: Holder): StatementAction {
  const statement = holder.statements.find(id);
  if (statement === undefined) {
    if (isSilent(command)) return IGNORE;
    return command === COM.STMT_FETCH ? NO_CURSOR : UNKNOWN;
  }
  switch (command) {
    case COM.STMT_CLOSE:
      holder.statements.close(statement);
      return IGNORE;
    case COM.STMT_RESET:
      statement.reset();
      return OK;
    case COM.STMT_FETCH:
      return statement.cursor === null ? NO_CURSOR : ask(statement, statement.cursor, holder);
    case COM.STMT_SEND_LONG_DATA:
      return statement.refusal === null ? ask(statement, statement.pieces, holder) : IGNORE;
    default: {
      const bytes = statement.takeRefusal();
      return bytes === null ? ask(statement, statement.pieces, holder) : { kind: 'refusal', bytes };
    }
  }
}

/** What is kept by a server session other than that of the transaction cannot be had in it: as if it were lost. */
function ask(statement: Statement, keeper: Keeper, { servers, stays }: Holder): StatementAction {
  if (keeper === null) return { kind: 'ask', statement, destination: statement.last ? 'last' : 'any' };
  return { kind: 'ask', statement, destination: stays && keeper !== servers.bound ? 'lost' : keeper };
}
