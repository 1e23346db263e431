/**
 * What a fleet knows of its transfers: which were acknowledged, which are surely undone, and of which nobody can tell.
 *
 * The ids are the fleet's own, so what stands in the table afterwards can be held against it, transfer by transfer.
 * Knows nothing of how they are asked for.
 */

export type Fate = 'under way' | 'committed' | 'undone' | 'unknown';

export interface Transfer {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly amount: number;
}

interface Line extends Transfer {
  fate: Fate;
}

export class Ledger {
  readonly #lines: Line[] = [];

  /** Ids count from 1. */
  open(source: number, target: number, amount: number): Transfer {
    const line: Line = { id: this.#lines.length + 1, source, target, amount, fate: 'under way' };
    this.#lines.push(line);
    return line;
  }

  close({ id }: Transfer, fate: Fate): void {
    this.#lines[id - 1]!.fate = fate;
  }

  count(fate: Fate): number {
    return this.#lines.reduce((sum, line) => sum + (line.fate === fate ? 1 : 0), 0);
  }

  /**
   * What is wrong with the rows of `transfer` (id, source, target, amount) and `account` (id, balance) once the fleet is
   * gone: one line of words for each. `first` is what every account started with.
   */
  audit(transfers: readonly (readonly number[])[], accounts: readonly (readonly number[])[], first: number): string[] {
    const wrong: string[] = [];
    const balances = new Map<number, number>();
    const there = new Set<number>();
    for (const [id = 0, source = 0, target = 0, amount = 0] of transfers) {
      there.add(id);
      balances.set(source, (balances.get(source) ?? first) - amount);
      balances.set(target, (balances.get(target) ?? first) + amount);
      const line = this.#lines[id - 1];
      if (line === undefined || line.source !== source || line.target !== target || line.amount !== amount) {
        wrong.push(`transfer ${id} of ${amount} from ${source} to ${target}: nobody asked for that`);
      } else if (line.fate === 'undone') {
        wrong.push(`transfer ${id} was undone, and is there`);
      }
    }
    for (const { id, fate } of this.#lines) {
      if (fate === 'committed' && !there.has(id)) wrong.push(`transfer ${id} was acknowledged, and is gone`);
    }
    for (const [id = 0, balance = 0] of accounts) {
      const due = balances.get(id) ?? first;
      if (balance !== due) wrong.push(`account ${id} has ${balance}, where its transfers make ${due}`);
    }
    return wrong;
  }
}
