/**
 * When the connections come up that mariadb's pool opens in the background, nine beside the first. It takes the idle ones
 * in turn, so its cells depend on that; left to luck, it differs from run to run. Here they are let in as each cell has
 * it: in the measurements some triggers were answered at once and some had waited for a while.
 */
import { QUERY } from './asked.ts';
import type { Answer, DriverClient } from './driver-clients.ts';
import { until } from './until.ts';

export type LetIn = 'while the trigger runs' | 'behind the trigger' | 'while q3 runs' | 'one, while q3 waits for it';

/** Clients that connect while it is shut wait for their login. */
export interface PoolDoor {
  open(): void;
  /** One client more may pass: who has waited longest, or the next. */
  letOneIn(): void;
  /** What a client sends stays on its way, until it is released. */
  holdRequests(place: number): void;
  releaseRequests(place: number): void;
}

/** Lets in what a pool opens ahead, and waits until it is idle; the first connection is not counted. */
export async function openedAhead(door: PoolDoor, client: DriverClient): Promise<void> {
  if (client.opensAhead === 0) return;
  const before = client.idle;
  door.open();
  await until(() => client.idle >= before + client.opensAhead, 'the pool to open all its connections');
}

/** q3; `place` is the first connection's number at the door. */
export async function askedWhileLetIn(
  door: PoolDoor,
  client: DriverClient,
  letIn: LetIn,
  place: number,
): Promise<Answer> {
  if (client.opensAhead === 0) return client.query(QUERY);
  if (letIn === 'one, while q3 waits for it') {
    const answer = client.query(QUERY);
    door.letOneIn();
    return answer;
  }
  if (letIn === 'while q3 runs') {
    door.holdRequests(place);
    const answer = client.query(QUERY);
    door.open();
    await until(() => client.idle === client.opensAhead, 'the pool to open all its connections');
    door.releaseRequests(place);
    return answer;
  }
  return client.query(QUERY);
}
