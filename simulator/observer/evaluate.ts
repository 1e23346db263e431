/**
 * What an expression is worth, on a row or on none.
 *
 * A table from the kind of an expression to its rule. Three-valued: NULL is neither true nor false. Column names have
 * been checked before (`columns.ts`). Evaluation takes no time: SLEEP only says how long the answer is to wait.
 */
import { findFunction } from './functions.ts';
import { refuse } from './refusal.ts';
import type { ComparisonOperator, Expression } from './sql/syntax.ts';
import {
  arithmetic,
  compare,
  Decimal,
  FALSE,
  isTrue,
  numeric,
  TRUE,
  textOf,
  toInteger,
  truth,
  type Value,
} from './sql/value.ts';
import type { Row, Table } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { findVariable } from './variables.ts';

/** Where an expression is evaluated. One object serves all rows of a statement: `row` is put in its place. */
export interface Scope {
  readonly around: Surroundings;
  readonly table: Table | null;
  row: Row | null;
  /** What the aggregates of a list are worth, once all rows have been seen; null while there are none. */
  aggregates: ReadonlyMap<Expression, Value> | null;
}

type Rule<E extends Expression> = (it: E, scope: Scope) => Value;
type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;

const COMPARISONS: Readonly<Record<Exclude<ComparisonOperator, '<=>'>, (sign: number) => boolean>> = {
  '=': (sign) => sign === 0,
  '<>': (sign) => sign !== 0,
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
};

const BITS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => (b > 63n ? 0n : a << b),
  '>>': (a, b) => a >> b,
};

const RULES: { readonly [K in Expression['kind']]: Rule<Of<K>> } = {
  literal: (it) => it.value,
  parameter: (it, scope) => scope.around.parameter(it.index) ?? null,
  column: columnValue,
  system: (it, scope) => scope.around.systemValue(findVariable(it.name), it.scope ?? 'session'),
  user: (it, scope) => scope.around.userValue(it.name),
  assign: assign,
  negate: negate,
  invert: invert,
  not: not,
  binary: binary,
  compare: comparison,
  and: and,
  or: or,
  xor: xor,
  isNull: (it, scope) => truth((evaluate(it.value, scope) === null) !== it.negated),
  isTruth: isTruth,
  in: isIn,
  between: between,
  like: like,
  case: caseOf,
  call: call,
  aggregate: aggregate,
};

export function evaluate(it: Expression, scope: Scope): Value {
  return (RULES[it.kind] as Rule<Expression>)(it, scope);
}

function columnValue(it: Of<'column'>, scope: Scope): Value {
  if (scope.table === null) throw refuse('UNKNOWN_COLUMN', it.name, 'field list');
  return scope.row?.[scope.table.indexOf(it.name)] ?? null;
}

function assign(it: Of<'assign'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  scope.around.assignUser(it.name, value);
  return value;
}

function negate(it: Of<'negate'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  if (value === null) return null;
  const number = numeric(value);
  return number instanceof Decimal ? new Decimal(-number.units, number.scale) : -number;
}

function invert(it: Of<'invert'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  return value === null ? null : BigInt.asUintN(64, ~toInteger(value));
}

function not(it: Of<'not'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  return value === null ? null : truth(!isTrue(value));
}

function binary(it: Of<'binary'>, scope: Scope): Value {
  const left = evaluate(it.left, scope);
  const right = evaluate(it.right, scope);
  const bits = BITS[it.operator];
  if (bits === undefined) return arithmetic(it.operator as Parameters<typeof arithmetic>[0], left, right);
  if (left === null || right === null) return null;
  return BigInt.asUintN(64, bits(BigInt.asUintN(64, toInteger(left)), BigInt.asUintN(64, toInteger(right))));
}

function comparison(it: Of<'compare'>, scope: Scope): Value {
  const left = evaluate(it.left, scope);
  const right = evaluate(it.right, scope);
  if (it.operator === '<=>') {
    return truth(left === null || right === null ? left === right : compare(left, right) === 0);
  }
  if (left === null || right === null) return null;
  return truth(COMPARISONS[it.operator](compare(left, right)));
}

function and(it: Of<'and'>, scope: Scope): Value {
  const left = evaluate(it.left, scope);
  if (left !== null && !isTrue(left)) return FALSE;
  const right = evaluate(it.right, scope);
  if (right !== null && !isTrue(right)) return FALSE;
  return left === null || right === null ? null : TRUE;
}

function or(it: Of<'or'>, scope: Scope): Value {
  const left = evaluate(it.left, scope);
  if (isTrue(left)) return TRUE;
  const right = evaluate(it.right, scope);
  if (isTrue(right)) return TRUE;
  return left === null || right === null ? null : FALSE;
}

function xor(it: Of<'xor'>, scope: Scope): Value {
  const left = evaluate(it.left, scope);
  const right = evaluate(it.right, scope);
  return left === null || right === null ? null : truth(isTrue(left) !== isTrue(right));
}

function isTruth(it: Of<'isTruth'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  const holds = value !== null && isTrue(value) === it.truth;
  return truth(holds !== it.negated);
}

function isIn(it: Of<'in'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  if (value === null) return null;
  let unknown = false;
  for (const entry of it.list) {
    const candidate = evaluate(entry, scope);
    if (candidate === null) unknown = true;
    else if (compare(value, candidate) === 0) return truth(!it.negated);
  }
  return unknown ? null : truth(it.negated);
}

function between(it: Of<'between'>, scope: Scope): Value {
  const value = evaluate(it.value, scope);
  const low = evaluate(it.low, scope);
  const high = evaluate(it.high, scope);
  if (value === null || low === null || high === null) return null;
  return truth((compare(value, low) >= 0 && compare(value, high) <= 0) !== it.negated);
}

function like(it: Of<'like'>, scope: Scope): Value {
  const value = textOf(evaluate(it.value, scope));
  const pattern = textOf(evaluate(it.pattern, scope));
  if (value === null || pattern === null) return null;
  return truth(isLike(value, pattern) !== it.negated);
}

/** `%` is any run of characters, `_` any one, a backslash takes both meanings away; case does not count. */
export function isLike(value: string, pattern: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i]!;
    if (character === '\\' && i + 1 < pattern.length) {
      i += 1;
      source += escapeForRegExp(pattern[i]!);
    } else {
      source += character === '%' ? '[^]*' : character === '_' ? '[^]' : escapeForRegExp(character);
    }
  }
  return new RegExp(`^${source}$`, 'i').test(value);
}

function escapeForRegExp(character: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
}

function caseOf(it: Of<'case'>, scope: Scope): Value {
  const subject = it.subject === null ? null : evaluate(it.subject, scope);
  for (const [when, then] of it.branches) {
    const value = evaluate(when, scope);
    const holds =
      it.subject === null ? isTrue(value) : subject !== null && value !== null && compare(subject, value) === 0;
    if (holds) return evaluate(then, scope);
  }
  return it.otherwise === null ? null : evaluate(it.otherwise, scope);
}

function call(it: Of<'call'>, scope: Scope): Value {
  const found = findFunction(it.name);
  if (found === null) throw unknownFunction(it.name, scope.around.database);
  const values: Value[] = [];
  for (const argument of it.arguments) values.push(evaluate(argument, scope));
  return found.call(values, scope.around);
}

/** ERROR 1305; a function that is none may be a routine of the current database. */
export function unknownFunction(name: string, database: string | null): Error {
  return refuse('UNKNOWN_FUNCTION', database === null ? name : `${database}.${name.toLowerCase()}`);
}

function aggregate(it: Of<'aggregate'>, scope: Scope): Value {
  const value = scope.aggregates?.get(it);
  if (value === undefined) throw refuse('WRONG_AGGREGATE_USE');
  return value;
}
