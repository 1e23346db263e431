/**
 * What a row of the function tables says. Types only, and the few ways of writing a type that all tables share.
 */
import type { Bound } from '../bound.ts';
import type { Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { binaryType, type SqlType, textLength, textType } from '../types.ts';

export type Present = Exclude<Value, null>;

export interface SqlFunction {
  readonly least: number;
  readonly most: number;
  type(list: readonly Bound[]): SqlType;
  /** Unless it `takesNull`, no argument is NULL: with one the function is NULL without being called. */
  readonly takesNull?: boolean;
  /** It has an effect, or gives something else each time. */
  readonly changes?: boolean;
  /** Its arguments are wanted as the texts that they show. */
  readonly spells?: boolean;
  call(values: readonly Value[], around: Surroundings, list: readonly Bound[]): Value;
}

export type Table = readonly (readonly [names: string, it: SqlFunction])[];

/** As many arguments as one likes. */
export const MANY = 1000;

/** As long as all arguments together; binary if one of them is. */
export function joinedText(list: readonly Bound[]): SqlType {
  let length = 0;
  for (const it of list) length += textLength(it.type);
  return list.some((it) => it.type.family === 'binary') ? binaryType(length * 4) : textType(length);
}

/** As long as the first argument; binary if it is. */
export function likeFirstText(list: readonly Bound[]): SqlType {
  const { type } = list[0]!;
  return type.family === 'binary' ? binaryType(type.length) : textType(textLength(type));
}

/**
 * A function of texts for binary strings, too: where one of its arguments is bytes, each byte of all of them is a
 * character, and a text that it gives is bytes again.
 */
export function onBytes(call: SqlFunction['call']): SqlFunction['call'] {
  return (values, around, list) => {
    if (!values.some((it) => Buffer.isBuffer(it))) return call(values, around, list);
    const made = call(values.map(characterPerByte), around, list);
    return typeof made === 'string' ? Buffer.from(made, 'latin1') : made;
  };
}

function characterPerByte(value: Value): Value {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'string' ? Buffer.from(value).toString('latin1') : value;
}

/** Thrown by a function whose text would be longer than `max_allowed_packet`. */
export class TooLong extends Error {}
