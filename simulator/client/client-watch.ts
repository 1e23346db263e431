/**
 * Who looks on what a client does and is told, connection by connection. Types only: it changes nothing.
 *
 * A connection is told apart by its `Line`: the same object from `greeted` to its end.
 */
import type { Result } from './answer.ts';
import type { ShownError } from './dialects.ts';
import type { Line } from './line.ts';

export interface ClientWatch {
  /** The greeting has come. */
  greeted(line: Line): void;
  /** The login has been accepted. */
  ready(line: Line): void;
  /** A command is about to be written, or to be found unwritable. `own`: nobody typed it, the client asks by itself. */
  asks(line: Line, payload: Buffer, own: boolean): void;
  /** The whole answer to what was asked last. */
  answered(line: Line, results: readonly Result[]): void;
  /** The connection ended in place of an answer, or what was asked could not be written. */
  lost(line: Line, error: ShownError): void;
  /** No connection, or no login. */
  refused(line: Line, error: ShownError): void;
  /** The client ends the connection by itself, now. */
  left(line: Line): void;
}
