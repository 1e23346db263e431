/**
 * What is thrown to be caught: part of how statements are run, and no mistake.
 *
 * It has no stack: nobody reads it, and writing it down costs more than most statements. Knows nothing of statements.
 */
export abstract class Signal extends Error {
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
