/**
 * From syntax to what can be evaluated: names are found, types are known, unknown ones are refused.
 *
 * A table from the kind of an expression to its rule. So an unknown column, variable or function is refused also where
 * no row is ever looked at.
 */
import {
  AggregateValue,
  And,
  Assigned,
  Between,
  type Bound,
  Compared,
  In,
  Is,
  Literal,
  Not,
  Or,
  SystemValue,
  UserValue,
  Xor,
} from './bound.ts';
import { Call } from './bound-call.ts';
import { Case, FirstValue } from './bound-choices.ts';
import { Arithmetic, Bits, Inverted, isBitOperator, Like, Negated, Numbered, Regexp } from './bound-operators.ts';
import { Exists, InQuery, QueryValue } from './bound-queries.ts';
import { castOf } from './casting.ts';
import { comparerOf, doubleOf } from './comparing.ts';
import { findFunction } from './functions.ts';
import type { Clause, Names } from './names.ts';
import type { Planner } from './plan.ts';
import { refuse } from './refusal.ts';
import { shown, spelled } from './shown.ts';
import type { Aggregate, Escape, Expression } from './sql/syntax.ts';
import { Decimal, textOf, type Value } from './sql/value.ts';
import type { Parameter, Surroundings } from './surroundings.ts';
import {
  binaryType,
  common,
  DOUBLE,
  decimalType,
  doubleType,
  INTEGER,
  integerType,
  isNumeric,
  isText,
  NULL_TYPE,
  notNull,
  orNull,
  type SqlType,
  textType,
  UNSIGNED,
} from './types.ts';
import { findVariable, isNumeric as isNumericVariable } from './variables.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;
type Rule<E extends Expression> = (it: E, binder: Binder) => Bound;

/** An aggregate that a query needs, and where its value will be. */
export interface BoundAggregate {
  readonly syntax: Aggregate;
  readonly values: readonly Bound[];
  readonly orderBy: readonly { readonly value: Bound; readonly descending: boolean }[];
  readonly type: SqlType;
}

const MOST_SIGNED = (1n << 63n) - 1n;

const RULES: { readonly [K in Expression['kind']]: Rule<Of<K>> } = {
  literal: (it) => literalOf(it.value),
  parameter: (it, binder) => parameterOf(binder.around.parameter(it.index)),
  column: (it, binder) => binder.column(it),
  default: () => {
    throw refuse('NOT_SUPPORTED_DETAIL', 'DEFAULT here');
  },
  proposed: (it, binder) => binder.proposed(it.column),
  system: (it, binder) => {
    if (it.name === 'warning_count') return new Literal(INTEGER, BigInt(binder.around.warningCount));
    if (it.name === 'error_count') return new Literal(INTEGER, BigInt(binder.around.errorCount));
    const variable = findVariable(it.name);
    const type = isNumericVariable(variable) ? INTEGER : textType(64);
    return new SystemValue(variable.kind === 'number' ? DOUBLE : type, variable, it.scope ?? 'session');
  },
  user: (it, binder) => userValueOf(binder.around.userValue(it.name), it.name),
  assign: (it, binder) => new Assigned(it.name, binder.bind(it.value)),
  negate: (it, binder) => new Negated(binder.single(it.value)),
  invert: (it, binder) => new Inverted(binder.single(it.value)),
  not: (it, binder) => new Not(binder.condition(it.value)),
  binary: (it, binder) => {
    const left = binder.single(it.left);
    const right = binder.single(it.right);
    return isBitOperator(it.operator) ? new Bits(it.operator, left, right) : new Arithmetic(it.operator, left, right);
  },
  compare: comparison,
  and: (it, binder) => new And(binder.condition(it.left), binder.condition(it.right)),
  or: (it, binder) => new Or(binder.condition(it.left), binder.condition(it.right)),
  xor: (it, binder) => new Xor(binder.condition(it.left), binder.condition(it.right)),
  isNull: (it, binder) => new Is(binder.single(it.value), null, it.negated),
  isTruth: (it, binder) => new Is(binder.single(it.value), it.truth, it.negated),
  in: inList,
  between: (it, binder) => {
    const parts = [binder.single(it.value), binder.single(it.low), binder.single(it.high)] as const;
    const [value, low, high] = parts;
    return new Between(parts, comparerOf(value.type, low.type), comparerOf(value.type, high.type), it.negated);
  },
  like: (it, binder) =>
    new Like(binder.single(it.value), binder.single(it.pattern), escaping(it.escape, binder.around), it.negated),
  regexp: (it, binder) => new Regexp(binder.single(it.value), binder.single(it.pattern), it.negated),
  case: caseOf,
  cast: (it, binder) =>
    castOf(it.to.name === 'CHAR' ? spelled(binder.single(it.value)) : binder.single(it.value), it.to),
  call: callOf,
  aggregate: (it, binder) => binder.aggregate(it),
  row: () => {
    throw refuse('OPERAND_COLUMNS', 1);
  },
  query: (it, binder) => new QueryValue(binder.plan(it.query)),
  exists: (it, binder) => new Exists(binder.plan(it.query)),
  inQuery: (it, binder) => {
    const subjects = it.value.kind === 'row' ? it.value.values : [it.value];
    return new InQuery(
      subjects.map((one) => binder.bind(one)),
      binder.plan(it.query),
      it.negated,
    );
  },
};

/** What a binder is to know beyond names. */
export interface BinderOptions {
  /** Names of the select list, which ORDER BY, GROUP BY and HAVING may use; `first` before columns of the same name. */
  readonly aliases?: { readonly byName: ReadonlyMap<string, Bound>; readonly first: boolean };
  /** Where aggregates are put; none allowed if it is not there. */
  readonly aggregates?: BoundAggregate[];
  /** What `VALUES(c)` is; NULL where nothing is proposed. */
  readonly proposed?: (column: string) => Bound;
}

export class Binder {
  readonly around: Surroundings;
  readonly names: Names;
  readonly clause: Clause;
  readonly #planner: Planner;
  readonly #options: BinderOptions;
  #inAggregate = false;

  constructor(around: Surroundings, names: Names, clause: Clause, planner: Planner, options: BinderOptions = {}) {
    this.around = around;
    this.names = names;
    this.clause = clause;
    this.#planner = planner;
    this.#options = options;
  }

  bind(it: Expression): Bound {
    return (RULES[it.kind] as Rule<Expression>)(it, this);
  }

  /** One value, not several in brackets. */
  single(it: Expression): Bound {
    return this.bind(it);
  }

  /** A value that is to be true or not; a text counts as a number then. */
  condition(it: Expression): Bound {
    const bound = this.bind(it);
    if (!isText(bound.type)) return bound;
    return bound instanceof Literal ? numberLiteral(bound, this.around) : new Numbered(bound);
  }

  plan(query: Of<'query'>['query']): ReturnType<Planner['plan']> {
    return this.#planner.plan(query, this.names);
  }

  column(it: Of<'column'>): Bound {
    const { aliases } = this.#options;
    if (aliases === undefined || it.table !== null || this.#inAggregate) return this.names.bind(it, this.clause);
    const alias = aliases.byName.get(it.name.toLowerCase());
    if (alias === undefined) return this.names.bind(it, this.clause);
    if (aliases.first) return alias;
    return this.names.find(it, this.clause) === null ? alias : this.names.bind(it, this.clause);
  }

  proposed(column: string): Bound {
    return this.#options.proposed?.(column) ?? new Literal(NULL_TYPE, null);
  }

  aggregate(it: Aggregate): Bound {
    const { aggregates } = this.#options;
    if (aggregates === undefined || this.#inAggregate) throw refuse('WRONG_AGGREGATE_USE');
    this.#inAggregate = true;
    const values = it.values.map((value) => this.bind(value));
    const orderBy = it.orderBy.map(({ value, descending }) => ({ value: this.bind(value), descending }));
    this.#inAggregate = false;
    const type = aggregateType(it, values);
    aggregates.push({ syntax: it, values, orderBy, type });
    return new AggregateValue(type, aggregates.length - 1);
  }
}

const SUM_DIGITS = 22;

function aggregateType(it: Aggregate, values: readonly Bound[]): SqlType {
  const type = values[0]?.type ?? INTEGER;
  switch (it.name) {
    case 'COUNT':
      return notNull(INTEGER);
    case 'MIN':
    case 'MAX':
      return type.family === 'null' ? textType(0) : orNull(type);
    case 'GROUP_CONCAT':
      return textType(1024);
    case 'BIT_AND':
    case 'BIT_OR':
    case 'BIT_XOR':
      return notNull(UNSIGNED);
    case 'SUM':
      return exactly(type) ? decimalType(type.scale, type.length + SUM_DIGITS) : summedDouble(type, 0);
    case 'AVG':
      return exactly(type) ? decimalType(type.scale + 4, type.length + 4) : summedDouble(type, 4);
  }
}

/** A sum shows the digits that its values show. */
function summedDouble(type: SqlType, more: number): SqlType {
  return type.family === 'double' ? doubleType(type.scale + more) : DOUBLE;
}

function exactly({ family }: SqlType): boolean {
  return family === 'integer' || family === 'decimal' || family === 'date' || family === 'datetime';
}

function digitsOf(value: bigint): number {
  return String(value).length;
}

/** The type of a value that is there: a literal, a user variable, a parameter. */
export function typeOfValue(value: Value): SqlType {
  if (value === null) return NULL_TYPE;
  if (typeof value === 'bigint') {
    return value > MOST_SIGNED ? UNSIGNED : integerType(digitsOf(value));
  }
  if (typeof value === 'number') return DOUBLE;
  if (typeof value === 'string') return textType(value.length);
  if (value instanceof Decimal) return decimalType(value.scale, Math.max(digitsOf(value.units), value.scale + 1));
  return binaryType(value.length);
}

const MOST_UNSIGNED = (1n << 64n) - 1n;

/** A whole number beyond 64 bits is a decimal. */
function literalOf(value: Value): Bound {
  const kept =
    typeof value === 'bigint' && (value > MOST_UNSIGNED || value < -MOST_SIGNED - 1n) ? new Decimal(value, 0) : value;
  const type = typeOfValue(kept);
  return new Literal(kept === null ? type : notNull(type), kept);
}

function escaping(it: Escape, around: Surroundings): string {
  if (typeof it === 'string') return it;
  const text = textOf(around.parameter(it.parameter)?.value ?? '\\')!;
  if ([...text].length > 1) throw refuse('WRONG_ARGUMENTS', 'ESCAPE');
  return text;
}

/** While a statement is only described, a parameter is a text. */
function parameterOf(it: Parameter | undefined): Bound {
  return it === undefined ? new Literal(textType(255), null) : new Literal(it.type ?? typeOfValue(it.value), it.value);
}

/** A user variable without a value is a text. */
function userValueOf(value: Value, name: string): Bound {
  return new UserValue(value === null ? textType(0) : typeOfValue(value), name);
}

/** A text literal beside a number is read once, not with every row. */
function comparable(left: Bound, right: Bound, around: Surroundings): readonly [Bound, Bound] {
  if (isNumeric(left.type) && right instanceof Literal) return [left, numberLiteral(right, around)];
  if (isNumeric(right.type) && left instanceof Literal) return [numberLiteral(left, around), right];
  return [left, right];
}

const INTEGER_TEXT = /^-?\d{1,18}$/;

function numberLiteral(it: Literal, around: Surroundings): Bound {
  const value = it.value();
  if (typeof value !== 'string') return it;
  if (INTEGER_TEXT.test(value)) return new Literal(INTEGER, BigInt(value));
  return new Literal(DOUBLE, doubleOf(value, around));
}

function comparison(it: Of<'compare'>, binder: Binder): Bound {
  if (it.left.kind === 'row' && it.right.kind === 'row')
    return rowComparison(it, it.left.values, it.right.values, binder);
  const [left, right] = comparable(binder.single(it.left), binder.single(it.right), binder.around);
  return new Compared(it.operator, left, right, comparerOf(left.type, right.type));
}

/** `(a, b) = (c, d)` is `a = c AND b = d`; other operators on rows are not built. */
function rowComparison(
  it: Of<'compare'>,
  left: readonly Expression[],
  right: readonly Expression[],
  binder: Binder,
): Bound {
  if (left.length !== right.length) throw refuse('OPERAND_COLUMNS', left.length);
  if (it.operator !== '=' && it.operator !== '<>') throw refuse('NOT_SUPPORTED_DETAIL', 'order of rows');
  let all: Bound | null = null;
  for (const [index, part] of left.entries()) {
    const one = comparison({ kind: 'compare', operator: '=', left: part, right: right[index]! }, binder);
    all = all === null ? one : new And(all, one);
  }
  return it.operator === '=' ? all! : new Not(all!);
}

function inList(it: Of<'in'>, binder: Binder): Bound {
  if (it.value.kind === 'row') {
    let some: Bound | null = null;
    for (const entry of it.list) {
      if (entry.kind !== 'row') throw refuse('OPERAND_COLUMNS', it.value.values.length);
      const one = comparison({ kind: 'compare', operator: '=', left: it.value, right: entry }, binder);
      some = some === null ? one : new Or(some, one);
    }
    return it.negated ? new Not(some!) : some!;
  }
  const subject = binder.single(it.value);
  const list = it.list.map((entry) => comparable(subject, binder.single(entry), binder.around)[1]);
  return new In(
    subject,
    list,
    list.map((entry) => comparerOf(subject.type, entry.type)),
    it.negated,
  );
}

function caseOf(it: Of<'case'>, binder: Binder): Bound {
  const subject = it.subject === null ? null : binder.single(it.subject);
  const branches = it.branches.map(([when, then]) => {
    const bound = binder.single(when);
    const test = subject === null ? bound : new Compared('=', subject, bound, comparerOf(subject.type, bound.type));
    return [test, binder.single(then)] as const;
  });
  const otherwise = it.otherwise === null ? null : binder.single(it.otherwise);
  const types = branches.map(([, then]) => then.type);
  if (otherwise !== null) types.push(otherwise.type);
  return new Case(common(types), branches, otherwise);
}

function checkCount(it: Of<'call'>, least: number, most: number): void {
  if (it.arguments.length < least || it.arguments.length > most) throw refuse('PARAMETER_COUNT', it.name);
}

/** IF, IFNULL and COALESCE look at no more arguments than they need; all other functions are in their tables. */
function callOf(it: Of<'call'>, binder: Binder): Bound {
  if (it.name === 'IF') {
    checkCount(it, 3, 3);
    const [test, yes, no] = it.arguments.map((one) => binder.single(one)) as [Bound, Bound, Bound];
    return new Case(common([yes.type, no.type]), [[test, yes]], no);
  }
  if (it.name === 'IFNULL' || it.name === 'COALESCE' || it.name === 'NVL') {
    if (it.name === 'COALESCE') checkCount(it, 1, Number.POSITIVE_INFINITY);
    else checkCount(it, 2, 2);
    const list = it.arguments.map((one) => binder.single(one));
    const type = common(list.map((one) => one.type));
    return new FirstValue(list.some((one) => !one.type.nullable) ? notNull(type) : type, list);
  }
  const found = findFunction(it.name);
  if (found === null) throw unknownFunction(it.name, binder.around.database);
  checkCount(it, found.least, found.most);
  const list = it.arguments.map((one) => binder.single(one));
  return new Call(
    it.name,
    found,
    found.type(list).family === 'text' ? list.map(found.spells === true ? spelled : shown) : list,
  );
}

/** ERROR 1305; a function that is none may be a routine of the current database. */
function unknownFunction(name: string, database: string | null): Error {
  return refuse('UNKNOWN_FUNCTION', database === null ? name : `${database}.${name.toLowerCase()}`);
}
