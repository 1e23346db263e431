/**
 * How a value becomes one that a column keeps, and how it is refused (strict mode: STRICT_ALL_TABLES).
 *
 * A table from the column's family to its rule. Under INSERT IGNORE and UPDATE IGNORE what would be refused is bent into
 * shape, with a warning.
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import type { ColumnSpec, ColumnType } from '../world/topology.ts';
import { movedTime } from './bound.ts';
import {
  dateText,
  MOST_SECONDS,
  type Moment,
  momentText,
  readMoment,
  readSpan,
  roundedMoment,
  spanText,
} from './date-time.ts';
import { Refusal } from './refusal.ts';
import { folded } from './sql/collation.ts';
import {
  compare,
  Decimal,
  exactOf,
  isNumberText,
  numeric,
  parseDecimal,
  rounded,
  roundedHalf,
  textOf,
  toDouble,
  type Value,
} from './sql/value.ts';
import type { Surroundings } from './surroundings.ts';
import { familyOf, widthOf } from './types.ts';

type Present = Exclude<Value, null>;

/** One statement that stores values: where complaints go, and whether they are refusals. */
export class Storing {
  readonly around: Surroundings;
  readonly isForgiving: boolean;
  /** The number of the row, from 1, as errors name it. */
  row = 1;

  constructor(around: Surroundings, isForgiving: boolean) {
    this.around = around;
    this.isForgiving = isForgiving;
  }

  complain(err: Err): void {
    if (!this.isForgiving) throw new Refusal(err);
    this.around.warn(err);
  }

  /** The value as the column keeps it. */
  kept(value: Value, spec: ColumnSpec): Value {
    if (value === null) {
      if (spec.notNull !== true && spec.primaryKey !== true) return null;
      this.complain(errorOf('COLUMN_NOT_NULL', spec.name));
      return implicitDefault(spec);
    }
    switch (familyOf(spec.type)) {
      case 'integer':
        return this.#whole(value, spec);
      case 'decimal':
        return this.#decimal(value, spec);
      case 'double':
        return this.#double(value, spec);
      case 'text':
        return spec.values === undefined ? this.#text(value, spec) : this.#member(value, spec, spec.values);
      case 'binary':
        return this.#bytes(value, spec);
      case 'date':
      case 'datetime':
        return this.#moment(value, spec);
      case 'time':
        return this.#time(value, spec);
      default:
        return value;
    }
  }

  #outOfRange(spec: ColumnSpec): void {
    this.complain(errorOf('OUT_OF_RANGE_FOR_COLUMN', spec.name, this.row));
  }

  /** The number that a text is; half a number is a truncation, none at all a wrong value. */
  #number(value: Present, spec: ColumnSpec, word: string): bigint | number | Decimal {
    const plain = Buffer.isBuffer(value) ? value.toString() : value;
    if (typeof plain !== 'string') return numeric(plain);
    if (isNumberText(plain)) return /[eE]/.test(plain) ? Number(plain) : parseDecimal(plain.trim());
    const head = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)/.exec(plain);
    if (head === null || word !== 'integer') {
      this.complain(errorOf('WRONG_VALUE_FOR_COLUMN', word, plain, spec.name, this.row));
    } else {
      this.complain(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row));
    }
    return head === null ? 0n : parseDecimal(head[0].trim());
  }

  #whole(value: Present, spec: ColumnSpec): Value {
    const number = typeof value === 'bigint' ? value : this.#number(dateNumber(value), spec, 'integer');
    const whole =
      typeof number === 'bigint'
        ? number
        : number instanceof Decimal
          ? rounded(number, 0).units
          : BigInt(roundedHalf(Number.isFinite(number) ? number : 0));
    if (number instanceof Decimal && typeof value === 'string' && compare(number, whole) !== 0) {
      this.around.warn(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row), 'Note');
    }
    const [least, most] = rangeOf(spec);
    if (whole >= least && whole <= most) return whole;
    if (spec.type === 'YEAR' && whole >= 0n && whole < 100n) return whole < 70n ? 2000n + whole : 1900n + whole;
    this.#outOfRange(spec);
    return whole < least ? least : most;
  }

  #decimal(value: Present, spec: ColumnSpec): Value {
    const exact = exactOf(this.#number(dateNumber(value), spec, 'decimal'));
    const scale = spec.scale ?? 0;
    const kept = rounded(exact, scale);
    if (kept.scale < exact.scale && rounded(kept, exact.scale).units !== exact.units) {
      this.around.warn(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row), 'Note');
    }
    const most = 10n ** BigInt(widthOf(spec)) - 1n;
    const least = spec.unsigned === true ? 0n : -most;
    if (kept.units >= least && kept.units <= most) return kept;
    this.#outOfRange(spec);
    return new Decimal(kept.units < least ? least : most, scale);
  }

  #double(value: Present, spec: ColumnSpec): Value {
    const number = toDouble(this.#number(value, spec, 'double'));
    const unit = spec.scale === undefined ? 0 : 10 ** spec.scale;
    const scaled = unit === 0 ? number : Math.round(number * unit) / unit;
    const kept = spec.type === 'FLOAT' ? Math.fround(scaled) : scaled;
    const over = !Number.isFinite(kept) || (spec.unsigned === true && kept < 0);
    if (!over) return kept === 0 ? 0 : kept;
    this.#outOfRange(spec);
    return spec.unsigned === true && kept < 0 ? 0 : Math.sign(number) * 3.402_823_466e38;
  }

  #text(value: Present, spec: ColumnSpec): Value {
    const text = textOf(value)!;
    const most = widthOf(spec);
    const bySize = spec.type.endsWith('TEXT');
    if (text.length * 3 <= most || (!bySize && text.length <= most)) return stored(text, spec);
    const length = bySize ? Buffer.byteLength(text) : [...text].length;
    if (length <= most) return stored(text, spec);
    const cut = bySize ? Buffer.from(text).toString('utf8', 0, most) : [...text].slice(0, most).join('');
    // What goes beyond and is blank is cut with hardly a word.
    if (text.slice(cut.length).trim() !== '') {
      this.complain(errorOf('TOO_LONG_FOR_COLUMN', spec.name, this.row));
    } else if (spec.type !== 'CHAR') {
      this.around.warn(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row), 'Note');
    }
    return stored(cut, spec);
  }

  #bytes(value: Present, spec: ColumnSpec): Value {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(textOf(value)!);
    const most = widthOf(spec);
    const filled =
      spec.type === 'BINARY' && bytes.length < most ? Buffer.concat([bytes, Buffer.alloc(most - bytes.length)]) : bytes;
    if (filled.length <= most) return filled;
    this.complain(errorOf('TOO_LONG_FOR_COLUMN', spec.name, this.row));
    return filled.subarray(0, most);
  }

  /** An ENUM takes one of its words, without case, or its number. */
  #member(value: Present, spec: ColumnSpec, members: readonly string[]): Value {
    if (typeof value === 'bigint') {
      const word = members[Number(value) - 1];
      if (word !== undefined) return word;
    } else {
      const wanted = folded(textOf(value)!);
      const word = members.find((it) => folded(it) === wanted);
      if (word !== undefined) return word;
    }
    this.complain(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row));
    return '';
  }

  #moment(value: Present, spec: ColumnSpec): Value {
    const text = textOf(value)!;
    const word = spec.type === 'DATE' ? 'date' : 'datetime';
    const read = readMoment(text);
    if (read === null || isHalfZero(read.moment)) {
      this.complain(errorOf('WRONG_TIME_FOR_COLUMN', word, text, spec.name, this.row));
      return implicitDefault(spec);
    }
    if (read.rest) this.complain(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row));
    if (spec.type === 'DATE') {
      const { hour, minute, second, micros } = read.moment;
      if (hour + minute + second + micros > 0) {
        this.around.warn(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row), 'Note');
      }
      return dateText(read.moment);
    }
    const digits = spec.scale ?? 0;
    const kept = momentText(roundedMoment(read.moment, digits), digits);
    if (spec.type === 'DATETIME') return kept;
    if (read.moment.month !== 0 && (read.moment.year < 1970 || read.moment.year > 2038)) {
      this.complain(errorOf('WRONG_TIME_FOR_COLUMN', word, text, spec.name, this.row));
      return implicitDefault(spec);
    }
    return movedTime(kept, -this.around.zone, digits);
  }

  #time(value: Present, spec: ColumnSpec): Value {
    const text = textOf(value)!;
    const digits = spec.scale ?? 0;
    const moment = /^\s*\d{4}-/.test(text) ? readMoment(text) : null;
    if (moment !== null) {
      this.around.warn(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row), 'Note');
      return momentText(roundedMoment(moment.moment, digits), digits).slice(11);
    }
    const read = readSpan(text);
    if (read === null) {
      this.complain(errorOf('WRONG_TIME_FOR_COLUMN', 'time', text, spec.name, this.row));
      return implicitDefault(spec);
    }
    if (read.rest) this.complain(errorOf('TRUNCATED_FOR_COLUMN', spec.name, this.row));
    const unit = 10 ** (6 - digits);
    const micros = Math.floor((read.span.micros + unit / 2) / unit) * unit;
    const span =
      micros < 1_000_000 ? { ...read.span, micros } : { ...read.span, seconds: read.span.seconds + 1, micros: 0 };
    if (span.seconds <= MOST_SECONDS) return spanText(span, digits);
    this.complain(errorOf('WRONG_TIME_FOR_COLUMN', 'time', text, spec.name, this.row));
    return spanText({ ...span, seconds: MOST_SECONDS, micros: 0 }, digits);
  }
}

/** A CHAR is kept without the blanks at its end. */
function stored(text: string, spec: ColumnSpec): string {
  return spec.type === 'CHAR' && text.endsWith(' ') ? text.replace(/ +$/, '') : text;
}

/** A date is a number where a number is wanted: 20240131. */
function dateNumber(value: Present): Present {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(value)
    ? BigInt(value.replace(/\D/g, ''))
    : value;
}

/** A month or a day of 0 in a date that is not all 0 (NO_ZERO_IN_DATE). */
function isHalfZero(it: Moment): boolean {
  return (it.month === 0 || it.day === 0) && it.year + it.month + it.day !== 0;
}

const BITS: Partial<Readonly<Record<ColumnType, bigint>>> = {
  TINYINT: 8n,
  SMALLINT: 16n,
  MEDIUMINT: 24n,
  INT: 32n,
  BIGINT: 64n,
};

const RANGES = new Map<string, readonly [least: bigint, most: bigint]>();

function rangeOf(spec: ColumnSpec): readonly [least: bigint, most: bigint] {
  if (spec.type === 'YEAR') return [1901n, 2155n];
  const key = spec.unsigned === true ? `${spec.type}u` : spec.type;
  let range = RANGES.get(key);
  if (range === undefined) {
    const size = 1n << (BITS[spec.type] ?? 64n);
    range = spec.unsigned === true ? [0n, size - 1n] : [-size / 2n, size / 2n - 1n];
    RANGES.set(key, range);
  }
  return range;
}

/** What a NOT NULL column has where a forgiving statement gives it nothing. */
export function implicitDefault(spec: ColumnSpec): Value {
  switch (familyOf(spec.type)) {
    case 'integer':
      return 0n;
    case 'decimal':
      return new Decimal(0n, spec.scale ?? 0);
    case 'double':
      return 0;
    case 'text':
      return spec.values?.[0] ?? '';
    case 'binary':
      return Buffer.alloc(spec.type === 'BINARY' ? widthOf(spec) : 0);
    case 'date':
      return '0000-00-00';
    case 'datetime':
      return momentText({ year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, micros: 0 }, spec.scale ?? 0);
    case 'time':
      return spanText({ negative: false, seconds: 0, micros: 0 }, spec.scale ?? 0);
    default:
      return null;
  }
}
