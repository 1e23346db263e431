/**
 * The same question to the simulated observer, directly, as a client that is no proxy.
 */
import { COM } from '../../../proxy/wire/constants.ts';
import { Lab, NO_TRACK, type TestClient } from '../../observer/pair.ts';
import { type Outcome, readOutcome } from './outcome.ts';

export class SimulatedClient {
  readonly #client: TestClient;

  constructor(lab = new Lab()) {
    this.#client = lab.login({ user: 'root@shop', flags: NO_TRACK });
  }

  query(sql: string): Outcome {
    this.#client.send(COM.QUERY, sql);
    const outcome = readOutcome(this.#client.takeBytes().map((it) => it.subarray(4)));
    if (outcome === null) throw new Error(`no whole answer to ${sql}`);
    return outcome;
  }
}
