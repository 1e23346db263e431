/**
 * The grammar of calls whose brackets hold more than a list: aggregates, CAST, TRIM, EXTRACT, INTERVAL units, …
 *
 * A table from the name to its rule; all other calls are a list of expressions. Expressions come in by `CallGrammar`.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import type { AggregateName, CastName, CastTarget, Expression, OrderItem } from './syntax.ts';

export interface CallGrammar {
  expression(from: Cursor): Expression;
  list(from: Cursor): Expression[];
  interval(from: Cursor): readonly [amount: Expression, unit: Expression];
}

const AGGREGATES: ReadonlySet<string> = new Set<AggregateName>([
  'COUNT',
  'SUM',
  'MIN',
  'MAX',
  'AVG',
  'GROUP_CONCAT',
  'BIT_AND',
  'BIT_OR',
  'BIT_XOR',
]);

/** Reserved words that are functions when a bracket follows. */
export const WORDS_THAT_CALL: ReadonlySet<string> = new Set(
  (
    'IF LEFT RIGHT REPLACE DATABASE SCHEMA MOD INSERT VALUES CHAR CONVERT REPEAT INTERVAL CURRENT_DATE CURRENT_TIME ' +
    'CURRENT_TIMESTAMP CURRENT_USER LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP'
  ).split(' '),
);

const UNITS: ReadonlySet<string> = new Set(
  (
    'MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR MINUTE_SECOND HOUR_SECOND HOUR_MINUTE DAY_SECOND DAY_MINUTE ' +
    'DAY_HOUR YEAR_MONTH'
  ).split(' '),
);

/** The unit of an interval, as a literal. */
export function parseUnit(from: Cursor): Expression {
  if (!UNITS.has(from.peek().upper)) throw from.refusal();
  return { kind: 'literal', value: from.take().upper };
}

type Rule = (from: Cursor, name: string, grammar: CallGrammar) => Expression;

const RULES: Readonly<Record<string, Rule>> = {
  CAST: cast,
  CONVERT: convert,
  TRIM: trim,
  EXTRACT: extract,
  TIMESTAMPADD: unitFirst,
  TIMESTAMPDIFF: unitFirst,
  DATE_ADD: dateAdd,
  DATE_SUB: dateAdd,
  ADDDATE: dateAdd,
  SUBDATE: dateAdd,
  POSITION: position,
  SUBSTRING: substring,
  SUBSTR: substring,
  MID: substring,
  VALUES: proposed,
  CHAR: charOf,
};

/** A call whose name has been taken: from its bracket on. */
export function parseCall(from: Cursor, name: string, grammar: CallGrammar): Expression {
  from.expectMark('(');
  if (AGGREGATES.has(name)) return aggregate(from, name as AggregateName, grammar);
  const rule = RULES[name];
  if (rule !== undefined) return rule(from, name, grammar);
  const list = from.isMark(')') ? [] : grammar.list(from);
  from.expectMark(')');
  return { kind: 'call', name, arguments: list };
}

function aggregate(from: Cursor, name: AggregateName, grammar: CallGrammar): Expression {
  const base = { kind: 'aggregate', name, distinct: false, orderBy: [], separator: ',' } as const;
  if (name === 'COUNT' && from.acceptMark('*')) {
    from.expectMark(')');
    return over(from, { ...base, values: [] });
  }
  const distinct = from.accept('DISTINCT');
  if (!distinct) from.accept('ALL');
  const values = grammar.list(from);
  if (values.length > 1 && !(name === 'GROUP_CONCAT' || (name === 'COUNT' && distinct))) throw from.refusal();
  const orderBy: OrderItem[] = [];
  let separator = ',';
  if (name === 'GROUP_CONCAT') {
    if (from.accept('ORDER', 'BY')) {
      do {
        const value = grammar.expression(from);
        const descending = from.accept('DESC');
        if (!descending) from.accept('ASC');
        orderBy.push({ value, descending });
      } while (from.acceptMark(','));
    }
    if (from.accept('SEPARATOR')) {
      if (from.peek().kind !== 'string') throw from.refusal();
      separator = from.take().text;
    }
  }
  from.expectMark(')');
  return over(from, { ...base, distinct, values, orderBy, separator });
}

/** Window functions are not built. */
function over(from: Cursor, it: Expression): Expression {
  if (from.isWord('OVER') && from.isMark('(', 1)) throw refuse('NOT_SUPPORTED_DETAIL', 'OVER');
  return it;
}

const CASTS: Readonly<Record<string, CastName>> = {
  SIGNED: 'SIGNED',
  UNSIGNED: 'UNSIGNED',
  CHAR: 'CHAR',
  CHARACTER: 'CHAR',
  NCHAR: 'CHAR',
  BINARY: 'BINARY',
  DATE: 'DATE',
  DATETIME: 'DATETIME',
  TIME: 'TIME',
  DECIMAL: 'DECIMAL',
  DOUBLE: 'DOUBLE',
  FLOAT: 'DOUBLE',
};

function castTarget(from: Cursor): CastTarget {
  const name = CASTS[from.peek().upper];
  if (name === undefined) {
    if (from.isWord('JSON')) throw refuse('NOT_SUPPORTED_DETAIL', 'JSON');
    throw from.refusal();
  }
  from.take();
  let length: number | null = null;
  let scale = 0;
  if (from.acceptMark('(')) {
    length = wholeNumber(from);
    if (from.acceptMark(',')) scale = wholeNumber(from);
    from.expectMark(')');
  }
  if (name === 'SIGNED' || name === 'UNSIGNED') from.accept('INTEGER');
  if (name === 'CHAR' && (from.accept('CHARACTER', 'SET') || from.accept('CHARSET'))) {
    if (/^binary$/i.test(from.anyName())) return { name: 'BINARY', length, scale };
  }
  return { name, length, scale: name === 'DATETIME' || name === 'TIME' ? (length ?? 0) : scale };
}

function wholeNumber(from: Cursor): number {
  if (from.peek().kind !== 'integer') throw from.refusal();
  return Number(from.take().text);
}

function cast(from: Cursor, _name: string, grammar: CallGrammar): Expression {
  const value = grammar.expression(from);
  from.expect('AS');
  const to = castTarget(from);
  from.expectMark(')');
  return { kind: 'cast', value, to };
}

/** `CONVERT(x, type)`, and `CONVERT(x USING charset)`. */
function convert(from: Cursor, _name: string, grammar: CallGrammar): Expression {
  const value = grammar.expression(from);
  if (from.accept('USING')) {
    const name = /^binary$/i.test(from.anyName()) ? 'BINARY' : 'CHAR';
    from.expectMark(')');
    return { kind: 'cast', value, to: { name, length: null, scale: 0 } };
  }
  from.expectMark(',');
  const to = castTarget(from);
  from.expectMark(')');
  return { kind: 'cast', value, to };
}

const TRIM_SIDES: Readonly<Record<string, string>> = { BOTH: 'TRIM', LEADING: 'LTRIM', TRAILING: 'RTRIM' };

/** `TRIM([BOTH | LEADING | TRAILING] [x FROM] y)`. */
function trim(from: Cursor, _name: string, grammar: CallGrammar): Expression {
  const side = TRIM_SIDES[from.peek().upper];
  if (side !== undefined) from.take();
  if (side !== undefined && from.accept('FROM')) {
    const only = grammar.expression(from);
    from.expectMark(')');
    return { kind: 'call', name: side, arguments: [only] };
  }
  const first = grammar.expression(from);
  const list = from.accept('FROM') ? [grammar.expression(from), first] : [first];
  from.expectMark(')');
  return { kind: 'call', name: side ?? 'TRIM', arguments: list };
}

function extract(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const unit = parseUnit(from);
  from.expect('FROM');
  const value = grammar.expression(from);
  from.expectMark(')');
  return { kind: 'call', name, arguments: [unit, value] };
}

/** `SQL_TSI_DAY` is DAY. */
function unitFirst(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const word = from.peek().upper.replace(/^SQL_TSI_/, '');
  if (!UNITS.has(word)) throw from.refusal();
  from.take();
  from.expectMark(',');
  const list = grammar.list(from);
  from.expectMark(')');
  return { kind: 'call', name, arguments: [{ kind: 'literal', value: word }, ...list] };
}

function dateAdd(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const value = grammar.expression(from);
  from.expectMark(',');
  const more = from.isWord('INTERVAL') ? grammar.interval(from) : [grammar.expression(from)];
  from.expectMark(')');
  return { kind: 'call', name, arguments: [value, ...more] };
}

/** `POSITION(x IN y)`: the IN is no operator here, so the needle is a literal, a name or in brackets. */
function position(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const token = from.peek();
  const needle: Expression = token.kind === 'string' ? { kind: 'literal', value: from.take().text } : columnHere(from);
  from.expect('IN');
  const hay = grammar.expression(from);
  from.expectMark(')');
  return { kind: 'call', name, arguments: [needle, hay] };
}

function columnHere(from: Cursor): Expression {
  return { kind: 'column', table: null, name: from.name() };
}

/** `SUBSTRING(x FROM a FOR b)`, or with commas. */
function substring(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const list = [grammar.expression(from)];
  if (from.accept('FROM')) {
    list.push(grammar.expression(from));
    if (from.accept('FOR')) list.push(grammar.expression(from));
  } else {
    while (from.acceptMark(',')) list.push(grammar.expression(from));
  }
  from.expectMark(')');
  return { kind: 'call', name, arguments: list };
}

function proposed(from: Cursor): Expression {
  let column = from.name();
  while (from.acceptMark('.')) column = from.anyName();
  from.expectMark(')');
  return { kind: 'proposed', column };
}

/** `CHAR(77, 121 USING utf8mb4)`. */
function charOf(from: Cursor, name: string, grammar: CallGrammar): Expression {
  const list = grammar.list(from);
  const call: Expression = { kind: 'call', name, arguments: list };
  if (!from.accept('USING')) {
    from.expectMark(')');
    return call;
  }
  from.anyName();
  from.expectMark(')');
  return { kind: 'cast', value: call, to: { name: 'CHAR', length: null, scale: 0 } };
}
