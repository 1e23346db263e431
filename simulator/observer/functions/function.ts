/**
 * What a row of the function tables says. Types only, and the few ways of writing a type that all tables share.
 */
import type { Bound } from '../bound.ts';
import type { Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { type SqlType, textLength, textType } from '../types.ts';

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

/** As long as all arguments together. */
export function joinedText(list: readonly Bound[]): SqlType {
  let length = 0;
  for (const it of list) length += textLength(it.type);
  return textType(length);
}

/** As long as the first argument. */
export function likeFirstText(list: readonly Bound[]): SqlType {
  return textType(textLength(list[0]!.type));
}

/** Thrown by a function whose text would be longer than `max_allowed_packet`. */
export class TooLong extends Error {}
