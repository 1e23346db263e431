/**
 * What a page says, once it is read: scenarios, each a list of steps. Types only.
 */
import type { DialectName } from '../client/dialects.ts';
import type { Fault, FaultPlace } from '../observer/faults.ts';
import type { HoldUnit } from '../world/link.ts';
import type { FrontMatter } from './front-matter.ts';
import type { NeedName } from './need-names.ts';
import type { OutcomesBlock } from './outcomes.ts';
import type { TypedCommand } from './typed.ts';

/** The two ends of a link that can be held: a client by name, the proxy, an observer by number. */
export type Place =
  | { readonly kind: 'client'; readonly name: string }
  | { readonly kind: 'proxy' }
  | { readonly kind: 'observer'; readonly number: number };

export type Action =
  | { readonly kind: 'input'; readonly client: string; readonly command: TypedCommand }
  /** `alice> <… completed>`: the answer she waited for. */
  | { readonly kind: 'completed'; readonly client: string }
  | { readonly kind: 'advance'; readonly milliseconds: number }
  | { readonly kind: 'open' | 'login' | 'close' | 'half-close' | 'reset' | 'stall' | 'read'; readonly client: string }
  /** The client's own clock is so many milliseconds ahead from now on. */
  | { readonly kind: 'jump'; readonly client: string; readonly milliseconds: number }
  | { readonly kind: 'hold'; readonly from: Place; readonly to: Place; readonly after: number; readonly unit: HoldUnit }
  | { readonly kind: 'release'; readonly from: Place; readonly to: Place }
  | { readonly kind: 'partition' | 'repair' | 'sever'; readonly from: Place; readonly to: Place }
  | { readonly kind: 'crash' | 'stop' | 'restart'; readonly observer: number }
  | { readonly kind: 'restart proxy' }
  | {
      readonly kind: 'fail';
      readonly observer: number;
      readonly place: FaultPlace;
      readonly fault: Fault;
      readonly times: number;
    }
  | { readonly kind: 'leader'; readonly table: TablePlace; readonly observer: number }
  /** Does nothing in the simulator, which has all of it. */
  | { readonly kind: 'needs'; readonly what: readonly NeedName[] };

/** A table of the cluster that an observer belongs to. */
export interface TablePlace {
  readonly tenant: string;
  readonly database: string;
  readonly table: string;
}

/** A line of an answer as it stands in the page, but for the `\` in front of it. */
export interface AnswerLine {
  /** Its number in the file, from 1. */
  readonly line: number;
  readonly text: string;
}

export interface Step {
  /** The line of the prompt or the verb, from 1. */
  readonly line: number;
  /** The last line of the input: later ones belong to the answer. */
  readonly inputEnd: number;
  readonly label: string | null;
  readonly action: Action;
  readonly anyOrder: boolean;
  readonly answer: readonly AnswerLine[];
  /** Whole answers for single dialects. */
  readonly byDialect: ReadonlyMap<DialectName, readonly AnswerLine[]>;
}

export interface Scenario {
  readonly file: string;
  readonly name: string;
  /** The line of its heading, or of its first block. */
  readonly line: number;
  readonly front: FrontMatter;
  /** The set-up of the page, then its own. */
  readonly steps: readonly Step[];
  /** What comes of its labelled steps in every order; null if the page does not say. */
  readonly outcomes: OutcomesBlock | null;
  /** The line of the fence that closes its last transcript. */
  readonly end: number;
}

/** Steps that are asked of a client and answered. */
export function hasResult({ kind }: Action): boolean {
  return kind === 'input' || kind === 'open' || kind === 'login';
}

/** The labels of the steps that have results, in the order of the page. */
export function resultLabels(steps: readonly Step[]): string[] {
  return steps.flatMap(({ label, action }) => (label !== null && hasResult(action) ? [label] : []));
}

export interface Page {
  readonly file: string;
  readonly text: string;
  readonly front: FrontMatter;
  readonly scenarios: readonly Scenario[];
}

/** The lines that are expected of a client of this dialect. */
export function answerFor(step: Step, dialect: DialectName): readonly AnswerLine[] {
  return step.byDialect.get(dialect) ?? step.answer;
}

export const WAITING = '<waiting …>';
export const COMPLETED = '<… completed>';

export function isWaiting(text: string): boolean {
  return /^<waiting (?:…|\.\.\.)>$/.test(text.trim());
}

export function isCompleted(text: string): boolean {
  return /^<(?:…|\.\.\.) completed>$/.test(text.trim());
}

export function placeName(place: Place): string {
  if (place.kind === 'client') return place.name;
  return place.kind === 'proxy' ? 'proxy' : `observer ${place.number}`;
}

/** The same for both orders of two hosts. */
export function pairName(a: string, b: string): string {
  return a < b ? `${a} and ${b}` : `${b} and ${a}`;
}
