/**
 * The grammar of what stands behind FROM: tables, joins, queries in brackets.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { expressionsGrammar, parseExpression } from './expressions.ts';
import type { From, Join, TableName } from './syntax.ts';

export function parseFrom(from: Cursor): From {
  if (from.accept('DUAL')) return { kind: 'nothing' };
  let left = joined(from);
  while (from.acceptMark(',')) left = { kind: 'join', side: 'inner', left, right: joined(from), on: null, using: null };
  return left;
}

/** A table and all that is joined to it; joins bind more strongly than the comma. */
function joined(from: Cursor): From {
  let left = source(from);
  for (;;) {
    const side = joinWord(from);
    if (side === null) return left;
    const right = source(from);
    left = { kind: 'join', left, right, ...side, ...condition(from, side) };
  }
}

type Side = Pick<Join, 'side'> & { readonly natural: boolean };

function joinWord(from: Cursor): Side | null {
  const natural = from.accept('NATURAL');
  if (from.accept('JOIN') || from.accept('STRAIGHT_JOIN')) return { side: 'inner', natural };
  if (!natural && from.accept('CROSS', 'JOIN')) return { side: 'inner', natural };
  if (from.accept('INNER')) {
    from.expect('JOIN');
    return { side: 'inner', natural };
  }
  const side = from.accept('LEFT') ? 'left' : from.accept('RIGHT') ? 'right' : null;
  if (side === null) {
    if (natural) throw from.refusal();
    return null;
  }
  from.accept('OUTER');
  from.expect('JOIN');
  return { side, natural };
}

function condition(from: Cursor, { side, natural }: Side): Pick<Join, 'on' | 'using'> {
  if (natural) return { on: null, using: 'natural' };
  if (from.accept('ON')) return { on: parseExpression(from), using: null };
  if (!from.accept('USING')) {
    if (side !== 'inner') throw from.refusal();
    return { on: null, using: null };
  }
  from.expectMark('(');
  const using = [from.name()];
  while (from.acceptMark(',')) using.push(from.name());
  from.expectMark(')');
  return { on: null, using };
}

function source(from: Cursor): From {
  if (from.accept('TABLE')) return generator(from);
  if (from.isMark('(')) return bracketed(from);
  return { kind: 'table', table: parseTableName(from, true) };
}

function generator(from: Cursor): From {
  from.expectMark('(');
  from.expect('GENERATOR');
  from.expectMark('(');
  const count = parseExpression(from);
  from.expectMark(')');
  from.expectMark(')');
  parseTableAlias(from);
  return { kind: 'generator', count };
}

function bracketed(from: Cursor): From {
  if (!expressionsGrammar.isQuery(from)) {
    from.expectMark('(');
    const inner = parseFrom(from);
    from.expectMark(')');
    return inner;
  }
  from.expectMark('(');
  const query = expressionsGrammar.parseQuery(from);
  from.expectMark(')');
  const alias = parseTableAlias(from);
  if (alias === null) throw refuse('ALIAS_NEEDED');
  return { kind: 'derived', query, alias };
}

function parseTableAlias(from: Cursor): string | null {
  if (from.accept('AS')) return from.name();
  return from.isName() ? from.name() : null;
}

const HINTS: readonly string[] = ['USE', 'FORCE', 'IGNORE'];

export function parseTableName(from: Cursor, aliased: boolean): TableName {
  const first = from.name();
  const second = from.acceptMark('.') ? from.anyName() : null;
  const called = aliased ? parseTableAlias(from) : null;
  if (aliased) while (HINTS.includes(from.peek().upper) && /^(INDEX|KEY)$/.test(from.peek(1).upper)) indexHint(from);
  return { database: second === null ? null : first, name: second ?? first, alias: called };
}

/** `USE INDEX (a, b)` and its like change nothing here. */
function indexHint(from: Cursor): void {
  from.take();
  from.take();
  from.expectMark('(');
  while (!from.acceptMark(')')) {
    if (from.atEnd) throw from.refusal();
    from.take();
  }
}
