/**
 * What SET TRANSACTION without a scope has said of the next transaction: good for that one, BEGIN or a statement of its
 * own, whether it is committed or not. Knows no transaction.
 */
export class NextTransaction {
  #readOnly: boolean | null = null;
  /** The running statement is it. */
  #isRunning = false;

  /** Null leaves it as it was said. */
  specify(readOnly: boolean | null): void {
    if (readOnly !== null) this.#readOnly = readOnly;
  }

  /** Whether it only reads; `otherwise`: what holds for all of the session. */
  isReadOnly(otherwise: boolean): boolean {
    return this.#readOnly ?? otherwise;
  }

  startStatement(): void {
    this.#isRunning = false;
  }

  /** The running statement reads or writes, and there is no other transaction. */
  run(): void {
    this.#isRunning = true;
  }

  /** True if it was that transaction, or its first statement. */
  endStatement(): boolean {
    const wasIt = this.#isRunning;
    if (wasIt) this.forget();
    return wasIt;
  }

  /** It has begun as one of several statements, or has ended. */
  forget(): void {
    this.#readOnly = null;
    this.#isRunning = false;
  }
}
