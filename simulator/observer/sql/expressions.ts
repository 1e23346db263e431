/**
 * The grammar of expressions, after Pratt: each operator has a strength, a table says which.
 *
 * Knows nothing of statements; a query in brackets is read by the grammar that `statements.ts` hands in.
 */
import { refuse } from '../refusal.ts';
import { bytesOfText, textOrBytes } from './byte-text.ts';
import { type CallGrammar, parseCall, parseUnit, WORDS_THAT_CALL } from './calls.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './scanner.ts';
import type { BinaryOperator, ComparisonOperator, Escape, Expression, Query, VariableScope } from './syntax.ts';
import { FALSE, parseDecimal, TRUE } from './value.ts';

/** What expressions need of the grammar of queries, which needs expressions: handed in, so that there is no circle. */
export const expressionsGrammar: { isQuery(from: Cursor): boolean; parseQuery(from: Cursor): Query } = {
  isQuery: () => false,
  parseQuery: (from) => {
    throw from.refusal();
  },
};

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

/** Words that stand for a call without brackets. */
const BARE_CALLS: ReadonlySet<string> = new Set(
  'CURRENT_USER CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIME LOCALTIMESTAMP UTC_TIMESTAMP UTC_DATE UTC_TIME'.split(
    ' ',
  ),
);

export function parseExpression(from: Cursor): Expression {
  return climb(from, 0);
}

/** An operand and all operators behind it that bind more strongly than `floor`. */
function climb(from: Cursor, floor: number): Expression {
  from.deeper();
  const value = chain(from, floor, prefix(from, floor));
  from.shallower();
  return value;
}

function chain(from: Cursor, floor: number, first: Expression): Expression {
  let left = first;
  for (let count = 1; ; count += 1) {
    from.chained(count);
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
    if (infix.strength === SUM && from.isWord('INTERVAL')) {
      left = stepped(from, token.text === '+' ? 'DATE_ADD' : 'DATE_SUB', left);
      continue;
    }
    const right = climb(from, infix.strength);
    left =
      infix.make === 'binary' || infix.make === 'compare'
        ? ({ kind: infix.make, operator: infix.operator, left, right } as Expression)
        : { kind: infix.make, left, right };
  }
}

/** `x + INTERVAL 1 DAY` is DATE_ADD(x, INTERVAL 1 DAY). */
function stepped(from: Cursor, name: string, value: Expression): Expression {
  const [amount, unit] = interval(from);
  return { kind: 'call', name, arguments: [value, amount, unit] };
}

function interval(from: Cursor): readonly [amount: Expression, unit: Expression] {
  from.expect('INTERVAL');
  const amount = climb(from, 0);
  return [amount, parseUnit(from)];
}

const NEGATABLE: readonly string[] = ['IN', 'BETWEEN', 'LIKE', 'REGEXP', 'RLIKE'];

/** IS, IN, BETWEEN, LIKE behind an operand; null if none of them comes. */
function predicate(from: Cursor, value: Expression): Expression | null {
  if (from.accept('IS')) {
    const negated = from.accept('NOT');
    if (from.accept('NULL') || from.accept('UNKNOWN')) return { kind: 'isNull', value, negated };
    if (from.accept('TRUE')) return { kind: 'isTruth', value, truth: true, negated };
    from.expect('FALSE');
    return { kind: 'isTruth', value, truth: false, negated };
  }
  const negated = from.isWord('NOT') && NEGATABLE.includes(from.peek(1).upper);
  if (negated) from.take();
  if (from.accept('IN')) return inList(from, value, negated);
  if (from.accept('BETWEEN')) {
    const low = climb(from, COMPARE);
    from.expect('AND');
    return { kind: 'between', value, low, high: climb(from, COMPARE), negated };
  }
  if (from.accept('LIKE')) {
    const pattern = climb(from, COMPARE);
    return { kind: 'like', value, pattern, escape: escapeOf(from), negated };
  }
  if (from.accept('REGEXP') || from.accept('RLIKE')) {
    return { kind: 'regexp', value, pattern: climb(from, COMPARE), negated };
  }
  return null;
}

function escapeOf(from: Cursor): Escape {
  if (!from.accept('ESCAPE')) return '\\';
  if (from.isMark('?')) return { parameter: from.parameter() };
  if (from.peek().kind !== 'string') throw from.refusal();
  const { text } = from.take();
  if ([...text].length > 1) throw refuse('WRONG_ARGUMENTS', 'ESCAPE');
  return text;
}

function inList(from: Cursor, value: Expression, negated: boolean): Expression {
  if (from.isMark('(') && expressionsGrammar.isQuery(from)) {
    from.expectMark('(');
    const query = expressionsGrammar.parseQuery(from);
    from.expectMark(')');
    return { kind: 'inQuery', value, query, negated };
  }
  from.expectMark('(');
  const list = expressionList(from);
  from.expectMark(')');
  return { kind: 'in', value, list, negated };
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
  if (from.accept('BINARY')) return bytesOf(climb(from, SIGN));
  // `_utf8mb4'x'` and `N'x'` name a character set; there is only one here.
  const isNamed = from.peek().kind === 'word' && from.peek(1).kind === 'string' && /^(_.*|N)$/i.test(from.peek().text);
  const isBinary = isNamed && from.take().upper === '_BINARY';
  const value: Expression = isBinary ? { kind: 'literal', value: bytesOfText(from.take().text) } : operand(from);
  if (!from.accept('COLLATE')) return value;
  const collation = from.peek().kind === 'string' ? from.take().text : from.anyName();
  if (/_bin$|^binary$/i.test(collation)) return bytesOf(value);
  return { kind: 'cast', value, to: { name: 'CHAR', length: null, scale: 0 } };
}

function bytesOf(value: Expression): Expression {
  return { kind: 'cast', value, to: { name: 'BINARY', length: null, scale: 0 } };
}

/** −2^63 is a literal; what is beyond becomes a decimal by itself. */
const MOST_NEGATED = 1n << 63n;

function negated(value: Expression): Expression {
  if (value.kind === 'literal' && typeof value.value === 'bigint' && value.value <= MOST_NEGATED) {
    return { kind: 'literal', value: -value.value };
  }
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
      return { kind: 'literal', value: textOrBytes(token.text) };
    case 'bytes':
      from.take();
      return { kind: 'literal', value: Buffer.from(token.text, 'hex') };
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
  if (from.isMark('(') && expressionsGrammar.isQuery(from)) {
    from.expectMark('(');
    const query = expressionsGrammar.parseQuery(from);
    from.expectMark(')');
    return { kind: 'query', query };
  }
  from.expectMark('(');
  const value = climb(from, 0);
  if (from.isMark(',')) {
    const values = [value];
    while (from.acceptMark(',')) values.push(climb(from, 0));
    from.expectMark(')');
    return { kind: 'row', values };
  }
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
  if (token.upper === 'CASE') return caseOf(from);
  if (token.upper === 'EXISTS') return exists(from);
  if (token.upper === 'DEFAULT') return defaultOf(from);
  const typed = TYPED_TEXTS[token.upper];
  if (typed !== undefined && from.peek(1).kind === 'string') {
    from.take();
    const { text } = from.take();
    const scale = Math.min(6, /\.(\d+)\s*$/.exec(text)?.[1]?.length ?? 0);
    return { kind: 'cast', value: { kind: 'literal', value: text }, to: { name: typed, length: null, scale } };
  }
  if (token.upper === 'INTERVAL' && !isIntervalCall(from)) {
    const [amount, unit] = interval(from);
    from.expectMark('+');
    return { kind: 'call', name: 'DATE_ADD', arguments: [climb(from, SUM), amount, unit] };
  }
  if (BARE_CALLS.has(token.upper) && !from.isMark('(', 1)) {
    from.take();
    return { kind: 'call', name: token.upper, arguments: [] };
  }
  if (from.isMark('(', 1) && (from.isName() || WORDS_THAT_CALL.has(token.upper))) return call(from, token.upper);
  return named(from, token);
}

/** `DATE '2024-01-31'`. */
const TYPED_TEXTS: Readonly<Record<string, 'DATE' | 'TIME' | 'DATETIME'>> = {
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP: 'DATETIME',
};

/** INTERVAL(a, b, …) is a function; `INTERVAL (a) DAY` is not. */
function isIntervalCall(from: Cursor): boolean {
  if (!from.isMark('(', 1)) return false;
  let depth = 0;
  for (let ahead = 1; ; ahead += 1) {
    if (from.isMark('(', ahead)) depth += 1;
    else if (from.isMark(')', ahead)) {
      depth -= 1;
      if (depth === 0) return false;
    } else if (depth === 1 && from.isMark(',', ahead)) return true;
    else if (from.peek(ahead).kind === 'end') return false;
  }
}

function exists(from: Cursor): Expression {
  from.expect('EXISTS');
  from.expectMark('(');
  const query = expressionsGrammar.parseQuery(from);
  from.expectMark(')');
  return { kind: 'exists', query };
}

function defaultOf(from: Cursor): Expression {
  from.expect('DEFAULT');
  if (!from.acceptMark('(')) return { kind: 'default', column: null };
  let column = from.name();
  while (from.acceptMark('.')) column = from.anyName();
  from.expectMark(')');
  return { kind: 'default', column };
}

/** A column: `c`, `t.c`, `d.t.c`. */
function named(from: Cursor, token: Token): Expression {
  if (token.kind === 'quoted' && from.isMark('(', 1)) return call(from, token.text.toUpperCase());
  const first = from.name();
  if (!from.acceptMark('.')) return { kind: 'column', table: null, name: first };
  const second = from.anyName();
  if (!from.acceptMark('.')) return { kind: 'column', table: first, name: second };
  return { kind: 'column', table: second, name: from.anyName(), database: first };
}

const CALLS: CallGrammar = { expression: parseExpression, list: expressionList, interval };

function call(from: Cursor, name: string): Expression {
  from.take();
  return parseCall(from, name, CALLS);
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
