/**
 * The same question to the simulated observer, directly, as a client that is no proxy.
 */
import { Lab, NO_TRACK, type TestClient } from '../../observer/pair.ts';
import type { IsWhole, ServerSession } from './server-session.ts';

export class SimulatedSession implements ServerSession {
  readonly #client: TestClient;
  /** Payloads that have come and were not asked for. */
  #payloads: Buffer[] = [];

  constructor(lab = new Lab()) {
    this.#client = lab.login({ user: 'root@shop', flags: NO_TRACK });
  }

  get threadId(): number {
    return this.#client.greeting.threadId;
  }

  async ask(command: number, body: string | Buffer, isWhole: IsWhole): Promise<readonly Buffer[]> {
    this.tell(command, body);
    const answer = this.take(isWhole);
    if (answer === null) throw new Error(`no whole answer to ${body}`);
    return answer;
  }

  tell(command: number, body: string | Buffer): void {
    this.#client.send(command, body);
  }

  /** What has been answered since the last look; null while it is not whole. */
  take(isWhole: IsWhole): readonly Buffer[] | null {
    this.#payloads.push(...this.#client.takeBytes().map((it) => it.subarray(4)));
    if (!isWhole(this.#payloads)) return null;
    const payloads = this.#payloads;
    this.#payloads = [];
    return payloads;
  }

  close(): void {
    this.#client.connection.end();
  }
}
