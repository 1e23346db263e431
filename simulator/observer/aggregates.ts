/**
 * COUNT, SUM, MIN, MAX, AVG, GROUP_CONCAT and the bits of a group of rows.
 *
 * A tally is one aggregate over one group. Columns beside the aggregates are those of the group's first row, unless
 * ONLY_FULL_GROUP_BY refuses them (`full-group-by.ts`).
 */
import { errorOf } from '../../proxy/wire/errors.ts';
import type { BoundAggregate } from './bind.ts';
import type { Frame } from './bound.ts';
import { comparerOf, doubleOf } from './comparing.ts';
import { converted, numberOfTemporal } from './converting.ts';
import { keyOfValue } from './indexes.ts';
import { arithmetic, numeric, order, textOf, toInteger, type Value } from './sql/value.ts';
import { isTemporal, type SqlType } from './types.ts';
import { variable } from './variables.ts';

/** What stands for a list of values of these types: equal lists have equal texts. */
export function groupKey(values: readonly Value[], types: readonly SqlType[]): string {
  if (values.length === 1) return keyText(values[0]!, types[0]!);
  let key = '';
  for (let i = 0; i < values.length; i += 1) key += `${keyText(values[i]!, types[i]!)}\x00`;
  return key;
}

function keyText(value: Value, type: SqlType): string {
  return value === null ? '\x01' : `\x02${String(keyOfValue(value, type.exact))}`;
}

const ALL_BITS = (1n << 64n) - 1n;
const MOST_CONCATENATED = variable('group_concat_max_len');

interface Piece {
  readonly text: string;
  readonly keys: readonly Value[];
}

/** A text counts as the number it begins with, with a warning. */
function counted(value: Exclude<Value, null>, type: SqlType, frame: Frame): ReturnType<typeof numeric> {
  if (isTemporal(type)) return numberOfTemporal(value)!;
  return typeof value === 'string' ? doubleOf(value, frame.around) : numeric(value);
}

export class Tally {
  readonly #of: BoundAggregate;
  readonly #seen: Set<string> | null;
  readonly #types: readonly SqlType[];
  #count = 0n;
  #value: Value = null;
  #bits: bigint;
  readonly #pieces: Piece[] = [];

  constructor(of: BoundAggregate) {
    this.#of = of;
    this.#types = of.values.map((it) => it.type);
    this.#seen = of.syntax.distinct ? new Set() : null;
    this.#bits = of.syntax.name === 'BIT_AND' ? ALL_BITS : 0n;
  }

  /** The row in the frame belongs to the group. */
  add(frame: Frame): void {
    const { values, syntax } = this.#of;
    if (values.length === 0) {
      this.#count += 1n;
      return;
    }
    const first = values[0]!.value(frame);
    if (first === null) return;
    const all = values.length === 1 ? [first] : [first, ...values.slice(1).map((it) => it.value(frame))];
    if (values.length > 1 && all.includes(null)) return;
    if (this.#seen !== null) {
      const key = groupKey(all, this.#types);
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    this.#count += 1n;
    if (syntax.name !== 'COUNT') this.#take(first, all, frame);
  }

  #take(value: Exclude<Value, null>, all: readonly Value[], frame: Frame): void {
    const { syntax, values, orderBy } = this.#of;
    switch (syntax.name) {
      case 'SUM':
      case 'AVG': {
        const number = counted(value, values[0]!.type, frame);
        this.#value = this.#value === null ? number : arithmetic('+', this.#value, number);
        return;
      }
      case 'MIN':
      case 'MAX': {
        const { type } = values[0]!;
        const sign = this.#value === null ? 0 : comparerOf(type, type)(value, this.#value, frame.around);
        if (this.#value === null || (syntax.name === 'MIN' ? sign < 0 : sign > 0)) this.#value = value;
        return;
      }
      case 'GROUP_CONCAT':
        this.#pieces.push({
          text: all.map((it) => textOf(it)).join(''),
          keys: orderBy.map((it) => it.value.value(frame)),
        });
        return;
      case 'BIT_AND':
        this.#bits &= BigInt.asUintN(64, toInteger(value));
        return;
      case 'BIT_OR':
        this.#bits |= BigInt.asUintN(64, toInteger(value));
        return;
      case 'BIT_XOR':
        this.#bits ^= BigInt.asUintN(64, toInteger(value));
        return;
      case 'COUNT':
        return;
    }
  }

  result(frame: Frame): Value {
    const { syntax, type } = this.#of;
    switch (syntax.name) {
      case 'COUNT':
        return this.#count;
      case 'AVG':
        return converted(arithmetic('/', this.#value, this.#count, frame.around.counting.divisionDigits), type);
      case 'SUM':
        return converted(this.#value, type);
      case 'GROUP_CONCAT':
        return this.#pieces.length === 0 ? null : this.#joined(frame);
      case 'BIT_AND':
      case 'BIT_OR':
      case 'BIT_XOR':
        return this.#bits;
      default:
        return this.#value;
    }
  }

  #joined(frame: Frame): string {
    const { orderBy, syntax } = this.#of;
    const { effort } = frame.around;
    for (const it of this.#pieces) effort.spendBytes(it.text.length);
    if (orderBy.length > 0) {
      effort.spendSort(this.#pieces.length);
      this.#pieces.sort((a, b) => {
        for (const [index, item] of orderBy.entries()) {
          const sign = order(a.keys[index]!, b.keys[index]!, item.value.type.exact);
          if (sign !== 0) return item.descending ? -sign : sign;
        }
        return 0;
      });
    }
    const whole = this.#pieces.map((it) => it.text).join(syntax.separator);
    const most = Number(frame.around.systemValue(MOST_CONCATENATED, 'session'));
    if (Buffer.byteLength(whole) <= most) return whole;
    frame.around.warn(errorOf('CUT_BY_GROUP_CONCAT', this.#pieces.length));
    return Buffer.from(whole).toString('utf8', 0, most);
  }
}
