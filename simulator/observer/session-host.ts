/** What a session must know of the observer that it is at: types and nothing else. */
import type { Clock } from '../../proxy/ports.ts';
import type { SessionChecker } from './checker.ts';
import type { House } from './house.ts';
import type { LoginPlace } from './login.ts';

export interface SessionHost {
  readonly house: House;
  readonly clock: Clock;
  readonly place: LoginPlace;
  readonly checker: SessionChecker;
  /** How often a request that waits for a row looks whether it was killed, in milliseconds. */
  readonly lockKillCheck: number;
  /** A client may go over to TLS before it logs in. */
  readonly offersTls: boolean;
  /** The observer's address, for the process list. */
  readonly ip: string;
  readonly port: number;
  /** Nothing is left of the session. */
  gone(id: number): void;
}
