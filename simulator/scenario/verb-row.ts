/**
 * A row of a table of verbs: how one is written, and how it is read. Types, and the mistake that all of them can make.
 */
import type { FrontMatter } from './front-matter.ts';
import type { Action } from './scenario.ts';

export type Verb = Action | { readonly kind: 'any order' } | { readonly kind: 'mistake'; readonly what: string };

export interface VerbRow {
  /** How it is written, for messages. */
  readonly form: string;
  readonly pattern: RegExp;
  read(match: RegExpExecArray, front: FrontMatter): Verb;
}

export function mistake(what: string): Verb {
  return { kind: 'mistake', what };
}
