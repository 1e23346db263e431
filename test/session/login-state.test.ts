/**
 * What a login reports, taken apart: blocks that come again are not read again, and say what they would say if they were.
 */
import { expect, test } from 'vitest';
import { loginStateOf, readLoginState } from '../../proxy/session/login-state.ts';
import { readSessionState, writeSessionState } from '../../proxy/wire/session-state.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';

const BLOCK = OBSERVER_LOGIN_OK.subarray(13);

function withDatabase(database: string): Buffer {
  return writeSessionState({ ...readSessionState(BLOCK), database });
}

test('a block that comes again is the same, and says what it would if it were read', () => {
  const first = readLoginState(BLOCK);
  expect(readLoginState(Buffer.from(BLOCK))).toBe(first);
  expect(first).toEqual(loginStateOf(readSessionState(BLOCK)));
});

test('blocks that differ in a byte are told apart, in turns', () => {
  const all = ['bank', 'bans', 'test'];
  for (const round of [1, 2]) {
    expect(
      all.map((it) => readLoginState(withDatabase(it)).database),
      `round ${round}`,
    ).toEqual(all);
  }
});

test('the bytes of the chunk that it came in may be written over', () => {
  const chunk = withDatabase('before');
  const before = Buffer.from(chunk);
  readLoginState(chunk);
  chunk.write('behind', chunk.indexOf('before'));
  expect(readLoginState(chunk).database).toBe('behind');
  expect(readLoginState(before).database).toBe('before');
});

test('there is no end of blocks, and the oldest are forgotten', () => {
  const first = readLoginState(withDatabase('d0'));
  for (let i = 1; i < 40; i += 1) readLoginState(withDatabase(`d${i}`));
  const again = readLoginState(withDatabase('d0'));
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});
