/** The error table: the texts that people search for, and that every line of it fits the wire. */
import { expect, test } from 'vitest';
import { type ErrorName, errorOf } from '../../proxy/wire/errors.ts';
import { HEADER_SIZE, PacketWriter } from '../../proxy/wire/framing.ts';
import { MAX_ERROR_TEXT, readErr, writeErr } from '../../proxy/wire/ok.ts';
import { KILL_ERR, SELCT_ERR } from './fixtures.ts';

test('the self-kill is §9.6', () => {
  const out = new PacketWriter(1);
  writeErr(out, errorOf('QUERY_INTERRUPTED'));
  expect(out.view().toString('hex')).toBe(KILL_ERR.toString('hex'));
});

test('the syntax error is §9.5', () => {
  const out = new PacketWriter(1);
  writeErr(out, errorOf('SYNTAX', 'selct 1', 1));
  expect(out.view().toString('hex')).toBe(SELCT_ERR.toString('hex'));
});

test.each<[name: ErrorName, values: (string | number)[], code: number, sqlState: string, message: string]>([
  ['BAD_INTERNAL_COMMAND', [], 5010, '21000', 'Unknown operator, bad internal cmd'],
  ['UNKNOWN_THREAD', [4_294_967_295], 1094, 'HY000', 'Unknown thread id: 4294967295'],
  ['NOT_OWNER', [7], 1095, 'HY000', 'You are not owner of thread 7'],
  ['SESSION_INTERRUPTED', [], 5066, 'HY000', 'Session interrupted'],
  ['CLUSTER_NOT_EXIST', [], 4669, 'HY000', 'cluster not exist'],
  ['LOCK_WAIT_TIMEOUT', [], 1205, 'HY000', 'Lock wait timeout exceeded; try restarting transaction'],
  [
    'ACCESS_DENIED',
    ['app', '192.0.2.10', 'YES'],
    1045,
    '42000',
    "Access denied for user 'app'@'192.0.2.10' (using password: YES)",
  ],
])('%s %j', (name, values, code, sqlState, message) => {
  expect(errorOf(name, ...values)).toEqual({ code, sqlState, message });
});

test('an argument is text and nothing more', () => {
  expect(errorOf('UNKNOWN_TABLE', "%s$&$1'").message).toBe("Table '%s$&$1'' doesn't exist");
  expect(errorOf('DUPLICATE_ENTRY', '1').message).toBe("Duplicate entry '1' for key ''");
});

test('a long text is cut, not through a character', () => {
  const out = new PacketWriter(1);
  writeErr(out, { code: 1064, sqlState: '42000', message: `${'a'.repeat(MAX_ERROR_TEXT - 2)}数数` });
  const err = readErr(out.view().subarray(HEADER_SIZE));
  expect(err.message).toBe('a'.repeat(MAX_ERROR_TEXT - 2));
  const fits = new PacketWriter(1);
  writeErr(fits, { code: 1064, sqlState: '42000', message: `${'a'.repeat(MAX_ERROR_TEXT - 3)}数` });
  expect(readErr(fits.view().subarray(HEADER_SIZE)).message).toBe(`${'a'.repeat(MAX_ERROR_TEXT - 3)}数`);
});
