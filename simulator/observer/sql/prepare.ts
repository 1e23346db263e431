/**
 * The grammar of PREPARE, EXECUTE and DEALLOCATE PREPARE: prepared statements in the text protocol.
 */
import type { Cursor } from './cursor.ts';
import type { Expression, Statement } from './syntax.ts';

/** `PREPARE name FROM 'text'` or `FROM @variable`. */
export function parsePrepare(from: Cursor): Statement {
  from.expect('PREPARE');
  const name = from.name();
  from.expect('FROM');
  if (from.peek().kind === 'string')
    return { kind: 'prepare', name, text: { kind: 'literal', value: from.take().text } };
  return { kind: 'prepare', name, text: userVariable(from) };
}

function userVariable(from: Cursor): Expression {
  if (from.peek().kind !== 'user') throw from.refusal();
  return { kind: 'user', name: from.take().text };
}

export function parseExecute(from: Cursor): Statement {
  from.expect('EXECUTE');
  const name = from.name();
  const values: Expression[] = [];
  if (from.accept('USING')) {
    do values.push(userVariable(from));
    while (from.acceptMark(','));
  }
  return { kind: 'execute', name, values };
}

/** `DEALLOCATE PREPARE name`, `DROP PREPARE name`. */
export function parseDeallocate(from: Cursor): Statement {
  from.take();
  from.expect('PREPARE');
  return { kind: 'deallocate', name: from.name() };
}
