/**
 * The kinds of bad clients, what each of them does and hears, and how often it comes.
 */
import type { Attack } from './attack.ts';
import type { Dice } from './dice.ts';
import { GUESTS } from './guests.ts';
import type { Kind } from './kind.ts';
import { STRANGERS } from './strangers.ts';

export const KINDS: readonly Kind[] = [...STRANGERS, ...GUESTS];

/** So many attacks, of each kind at least one as far as there are enough. */
export function drawAttacks(dice: Dice, count: number): Attack[] {
  const hat = KINDS.flatMap((kind) => Array<Kind>(kind.share).fill(kind));
  const attacks: Attack[] = [];
  for (let number = 0; number < count; number += 1) {
    const kind = KINDS[number] ?? dice.pick(hat);
    attacks.push({ kind: kind.name, steps: kind.draw(dice, number) });
  }
  return attacks;
}
