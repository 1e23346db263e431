/**
 * The grammar of SET: system and user variables, NAMES, the traits of transactions.
 *
 * Takes several assignments of any kind in one statement, NAMES among them (MariaDB's drivers send that), and the form
 * in which a proxy replays a session: `SET @@x = v, @u = v` (decisions.md 17).
 */
import type { Cursor } from './cursor.ts';
import { parseExpression, systemVariable } from './expressions.ts';
import type { Assignment, Expression, Statement, TransactionTraits, VariableScope } from './syntax.ts';

const SCOPES: Readonly<Record<string, VariableScope>> = { SESSION: 'session', LOCAL: 'session', GLOBAL: 'global' };

export function parseSet(from: Cursor): Statement {
  from.expect('SET');
  const scope = SCOPES[from.peek().upper];
  if (from.isWord('TRANSACTION') || (scope !== undefined && from.isWord('TRANSACTION', 1))) {
    if (scope !== undefined) from.take();
    return { kind: 'set transaction', traits: traits(from, scope ?? 'next') };
  }
  const assignments = [assignment(from)];
  while (from.acceptMark(',')) assignments.push(assignment(from));
  return { kind: 'set', assignments };
}

function assignment(from: Cursor): Assignment {
  const token = from.peek();
  if (token.kind === 'user') {
    from.take();
    equals(from);
    return { kind: 'user', name: token.text, value: parseExpression(from) };
  }
  if (token.kind === 'system') {
    const variable = systemVariable(from);
    equals(from);
    return { kind: 'system', scope: variable.scope ?? 'session', name: variable.name, value: value(from) };
  }
  if (from.accept('NAMES')) return names(from);
  if (from.accept('CHARACTER', 'SET') || from.accept('CHARSET')) {
    return { kind: 'names', charset: charsetName(from), collation: null };
  }
  const scope = SCOPES[token.upper];
  if (scope !== undefined) from.take();
  const name = from.anyName().toLowerCase();
  equals(from);
  return { kind: 'system', scope: scope ?? 'session', name, value: value(from) };
}

function equals(from: Cursor): void {
  if (!from.acceptMark('=')) from.expectMark(':=');
}

/** Words that stand for themselves as values: `SET sql_log_bin = ON`, `SET x = BINARY`. */
const WORD_VALUES: ReadonlySet<string> = new Set(['ON', 'ALL', 'BINARY']);

/** Null is DEFAULT. A bare name is a text: `SET character_set_client = utf8mb4`. */
function value(from: Cursor): Expression | null {
  if (from.accept('DEFAULT')) return null;
  const token = from.peek();
  if (token.kind === 'word' && WORD_VALUES.has(token.upper)) {
    from.take();
    return { kind: 'literal', value: token.text };
  }
  const read = parseExpression(from);
  return read.kind === 'column' && read.table === null ? { kind: 'literal', value: read.name } : read;
}

function charsetName(from: Cursor): string | null {
  if (from.accept('DEFAULT')) return null;
  return from.peek().kind === 'string' ? from.take().text : from.anyName();
}

function names(from: Cursor): Assignment {
  const charset = charsetName(from);
  if (!from.accept('COLLATE')) return { kind: 'names', charset, collation: null };
  return { kind: 'names', charset, collation: from.peek().kind === 'string' ? from.take().text : from.anyName() };
}

const ISOLATION: Readonly<Record<string, string>> = {
  'READ COMMITTED': 'READ-COMMITTED',
  'READ UNCOMMITTED': 'READ-UNCOMMITTED',
  'REPEATABLE READ': 'REPEATABLE-READ',
};

function traits(from: Cursor, scope: VariableScope | 'next'): TransactionTraits {
  from.expect('TRANSACTION');
  let isolation: string | null = null;
  let readOnly: boolean | null = null;
  do {
    if (from.accept('ISOLATION', 'LEVEL')) {
      if (from.accept('SERIALIZABLE')) {
        isolation = 'SERIALIZABLE';
        continue;
      }
      const level = ISOLATION[`${from.peek().upper} ${from.peek(1).upper}`];
      if (level === undefined) throw from.refusal();
      from.take();
      from.take();
      isolation = level;
    } else {
      from.expect('READ');
      readOnly = from.accept('ONLY');
      if (!readOnly) from.expect('WRITE');
    }
  } while (from.acceptMark(','));
  return { scope, isolation, readOnly };
}
