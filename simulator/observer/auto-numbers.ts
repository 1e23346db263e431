/**
 * Which numbers AUTO_INCREMENT gives: from auto_increment_offset on, auto_increment_increment apart.
 *
 * Knows neither table nor session.
 */
export interface NumberSteps {
  readonly increment: bigint;
  readonly offset: bigint;
}

/** The first number of these steps that is `least` or more. An offset beyond the increment counts as none (MySQL manual). */
export function numberFrom(least: bigint, { increment, offset }: NumberSteps): bigint {
  const first = offset > increment ? 1n : offset;
  if (least <= first) return first;
  const steps = (least - first + increment - 1n) / increment;
  return first + steps * increment;
}

/** Where the next row begins to look when so many numbers were asked for from `first` on: a whole step on, as in InnoDB. */
export function numberAfter(first: bigint, count: bigint, steps: NumberSteps): bigint {
  return count === 0n ? first : numberFrom(first, steps) + count * steps.increment;
}
