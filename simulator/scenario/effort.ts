/**
 * How much one comparison may try. What is polynomial is not counted; trying which value a name takes is, for there are
 * pages on which that would never end. Counted and not timed, so that every run gives up at the same place.
 */

/** Elementary steps: enough for any page written by a person, and well under a second. */
export const MAX_EFFORT = 1_000_000;

export class Effort {
  #left = MAX_EFFORT;

  /** False when it has become too much: then what is tried counts as not found. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }

  get exhausted(): boolean {
    return this.#left < 0;
  }
}
