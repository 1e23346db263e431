/**
 * What a kind of bad client is.
 */
import type { Step } from './attack.ts';
import type { Dice } from './dice.ts';

export interface Kind {
  readonly name: string;
  /** Its share of all; 10 is the ordinary one, less for what is slow or heavy. */
  readonly share: number;
  /** `number` is that of the attack, for what must differ between two. */
  draw(dice: Dice, number: number): readonly Step[];
}
