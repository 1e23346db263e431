/** Functions that choose among their arguments. IF, IFNULL and COALESCE are bound as CASE is (`bind.ts`). */

import type { Bound } from '../bound.ts';
import { comparerOf } from '../comparing.ts';
import { converted } from '../converting.ts';
import { truth, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { common, DOUBLE, isNumeric, isTemporal, isText, orNull, type SqlType, TRUTH } from '../types.ts';
import { MANY, type Present, type Table } from './function.ts';

/** Numbers beside texts (or NULL) count as doubles. */
function typeOfAll(list: readonly Bound[]): SqlType {
  const types = list.map((it) => it.type);
  const mixed = types.some(isNumeric) && !types.every(isNumeric);
  return mixed && !types.some(isTemporal) ? DOUBLE : common(types);
}

/** Texts beside numbers compare as numbers, beside dates as dates; the type of all is what comes out. */
function extreme(values: readonly Value[], around: Surroundings, list: readonly Bound[], sign: number): Value {
  const type = typeOfAll(list);
  let best = 0;
  for (let i = 1; i < values.length; i += 1) {
    const comparer = comparerOf(list[i]!.type, list[best]!.type);
    if (comparer(values[i] as Present, values[best] as Present, around) * sign > 0) best = i;
  }
  return converted(values[best]!, type);
}

export const FLOW: Table = [
  [
    'NULLIF',
    {
      least: 2,
      most: 2,
      takesNull: true,
      type: (list) => orNull(list[0]!.type),
      call: ([a, b], around, list) => {
        if (a === null || b === null) return a!;
        return comparerOf(list[0]!.type, list[1]!.type)(a!, b!, around) === 0 ? null : a!;
      },
    },
  ],
  [
    'GREATEST',
    { least: 2, most: MANY, type: typeOfAll, call: (values, around, list) => extreme(values, around, list, 1) },
  ],
  [
    'LEAST',
    { least: 2, most: MANY, type: typeOfAll, call: (values, around, list) => extreme(values, around, list, -1) },
  ],
  [
    'ISNULL',
    {
      least: 1,
      most: 1,
      takesNull: true,
      type: () => ({ ...TRUTH, nullable: false }),
      call: ([it]) => truth(it === null),
    },
  ],
  [
    'STRCMP',
    {
      least: 2,
      most: 2,
      type: () => TRUTH,
      call: ([a, b], around, list) => {
        const texts = isText(list[0]!.type) || isText(list[1]!.type);
        const sign = texts
          ? comparerOf(TEXT_TYPE, TEXT_TYPE)(String(a), String(b), around)
          : comparerOf(list[0]!.type, list[1]!.type)(a!, b!, around);
        return sign < 0 ? -1n : sign > 0 ? 1n : 0n;
      },
    },
  ],
  [
    'INTERVAL',
    {
      least: 2,
      most: MANY,
      type: () => TRUTH,
      takesNull: true,
      call: (values, around, list) => {
        const [wanted, ...limits] = values;
        if (wanted === null) return -1n;
        let at = 0;
        while (at < limits.length && limits[at] !== null) {
          if (comparerOf(list[0]!.type, list[at + 1]!.type)(wanted!, limits[at]!, around) < 0) break;
          at += 1;
        }
        return BigInt(at);
      },
    },
  ],
];

const TEXT_TYPE: SqlType = { family: 'text', unsigned: false, length: 1, scale: 0, nullable: true };
