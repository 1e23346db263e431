/**
 * The walk over candidates, and what counts as an attempt (odp-relay.md §5.5).
 */
import { expect, test } from 'vitest';
import { Attempts, mostAttempts, NO_ATTEMPTS } from '../../proxy/session/retries.ts';

function walk(attempts: Attempts): number[] {
  const servers: number[] = [];
  for (let { server } = attempts; server !== undefined; { server } = attempts) {
    servers.push(server);
    attempts.take();
  }
  return servers;
}

test('first to last, and again, until there were enough', () => {
  expect(walk(new Attempts([2, 0, 1], 7))).toEqual([2, 0, 1, 2, 0, 1, 2]);
  expect(walk(new Attempts([5], 3))).toEqual([5, 5, 5]);
  expect(walk(new Attempts([1, 2], 1))).toEqual([1]);
});

test('no server, no attempt', () => {
  expect(walk(new Attempts([], 7))).toEqual([]);
  NO_ATTEMPTS.take();
  expect(NO_ATTEMPTS.server).toBeUndefined();
});

test.each([
  [3, 1, 3],
  [3, 3, 7],
  [5, 1, 5],
  [2, 1, 3],
])('connect_observer_max_retries %d and %d servers: %d attempts', (retries, servers, most) => {
  expect(mostAttempts(retries, servers)).toBe(most);
});
