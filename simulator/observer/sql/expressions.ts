/**
 * The grammar of expressions, after Pratt: each operator has a strength, a table says which.
 *
 * Knows nothing of statements, except that a query in brackets is one (and refused as not yet built).
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './scanner.ts';
import type { AggregateName, BinaryOperator, ComparisonOperator, Expression, VariableScope } from './syntax.ts';
import { FALSE, parseDecimal, TRUE } from './value.ts';

/** How strongly an operator binds, from the weakest on. */
const ASSIGN = 1;
const OR = 2;
const XOR = 3;
const AND = 4;
const NOT = 5;
const COMPARE = 7;
const BIT_OR = 8;
const BIT_AND = 9;
const SHIFT = 10;
const SUM = 11;
const PRODUCT = 12;
const BIT_XOR = 13;
const SIGN = 14;

type Infix =
  | { readonly make: 'or' | 'xor' | 'and'; readonly strength: number }
  | { readonly make: 'compare'; readonly operator: ComparisonOperator; readonly strength: number }
  | { readonly make: 'binary'; readonly operator: BinaryOperator; readonly strength: number };

function binary(operator: BinaryOperator, strength: number): Infix {
  return { make: 'binary', operator, strength };
}

function comparison(operator: ComparisonOperator): Infix {
  return { make: 'compare', operator, strength: COMPARE };
}

const INFIX: Readonly<Record<string, Infix>> = {
  OR: { make: 'or', strength: OR },
  '||': { make: 'or', strength: OR },
  XOR: { make: 'xor', strength: XOR },
  AND: { make: 'and', strength: AND },
  '&&': { make: 'and', strength: AND },
  '=': comparison('='),
  '<=>': comparison('<=>'),
  '<>': comparison('<>'),
  '!=': comparison('<>'),
  '<': comparison('<'),
  '<=': comparison('<='),
  '>': comparison('>'),
  '>=': comparison('>='),
  '|': binary('|', BIT_OR),
  '&': binary('&', BIT_AND),
  '<<': binary('<<', SHIFT),
  '>>': binary('>>', SHIFT),
  '+': binary('+', SUM),
  '-': binary('-', SUM),
  '*': binary('*', PRODUCT),
  '/': binary('/', PRODUCT),
  '%': binary('%', PRODUCT),
  MOD: binary('%', PRODUCT),
  DIV: binary('DIV', PRODUCT),
  '^': binary('^', BIT_XOR),
};

const AGGREGATES: ReadonlySet<string> = new Set(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG']);

/** Reserved words that are functions when a bracket follows. */
const WORDS_THAT_CALL: ReadonlySet<string> = new Set(['IF', 'LEFT', 'RIGHT', 'REPLACE', 'DATABASE', 'MOD', 'INSERT']);

/** Words that stand for a call without brackets. */
const BARE_CALLS: ReadonlySet<string> = new Set(['CURRENT_USER', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP']);

export function parseExpression(from: Cursor): Expression {
  return climb(from, 0);
}

/** An operand and all operators behind it that bind more strongly than `floor`. */
function climb(from: Cursor, floor: number): Expression {
  let left = prefix(from, floor);
  for (;;) {
    const token = from.peek();
    if (token.kind !== 'mark' && token.kind !== 'word') return left;
    const infix = INFIX[token.kind === 'word' ? token.upper : token.text];
    if (infix === undefined) {
      const next = floor < COMPARE ? predicate(from, left) : null;
      if (next === null) return left;
      left = next;
      continue;
    }
    if (infix.strength <= floor) return left;
    from.take();
    const right = climb(from, infix.strength);
    left =
      infix.make === 'binary' || infix.make === 'compare'
        ? ({ kind: infix.make, operator: infix.operator, left, right } as Expression)
        : { kind: infix.make, left, right };
  }
}

/** IS, IN, BETWEEN, LIKE behind an operand; null if none of them comes. */
function predicate(from: Cursor, value: Expression): Expression | null {
  if (from.accept('IS')) {
    const negated = from.accept('NOT');
    if (from.accept('NULL') || from.accept('UNKNOWN')) return { kind: 'isNull', value, negated };
    if (from.accept('TRUE')) return { kind: 'isTruth', value, truth: true, negated };
    from.expect('FALSE');
    return { kind: 'isTruth', value, truth: false, negated };
  }
  const negated = from.isWord('NOT') && ['IN', 'BETWEEN', 'LIKE'].includes(from.peek(1).upper);
  if (negated) from.take();
  if (from.accept('IN')) {
    from.expectMark('(');
    if (from.isWord('SELECT')) throw refuse('NOT_SUPPORTED');
    const list = expressionList(from);
    from.expectMark(')');
    return { kind: 'in', value, list, negated };
  }
  if (from.accept('BETWEEN')) {
    const low = climb(from, COMPARE);
    from.expect('AND');
    return { kind: 'between', value, low, high: climb(from, COMPARE), negated };
  }
  if (from.accept('LIKE')) return { kind: 'like', value, pattern: climb(from, COMPARE), negated };
  return null;
}

function prefix(from: Cursor, floor: number): Expression {
  if (from.isWord('NOT')) {
    from.take();
    return { kind: 'not', value: climb(from, Math.max(floor, NOT)) };
  }
  if (from.acceptMark('!')) return { kind: 'not', value: climb(from, SIGN) };
  if (from.acceptMark('-')) return negated(climb(from, SIGN));
  if (from.acceptMark('+')) return climb(from, SIGN);
  if (from.acceptMark('~')) return { kind: 'invert', value: climb(from, SIGN) };
  // `_utf8mb4'x'` and `BINARY x` name a character set; there is only one here.
  if (from.accept('BINARY')) return climb(from, SIGN);
  if (from.peek().kind === 'word' && from.peek(1).kind === 'string' && from.peek().text.startsWith('_')) from.take();
  const value = operand(from);
  if (from.accept('COLLATE')) from.anyName();
  return value;
}

function negated(value: Expression): Expression {
  if (value.kind === 'literal' && typeof value.value === 'bigint') return { kind: 'literal', value: -value.value };
  return { kind: 'negate', value };
}

function operand(from: Cursor): Expression {
  const token = from.peek();
  switch (token.kind) {
    case 'integer':
      from.take();
      return { kind: 'literal', value: BigInt(token.text) };
    case 'decimal':
      from.take();
      return { kind: 'literal', value: parseDecimal(token.text) };
    case 'float':
      from.take();
      return { kind: 'literal', value: Number(token.text) };
    case 'string':
      from.take();
      return { kind: 'literal', value: token.text };
    case 'user':
      from.take();
      if (!from.acceptMark(':=')) return { kind: 'user', name: token.text };
      return { kind: 'assign', name: token.text, value: climb(from, ASSIGN) };
    case 'system':
      return systemVariable(from);
    case 'mark':
      return token.text === '?' ? { kind: 'parameter', index: from.parameter() } : bracket(from);
    case 'quoted':
      return named(from, token);
    case 'word':
      return wordOperand(from, token);
    case 'end':
      throw from.refusal();
  }
}

function bracket(from: Cursor): Expression {
  from.expectMark('(');
  if (from.isWord('SELECT')) throw refuse('NOT_SUPPORTED');
  const value = climb(from, 0);
  from.expectMark(')');
  return value;
}

const SCOPES: Readonly<Record<string, VariableScope>> = { SESSION: 'session', LOCAL: 'session', GLOBAL: 'global' };

/** `@@x`, `@@session.x`, `@@global.x`. */
export function systemVariable(from: Cursor): Expression & { readonly kind: 'system' } {
  from.take();
  const scope = from.isMark('.', 1) ? SCOPES[from.peek().upper] : undefined;
  if (scope !== undefined) {
    from.take();
    from.take();
  }
  return { kind: 'system', scope: scope ?? null, name: from.anyName().toLowerCase() };
}

const HEX_WORD = /^0[xX][0-9a-fA-F]+$/;

const CONSTANTS: Readonly<Record<string, Expression>> = {
  NULL: { kind: 'literal', value: null },
  TRUE: { kind: 'literal', value: TRUE },
  FALSE: { kind: 'literal', value: FALSE },
};

function wordOperand(from: Cursor, token: Token): Expression {
  const constant = CONSTANTS[token.upper];
  if (constant !== undefined) {
    from.take();
    return constant;
  }
  if (HEX_WORD.test(token.text)) {
    from.take();
    return { kind: 'literal', value: BigInt(token.text) };
  }
  if (token.upper === 'CASE') return caseOf(from);
  if (token.upper === 'EXISTS') throw refuse('NOT_SUPPORTED');
  if (BARE_CALLS.has(token.upper) && !from.isMark('(', 1)) {
    from.take();
    return { kind: 'call', name: token.upper, arguments: [] };
  }
  if (from.isMark('(', 1) && (from.isName() || WORDS_THAT_CALL.has(token.upper))) return call(from, token.upper);
  return named(from, token);
}

/** A column: `c`, `t.c`, `d.t.c`. */
function named(from: Cursor, token: Token): Expression {
  if (token.kind === 'quoted' && from.isMark('(', 1)) return call(from, token.text.toUpperCase());
  const first = from.name();
  if (!from.acceptMark('.')) return { kind: 'column', table: null, name: first };
  const second = from.anyName();
  if (!from.acceptMark('.')) return { kind: 'column', table: first, name: second };
  return { kind: 'column', table: second, name: from.anyName() };
}

function call(from: Cursor, name: string): Expression {
  from.take();
  from.expectMark('(');
  if (AGGREGATES.has(name)) return aggregate(from, name as AggregateName);
  if (name === 'CAST') return cast(from);
  const list = from.isMark(')') ? [] : expressionList(from);
  from.expectMark(')');
  return { kind: 'call', name, arguments: list };
}

function aggregate(from: Cursor, name: AggregateName): Expression {
  if (name === 'COUNT' && from.acceptMark('*')) {
    from.expectMark(')');
    return { kind: 'aggregate', name, distinct: false, value: null };
  }
  const distinct = from.accept('DISTINCT');
  const value = climb(from, 0);
  from.expectMark(')');
  return { kind: 'aggregate', name, distinct, value };
}

const CASTS: Readonly<Record<string, string>> = {
  SIGNED: 'SIGNED',
  UNSIGNED: 'UNSIGNED',
  CHAR: 'CHAR',
  BINARY: 'CHAR',
};

/** `CAST(x AS type)` is the call `CAST_type(x)`. */
function cast(from: Cursor): Expression {
  const value = climb(from, 0);
  from.expect('AS');
  const type = CASTS[from.peek().upper];
  if (type === undefined) throw refuse('NOT_SUPPORTED');
  from.take();
  if (from.acceptMark('(')) {
    from.take();
    from.expectMark(')');
  }
  if (type !== 'CHAR') from.accept('INTEGER');
  from.expectMark(')');
  return { kind: 'call', name: `CAST_${type}`, arguments: [value] };
}

function caseOf(from: Cursor): Expression {
  from.expect('CASE');
  const subject = from.isWord('WHEN') ? null : climb(from, 0);
  const branches: [Expression, Expression][] = [];
  while (from.accept('WHEN')) {
    const when = climb(from, 0);
    from.expect('THEN');
    branches.push([when, climb(from, 0)]);
  }
  if (branches.length === 0) throw from.refusal();
  const otherwise = from.accept('ELSE') ? climb(from, 0) : null;
  from.expect('END');
  return { kind: 'case', subject, branches, otherwise };
}

export function expressionList(from: Cursor): Expression[] {
  const list = [climb(from, 0)];
  while (from.acceptMark(',')) list.push(climb(from, 0));
  return list;
}
