/**
 * How a statement is refused: thrown where the reason is found, turned into an ERR where the statement is answered.
 *
 * Knows nothing but the error table.
 */
import { type ErrorName, errorOf } from '../../proxy/wire/errors.ts';
import type { Err } from '../../proxy/wire/ok.ts';
import { Signal } from './signal.ts';

export class Refusal extends Signal {
  override name = 'Refusal';
  readonly err: Err;

  constructor(err: Err) {
    super(err.message);
    this.err = err;
  }
}

/** `throw refuse('NO_DATABASE')`. */
export function refuse(name: ErrorName, ...values: readonly (string | number | bigint)[]): Refusal {
  return new Refusal(errorOf(name, ...values));
}
