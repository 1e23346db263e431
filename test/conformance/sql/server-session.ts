/**
 * A session on a server, whichever: payloads of commands in, payloads of the answer out.
 *
 * What `sql.test.ts` and its neighbours ask is written once against this, for a real server and for the simulated one.
 */
import { COM } from '../../../proxy/wire/constants.ts';
import { type Outcome, readOutcome } from './outcome.ts';

export interface ServerSession {
  /** What the greeting said: CONNECTION_ID(). */
  readonly threadId: number;
  /** Sends a command and gives what was answered, as soon as that is whole. */
  ask(command: number, body: string | Buffer, isWhole: IsWhole): Promise<readonly Buffer[]>;
  /** Sends a command that is never answered, or whose answer is asked for later. */
  tell(command: number, body: string | Buffer): void;
  close(): void;
}

/** True if these payloads are a whole answer. */
export type IsWhole = (payloads: readonly Buffer[]) => boolean;

/** A statement in the text protocol. */
export async function query(session: ServerSession, sql: string): Promise<Outcome> {
  return readOutcome(await session.ask(COM.QUERY, sql, isOutcome))!;
}

export function isOutcome(payloads: readonly Buffer[]): boolean {
  return readOutcome(payloads) !== null;
}
