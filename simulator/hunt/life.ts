/**
 * What a run is made of, as its onlookers see it: lives, requests, kills, disturbances. Types and small facts only.
 *
 * A life is one connection of a client from its greeting to its end. Times are milliseconds of the virtual clock.
 */
import type { Result } from '../client/answer.ts';

export interface Request {
  readonly life: Life;
  /** Which step of the script asked it; null: the client did by itself (start-up, `SELECT DATABASE()`). */
  readonly step: number | null;
  /** The text of a query, or of the prepared statement that is executed, its values in place; empty for other commands. */
  readonly sql: string;
  /** In a few words what kind of step this is: `SELECT`, `COMMIT`, `KILL PROXYSESSION cs ss`. */
  readonly kind: string;
  readonly payload: Buffer;
  readonly asked: number;
}

export interface Life {
  readonly client: string;
  /** Counts the lives of a run, from 1. */
  readonly number: number;
  /** The number of its connection, as links count them. */
  readonly link: number;
  /** The greeting's id. */
  readonly csId: number;
  readonly greeted: number;
  /** What its login named; null: none. */
  readonly database: string | null;
  /** When its login was accepted; null before. */
  ready: number | null;
  /** What it waits for the answer of. */
  request: Request | null;
  /** When the first FIN or RST from the proxy reached it, or its proxy ended; null: neither. */
  cut: number | null;
  /** When and how it ended, as its client knows it. */
  end: { readonly at: number; readonly how: 'left' | 'lost' | 'refused' } | null;
}

/** True until the client has left or knows of its loss, or the proxy's end has been seen. */
export function isUp(life: Life): boolean {
  return life.end === null && life.cut === null;
}

/** The proxy was started anew: its ids have begun anew, and who has not heard of the old one's end still has one of its. */
export function hasNewProxy(disturbances: readonly Disturbance[]): boolean {
  return disturbances.some(({ kind }) => kind === 'restart proxy');
}

export type KillScope = 'session' | 'server session' | 'query';

/** A KILL of any kind, from the moment it is asked for. */
export interface Kill {
  readonly request: Request;
  readonly scope: KillScope;
  /** The id that it names: a cs_id, or a connection id. */
  readonly id: number;
  /** Whom it is for, as far as that could be seen when it was asked; null: nobody who lives. */
  readonly target: Life | null;
  /** For a single server session: its ss_id. */
  readonly ssId: number | null;
  /** When its OK came; null until then, and if it was refused. */
  acknowledged: number | null;
}

/** What a fault is done to: a client, an observer, everybody. */
export interface Disturbance {
  readonly kind: string;
  readonly at: number;
  /** Null: whoever is there. */
  readonly client: string | null;
  /** The observer it is done to, by its number; null: none in particular. */
  readonly observer: number | null;
}

/** What an answer ended with. */
export function lastOf(results: readonly Result[]): Result | undefined {
  return results.at(-1);
}

/** The number of an ERR in an answer; null without one. */
export function errorOf(results: readonly Result[]): number | null {
  const last = results.at(-1);
  return last?.kind === 'error' ? last.error.code : null;
}

/** The status flags behind an answer; null behind an ERR. */
export function statusOf(results: readonly Result[]): number | null {
  const last = results.at(-1);
  if (last?.kind === 'ok') return last.ok.status;
  return last?.kind === 'rows' ? last.status : null;
}
