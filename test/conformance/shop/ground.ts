/**
 * The ground of a shop: the proxy before a simulated observer, and the two doors at which a client may knock.
 *
 * On real time: nothing here waits for a timer but for a lock's own.
 */
import { NodeClock } from '../../../proxy/node/clock.ts';
import type { Login } from '../driver-clients.ts';
import { RequestLog } from '../request-log.ts';
import { isDeserted, type SimulatedOdp, startOdp } from '../simulated-odp.ts';
import { until } from '../until.ts';

export const PLACES = ['at the observer', 'through the proxy'] as const;
export type Place = (typeof PLACES)[number];

const TENANT = 'shop';
const DATABASE = 'test';

export class Ground {
  /** What clients have sent, wherever they are. */
  readonly log: RequestLog;
  readonly #odp: SimulatedOdp;

  private constructor(odp: SimulatedOdp, log: RequestLog) {
    this.#odp = odp;
    this.log = log;
  }

  static async open(): Promise<Ground> {
    const log = new RequestLog();
    return new Ground(await startOdp(new NodeClock(), { tap: log }), log);
  }

  /** An ordinary user of the tenant shop, in a database without tables. */
  login(place: Place): Login {
    return place === 'at the observer'
      ? { ...this.#odp.observer, user: 'app@shop', database: DATABASE }
      : { ...this.#odp.address, user: 'app@shop#obdemo', database: DATABASE };
  }

  /** Resolves once so many statements wait for a row. */
  waiting(statements: number): Promise<void> {
    const count = () => {
      const session = this.#odp.cluster
        .observer(1)
        .listed()
        .find((it) => it.identity.tenant.name === TENANT);
      return session === undefined ? 0 : session.identity.tenant.locks.count;
    };
    return until(() => count() === statements, `${statements} statements to wait for a row`);
  }

  /** Everybody has gone home: nothing may be left. */
  async close(): Promise<void> {
    await until(() => isDeserted(this.#odp), 'every session to end');
    this.#odp.stop();
  }
}
