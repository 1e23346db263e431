/**
 * An invariant and its judge. Types only.
 *
 * A judge is told all that happens in a run and may look into the machines; it changes nothing, and has no state beyond its
 * run. What it finds wrong it says once, by `blame`: the run ends there.
 */
import type { Result } from '../client/answer.ts';
import type { ShownError } from '../client/dialects.ts';
import type { Inside } from '../scenario/lab.ts';
import type { Link } from '../world/gates.ts';
import type { Disturbance, Kill, Life, Request } from './life.ts';

/** What a judge may look at. */
export interface Sight {
  readonly inside: Inside;
  now(): number;
  /** All lives so far, in the order in which they were greeted. */
  readonly lives: readonly Life[];
  readonly kills: readonly Kill[];
  readonly disturbances: readonly Disturbance[];
  /** Says what is wrong. `request`: with the answer to which it came to light. */
  blame(what: string, request?: Request | null): void;
}

export interface Judge {
  greeted?(life: Life): void;
  ready?(life: Life): void;
  asks?(request: Request): void;
  answered?(request: Request, results: readonly Result[]): void;
  /** No answer: the connection ended, or the command could not be written. */
  lost?(request: Request, error: ShownError): void;
  /** A login that failed. `life` is null where no greeting came. */
  refused?(client: string, life: Life | null, error: ShownError): void;
  /** The client ends it by itself; `request` is what stays unanswered. */
  left?(life: Life, request: Request | null): void;
  /** A KILL has been answered by OK. */
  killed?(kill: Kill): void;
  /** It is about to be done. */
  disturbed?(disturbance: Disturbance): void;
  /** It was done just now: nothing has been delivered since. */
  struck?(disturbance: Disturbance): void;
  /** Bytes are about to be handed to the end of a link. */
  data?(link: Link, chunk: Buffer): void;
  /** Between two steps: nothing is left to deliver now. */
  step?(): void;
  /** Faults were mended so many seconds ago, and these clients still wait for an answer. */
  starving?(clients: readonly string[], seconds: number): void;
  /** Faults are mended, everybody has had time and has no answer to wait for. */
  quiet?(): void;
  /** All clients have left and everything had time to end. `left`: what is still there, in words. */
  gone?(left: readonly string[]): void;
}

export interface Invariant {
  /** In a few words, as `--invariant` takes it: `kill-is-final`. */
  readonly name: string;
  /** Why it must hold, in a sentence. */
  readonly why: string;
  judge(sight: Sight): Judge;
}

/** What a run ended with, where it was not well. */
export interface Verdict {
  readonly invariant: string;
  readonly what: string;
  /** Virtual milliseconds since the run began. */
  readonly at: number;
  /** The kinds of the step that was wronged and of the last kill or fault before it; '' for none. Failing "in the same way" is these and the invariant. */
  readonly between: readonly [wronged: string, disturbance: string];
}

export function sameWay(a: Verdict, b: Verdict): boolean {
  return a.invariant === b.invariant && a.between[0] === b.between[0] && a.between[1] === b.between[1];
}
