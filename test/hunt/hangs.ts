/** A process whose second run never ends: what `hang.test.ts` looks at. */
import { HangWatch } from '../../proxy/cli/hang-watch.ts';

/** In milliseconds. */
const PATIENCE = 900;

const watch = new HangWatch({ what: 'run {run} of seed 7', again: 'play {run} again', exitCode: 1 }, PATIENCE);
watch.begins(4);
await new Promise((resolve) => setTimeout(resolve, PATIENCE / 3));
watch.rest();
// It is nobody's fault that this takes long.
await new Promise((resolve) => setTimeout(resolve, 2 * PATIENCE));
watch.begins(5);

class Machine {
  #left = 1;

  event(): void {
    while (this.#left > 0) this.step();
  }

  step(): void {
    this.#left += 1;
  }
}

new Machine().event();
