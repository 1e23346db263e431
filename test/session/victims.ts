/**
 * Who is killed in the tests of KILL: the states a client session may be in, and how it gets there.
 */
import { expect } from 'vitest';
import { loginBytes, queryBytes, type RawClient } from './raw-client.ts';
import { IN_TRANS, okBytes, rowsBytes } from './scripted-observer.ts';
import type { Stage } from './stage.ts';

/** FIN, and not a byte before it. */
export function expectSilentEnd(client: RawClient): void {
  expect(client.size).toBe(0);
  expect(client.events).toEqual(['FIN', 'closed']);
}

/** Each enters its state with a first client session that has cs_id 2. */
export const STATES: readonly (readonly [name: string, enter: (stage: Stage) => RawClient])[] = [
  ['idle', (stage) => stage.login('app@shop')],
  [
    'idle in a transaction',
    (stage) => {
      const victim = stage.login('app@shop');
      stage.observer.answers['QUERY update t'] = okBytes(IN_TRANS);
      stage.ask(victim, 'update t');
      return victim;
    },
  ],
  ['before its login', (stage) => stage.connect()],
  [
    'while the observer checks its login',
    (stage) => {
      const victim = stage.connect();
      stage.observer.loginAnswer = () => null;
      victim.send(loginBytes('app@shop'));
      stage.settle();
      return victim;
    },
  ],
  [
    'while its state is restored',
    (stage) => {
      const victim = stage.login('app@shop');
      stage.observer.last.connection.end();
      stage.settle();
      stage.observer.answer = () => null;
      victim.send(queryBytes('select 1'));
      stage.settle();
      return victim;
    },
  ],
  [
    'while it waits for an answer',
    (stage) => {
      const victim = stage.login('app@shop');
      stage.observer.answers['QUERY sleep'] = null;
      victim.send(queryBytes('sleep'));
      stage.settle();
      return victim;
    },
  ],
  [
    'in the middle of a result',
    (stage) => {
      const victim = stage.login('app@shop');
      stage.observer.answers['QUERY select a'] = rowsBytes('a', ['1', '2']).subarray(0, -25);
      victim.send(queryBytes('select a'));
      stage.settle();
      expect(victim.size).toBeGreaterThan(0);
      victim.take();
      return victim;
    },
  ],
];
