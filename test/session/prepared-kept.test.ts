/**
 * What a prepared statement leaves on server sessions, and how it is got rid of: CLOSE, cursors, RESET (odp-relay.md §2.8).
 */
import { describe, expect, test } from 'vitest';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import {
  about,
  execute,
  executedOn,
  expectDropped,
  fetch,
  inPreparingWorlds,
  longData,
  lose,
  NO_CURSOR,
  openCursor,
  UNKNOWN,
} from './preparing.ts';

const TEXT = [TYPE.VAR_STRING];

describe('CLOSE', () => {
  test('goes to all who have it, and is not answered', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const [first, second] = [it.prepare(client, 'insert 1'), it.prepare(client, 'insert 2')];
      shop.leader = 1;
      it.ask(client, execute(first));
      it.take();
      expect(it.open).toBe(3);
      // A held BEGIN is none of its business.
      stage.ask(client, 'begin');
      expect(it.ask(client, about(COM.STMT_CLOSE, first))).toEqual([]);
      expect(it.take().sort()).toEqual(['ob0 CLOSE 1001', 'ob1 CLOSE 2001']);
      expect(it.open).toBe(1);
      expect(it.ask(client, execute(first))).toEqual(UNKNOWN);
      expect(it.ask(client, Buffer.concat([about(COM.STMT_CLOSE, second), execute(second)]))).toEqual(UNKNOWN);
      expect(it.open).toBe(0);
    }, 2);
  });

  test('of one that no server session has any more', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert 1');
      lose(stage);
      it.take();
      expect(it.ask(client, about(COM.STMT_CLOSE, id))).toEqual([]);
      expect(it.take()).toEqual([]);
      expect(it.ask(client, execute(id))).toEqual(UNKNOWN);
    });
  });
});

describe('a cursor', () => {
  test('FETCH goes where it is open, the statement anywhere', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'select a');
      expect(it.ask(client, fetch(id, 1))).toEqual(NO_CURSOR);
      expect(it.ask(client, openCursor(id))).toHaveLength(1);
      shop.leader = 1;
      stage.ask(client, 'select 1');
      it.take();
      client.send(fetch(id, 1));
      stage.settle();
      expect(client.take().subarray(0, 10)).toEqual(Buffer.of(6, 0, 0, 1, 0, 0, 7, 0, 0, 0));
      client.send(fetch(id, 5));
      stage.settle();
      expect(client.take()).toHaveLength(10 + 9);
      expect(it.take()).toEqual(['ob0 FETCH 1001 1', 'ob0 FETCH 1001 5']);
      // Its last row was sent.
      expect(it.ask(client, fetch(id, 1))).toEqual(NO_CURSOR);
      it.ask(client, openCursor(id));
      expect(it.take()).toEqual(['ob1 PREPARE select a = 2001', 'ob1 EXECUTE 2001']);
    }, 2);
  });

  test('lost: FETCH is FIN, but the statement can be executed again', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'select a');
      it.ask(client, openCursor(id));
      lose(stage);
      it.ask(client, openCursor(id));
      expect(it.take().at(-1)).toBe('ob0 EXECUTE 1002');
      lose(stage);
      expect(it.ask(client, fetch(id, 1))).toEqual([]);
      expectDropped(stage, client);
    });
  });

  test('elsewhere than the transaction: not to be had in it', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'select a');
      it.ask(client, openCursor(id));
      shop.leader = 1;
      stage.ask(client, 'begin');
      stage.ask(client, 'update t');
      expect(it.ask(client, fetch(id, 1))).toEqual([]);
      expectDropped(stage, client);
    }, 2);
  });
});

describe('RESET', () => {
  test('is answered by the proxy; an open cursor and pieces are closed where they are', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      expect(it.ask(client, about(COM.STMT_RESET, id))).toEqual(['1 OK 0 0x0']);
      it.ask(client, longData(id, 'abc'));
      it.take();
      shop.leader = 1;
      stage.ask(client, 'begin');
      expect(it.ask(client, about(COM.STMT_RESET, id))).toEqual(['1 OK 0 0x0']);
      expect(it.take()).toEqual(['ob0 CLOSE 1001']);
      expect(it.ask(client, execute(id, TEXT, ['a']))).toEqual(executedOn(2001, '0x23'));
      stage.ask(client, 'commit');
      shop.leader = 0;
      expect(it.ask(client, execute(id, [], ['a']))).toEqual(executedOn(1002));
    }, 2);
  });

  test('of what was lost: it is forgotten', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.ask(client, longData(id, 'abc'));
      lose(stage);
      expect(it.ask(client, about(COM.STMT_RESET, id))).toEqual(['1 OK 0 0x0']);
      expect(it.ask(client, execute(id, TEXT, ['a']))).toEqual(executedOn(1002));
    });
  });
});
