/**
 * What makes sense at its place in a script: nobody crashes twice, reads on who reads, leaves who never came.
 *
 * The same rules by which a page is checked (`scenario/check.ts`), so that every script can be written as a page.
 */
import { type Action, pairName, placeName } from '../scenario/scenario.ts';

export class Sense {
  readonly #observers: number;
  readonly #connected = new Set<string>();
  readonly #stalled = new Set<string>();
  readonly #down = new Set<number>();
  readonly #cut = new Set<string>();

  /** How many observers the cluster has. */
  constructor(observers: number) {
    this.#observers = observers;
  }

  /** Whether it may be done here; then it counts as done. */
  allows(action: Action): boolean {
    switch (action.kind) {
      case 'input':
        if (action.command.kind === 'quit') this.#connected.delete(action.client);
        else this.#connected.add(action.client);
        return true;
      case 'close':
      case 'reset':
        return this.#connected.delete(action.client);
      case 'half-close':
      case 'jump':
        return this.#connected.has(action.client);
      case 'stall':
        return added(this.#stalled, action.client);
      case 'read':
        return this.#stalled.delete(action.client);
      case 'crash':
        return action.observer <= this.#observers && added(this.#down, action.observer);
      case 'restart':
        return this.#down.delete(action.observer);
      case 'leader':
        return action.observer <= this.#observers && !this.#down.has(action.observer);
      case 'sever':
        return [action.from, action.to].every((it) => it.kind !== 'observer' || it.number <= this.#observers);
      case 'partition':
      case 'repair': {
        const pair = pairName(placeName(action.from), placeName(action.to));
        const known = [action.from, action.to].every((it) => it.kind !== 'observer' || it.number <= this.#observers);
        return known && (action.kind === 'partition' ? added(this.#cut, pair) : this.#cut.delete(pair));
      }
      default:
        return true;
    }
  }
}

function added<T>(set: Set<T>, it: T): boolean {
  if (set.has(it)) return false;
  set.add(it);
  return true;
}
