/** What an EXECUTE says: the statement that its client has prepared under that id, its values in place. */
import { expect, test } from 'vitest';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import { PLAIN_OK } from '../../proxy/wire/ok.ts';
import { executePayload } from '../../proxy/wire/prepared.ts';
import type { Result } from '../../simulator/client/answer.ts';
import type { Life, Request } from '../../simulator/hunt/life.ts';
import { PreparedRequests } from '../../simulator/hunt/prepared-requests.ts';

function lifeOf(client: string): Life {
  const none = { ready: null, request: null, cut: null, end: null, database: null };
  return { client, number: 1, link: 1, csId: 1, greeted: 0, ...none };
}

function requestOf(life: Life, payload: Buffer): Request {
  return { life, step: 0, sql: '', kind: '', payload, asked: 0 };
}

function prepare(life: Life, id: number, sql: string, parameters: number, all: PreparedRequests): void {
  const payload = Buffer.concat([Buffer.of(COM.STMT_PREPARE), Buffer.from(sql)]);
  const told: Result = { kind: 'prepared', id, parameters };
  all.answered(requestOf(life, payload), [told]);
}

function execute(id: number, ...values: (string | null)[]): Buffer {
  const types = values.map((it) => (it !== null && /^\d+$/.test(it) ? TYPE.LONGLONG : TYPE.VAR_STRING));
  return executePayload(id, 0, types, values);
}

const OK: Result = { kind: 'ok', ok: PLAIN_OK };

test('values stand where they go', () => {
  const all = new PreparedRequests();
  const ada = lifeOf('ada');
  prepare(ada, 3, 'SELECT ?, ? FROM t WHERE a = ?', 3, all);
  expect(all.textOf(ada, execute(3, '5', null, 'x'))).toBe('SELECT 5, NULL FROM t WHERE a = x');
});

test('values without types have those of the time before', () => {
  const all = new PreparedRequests();
  const ada = lifeOf('ada');
  prepare(ada, 3, 'SELECT ? FROM t', 1, all);
  const again = executePayload(3, 0, [TYPE.LONGLONG], ['6'], false);
  expect(all.textOf(ada, again)).toBe('SELECT ? FROM t');
  expect(all.textOf(ada, execute(3, '5'))).toBe('SELECT 5 FROM t');
  expect(all.textOf(ada, again)).toBe('SELECT 6 FROM t');
});

test('nothing is known of an id that was never given, or to somebody else, or that was closed', () => {
  const all = new PreparedRequests();
  const [ada, bob] = [lifeOf('ada'), lifeOf('bob')];
  prepare(ada, 3, 'SELECT 1', 0, all);
  expect(all.textOf(ada, execute(3))).toBe('SELECT 1');
  expect(all.textOf(ada, execute(4))).toBe('');
  expect(all.textOf(bob, execute(3))).toBe('');
  all.asks(requestOf(ada, Buffer.of(COM.STMT_CLOSE, 3, 0, 0, 0)));
  expect(all.textOf(ada, execute(3))).toBe('');
});

test.each([COM.RESET_CONNECTION, COM.CHANGE_USER])(
  'after command %i nothing is known, unless it is refused',
  (command) => {
    const all = new PreparedRequests();
    const ada = lifeOf('ada');
    prepare(ada, 3, 'SELECT 1', 0, all);
    const error: Result = { kind: 'error', error: { code: 1045, sqlState: '28000', message: '' } };
    all.answered(requestOf(ada, Buffer.of(command)), [error]);
    expect(all.textOf(ada, execute(3))).toBe('SELECT 1');
    all.answered(requestOf(ada, Buffer.of(command)), [OK]);
    expect(all.textOf(ada, execute(3))).toBe('');
  },
);

test('values that cannot be read leave the text as it was prepared', () => {
  const all = new PreparedRequests();
  const ada = lifeOf('ada');
  prepare(ada, 3, 'SELECT ?', 1, all);
  expect(all.textOf(ada, execute(3))).toBe('SELECT ?');
});
