/** What an EXECUTE of the scripted client says of the types of its values. */
import { expect, test } from 'vitest';
import { readExecute } from '../../proxy/wire/prepared.ts';
import type { Line } from '../../simulator/client/line.ts';
import { type PreparedStatement, payloadOf } from '../../simulator/client/payloads.ts';

/** Behind id, flags, count and a bitmap of one byte. */
const NEW_TYPES_AT = 11;

function execute(prepared: PreparedStatement, ...values: string[]): Buffer {
  return payloadOf({ kind: 'execute', values }, {} as Line, prepared)!;
}

test('types are said once, and again when they are others', () => {
  const prepared: PreparedStatement = { line: {} as Line, id: 3, types: null };
  const said = [
    ['1', "'a'"],
    ['2', "'b'"],
    ['3', '4'],
    ['5', '6'],
    ['NULL', '6'],
  ].map((values) => {
    const payload = execute(prepared, ...values);
    return payload[NEW_TYPES_AT];
  });
  expect(said).toEqual([1, 0, 1, 0, 1]);
});

test('values without types are read by those of the time before', () => {
  const prepared: PreparedStatement = { line: {} as Line, id: 3, types: null };
  const facts = { parameters: 2, long: new Map() };
  const { types } = readExecute(execute(prepared, '1', "'a'"), { ...facts, types: null });
  expect(readExecute(execute(prepared, '2', "'b'"), { ...facts, types }).values).toEqual([2n, 'b']);
});
