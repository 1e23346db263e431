/**
 * Prepared statements through the proxy: its own ids, prepared again where they are needed, and types that follow
 * (odp-relay.md §2.8).
 */
import { describe, expect, test } from 'vitest';
import { Statements } from '../../proxy/session/statements.ts';
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
  UNKNOWN,
} from './preparing.ts';
import { queryBytes, requestBytes } from './raw-client.ts';
import { okBytes } from './scripted-observer.ts';

const LOGIN_SET = 'QUERY SET @@ob_trx_timeout = 86400000000, @@ob_enable_transmission_checksum = 1';
const NOT_PREPARED = ['1 ERR 1295/HY000 This command is not supported in the prepared statement protocol yet'];
const INTEGER = [TYPE.LONG];
const TEXT = [TYPE.VAR_STRING];

const MEANING = { database: null, sqlMode: '' };

describe('ids', () => {
  test('are from a counter of the client session, whatever the observers say; a refused one is nobody', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const other = stage.login('app@shop');
      expect([it.prepare(client, 'insert 1'), it.prepare(other, 'insert 2'), it.prepare(client, 'insert 3')]).toEqual([
        1, 1, 2,
      ]);
      it.refused.add('selct');
      expect(it.ask(client, requestBytes(COM.STMT_PREPARE, 'selct'))).toEqual(['1 ERR 1146/HY000 no selct']);
      expect(it.ask(client, execute(3))).toEqual(UNKNOWN);
      expect(it.ask(client, execute(1))).toEqual(executedOn(1001));
      expect(it.ask(client, execute(2))).toEqual(executedOn(1003));
      expect(it.ask(other, execute(1))).toEqual(executedOn(1002));
    });
  });

  test('0xffffffff is the one prepared last, as drivers of MariaDB send it behind a PREPARE; a refused one is nobody', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      it.prepare(client, 'insert 1');
      client.send(Buffer.concat([requestBytes(COM.STMT_PREPARE, 'insert 2'), execute(0xffff_ffff)]));
      stage.settle();
      client.take();
      expect(it.take()).toEqual(['ob0 PREPARE insert 1 = 1001', 'ob0 PREPARE insert 2 = 1002', 'ob0 EXECUTE 1002']);
      it.refused.add('selct');
      client.send(Buffer.concat([requestBytes(COM.STMT_PREPARE, 'selct'), execute(0xffff_ffff)]));
      stage.settle();
      expect(client.read()).toEqual(['1 ERR 1146/HY000 no selct', ...UNKNOWN]);
    });
  });

  test('a statement on two observers has two ids, each gets its own', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert 1');
      shop.leader = 1;
      expect(it.ask(client, execute(id))).toEqual(executedOn(2001));
      shop.leader = 0;
      expect(it.ask(client, execute(id))).toEqual(executedOn(1001));
      shop.leader = 2;
      expect(it.ask(client, execute(id))).toEqual(executedOn(3001));
      shop.leader = 1;
      expect(it.ask(client, execute(id))).toEqual(executedOn(2001));
      expect(it.take()).toEqual([
        'ob0 PREPARE insert 1 = 1001',
        `ob1 ${LOGIN_SET}`,
        'ob1 PREPARE insert 1 = 2001',
        'ob1 EXECUTE 2001',
        'ob0 EXECUTE 1001',
        `ob2 ${LOGIN_SET}`,
        'ob2 PREPARE insert 1 = 3001',
        'ob2 EXECUTE 3001',
        'ob1 EXECUTE 2001',
      ]);
    }, 3);
  });

  test('those that nobody has: an ERR, and silence where there is no answer', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      expect(it.ask(client, execute(1))).toEqual(UNKNOWN);
      expect(it.ask(client, about(COM.STMT_RESET, 1))).toEqual(UNKNOWN);
      expect(it.ask(client, fetch(1, 1))).toEqual(NO_CURSOR);
      expect(it.ask(client, about(COM.STMT_CLOSE, 1))).toEqual([]);
      expect(it.ask(client, longData(1, 'a'))).toEqual([]);
      expect(it.ask(client, about(COM.STMT_CLOSE, 0xffff_ffff))).toEqual([]);
      expect(stage.ask(client, 'select 1')).toEqual(executedOn(0));
      expect(it.take()).toEqual(['ob0 QUERY select 1']);
    });
  });

  test('go round without being given twice', () => {
    const statements = new Statements();
    const first = statements.add(Buffer.alloc(5), false, MEANING);
    const second = statements.add(Buffer.alloc(5), false, MEANING);
    statements.close(first);
    expect([first.id, second.id, statements.add(Buffer.alloc(5), false, MEANING).id]).toEqual([1, 2, 3]);
    expect(statements.count).toBe(2);
  });
});

test('own commands and BEGIN cannot be prepared', () => {
  inPreparingWorlds((stage, it) => {
    const client = stage.login('root@sys');
    for (const text of [
      'show proxysession',
      'KILL 5',
      'kill x',
      'begin',
      'start transaction',
      'select proxy_version()',
    ]) {
      expect(it.ask(client, requestBytes(COM.STMT_PREPARE, text)), text).toEqual(NOT_PREPARED);
    }
    expect(client.events).toEqual([]);
    expect(it.take()).toEqual([]);
  });
});

describe('prepared again', () => {
  test('after KILL PROXYSESSION cs ss', () => {
    inPreparingWorlds((stage, it) => {
      const admin = stage.administrator();
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert 1');
      stage.ask(admin, 'KILL PROXYSESSION 2 1');
      stage.advance(1000);
      expect(it.ask(client, execute(id))).toEqual(executedOn(1002));
      expect(it.ask(client, execute(id))).toEqual(executedOn(1002));
      expect(it.take()).toEqual([
        'ob0 PREPARE insert 1 = 1001',
        `ob0 ${LOGIN_SET}`,
        'ob0 PREPARE insert 1 = 1002',
        'ob0 EXECUTE 1002',
        'ob0 EXECUTE 1002',
      ]);
      expect(client.events).toEqual([]);
    });
  });

  test('in order: database, SET, BEGIN, PREPARE, EXECUTE', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      stage.observer.answers['INIT_DB bank'] = okBytes({}, { database: 'bank' });
      stage.observer.answers['QUERY set'] = okBytes({}, { user: [['v', '1']] });
      it.ask(client, requestBytes(COM.INIT_DB, 'bank'));
      stage.ask(client, 'set');
      const id = it.prepare(client, 'insert 1');
      expect(stage.ask(client, 'begin')).toEqual(['1 OK 0 0x23']);
      it.take();
      shop.leader = 1;
      expect(it.ask(client, execute(id))).toEqual(executedOn(2001, '0x23'));
      expect(it.take()).toEqual([
        'ob1 INIT_DB bank',
        `ob1 ${LOGIN_SET}, @v = 1`,
        'ob1 QUERY begin',
        'ob1 PREPARE insert 1 = 2001',
        'ob1 EXECUTE 2001',
      ]);
      // The transaction is there, and stays.
      shop.leader = 0;
      expect(it.ask(client, execute(id))).toEqual(executedOn(2001, '0x23'));
      expect(stage.ask(client, 'commit')).toEqual(executedOn(0));
      expect(it.ask(client, execute(id))).toEqual(executedOn(1001));
    }, 2);
  });

  test('a BEGIN goes in front of a PREPARE that comes first', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      stage.ask(client, 'begin');
      const id = it.prepare(client, 'insert 1');
      expect(it.ask(client, execute(id))).toEqual(executedOn(1001, '0x23'));
      expect(it.take()).toEqual(['ob0 QUERY begin', 'ob0 PREPARE insert 1 = 1001', 'ob0 EXECUTE 1001']);
    });
  });

  test('refused: its ERR is the answer, the rest of a long EXECUTE goes nowhere, the client lives on', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      lose(stage);
      it.refused.add('insert ?');
      const long = execute(id, TEXT, ['x'.repeat(300_000)]);
      for (const request of [execute(id, INTEGER, ['1']), long]) {
        expect(it.ask(client, Buffer.concat([request, queryBytes('select 1')]))).toEqual([
          '1 ERR 1146/HY000 no insert ?',
          ...executedOn(0),
        ]);
      }
      it.refused.clear();
      expect(it.ask(client, long)).toEqual(executedOn(1002));
      expect(it.take().slice(1)).toEqual([
        `ob0 ${LOGIN_SET}`,
        'ob0 PREPARE insert ? refused',
        'ob0 QUERY select 1',
        'ob0 PREPARE insert ? refused',
        'ob0 QUERY select 1',
        'ob0 PREPARE insert ? = 1002',
        'ob0 EXECUTE 1002 with types',
      ]);
    });
  });

  test('refused in a transaction that began with it: it is open', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert 1');
      lose(stage);
      it.refused.add('insert 1');
      stage.ask(client, 'begin');
      expect(it.ask(client, execute(id))).toEqual(['1 ERR 1146/HY000 no insert 1']);
      expect(stage.ask(client, 'select 1')).toEqual(executedOn(0, '0x23'));
    });
  });

  test('while the server session is lost in the middle of it: on the next', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert 1');
      shop.leader = 1;
      const { answer } = stage.observers[1]!;
      stage.observers[1]!.answer = (asked, connection) => {
        if (!asked.startsWith('STMT_PREPARE')) return answer(asked, connection);
        connection.connection.end();
        return null;
      };
      expect(it.ask(client, execute(id))).toEqual(executedOn(1001));
    }, 2);
  });
});

describe('types of parameters', () => {
  test('an EXECUTE without them on a fresh server session gets them', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?, ?');
      it.ask(client, execute(id, [TYPE.LONG, TYPE.VAR_STRING], ['1', 'abc']));
      it.ask(client, execute(id, [], ['1', 'abc']));
      lose(stage);
      it.ask(client, execute(id, [], ['1', 'abc']));
      it.ask(client, execute(id, [], ['1', 'abc']));
      expect(it.take().filter((line) => line.includes('EXECUTE'))).toEqual([
        'ob0 EXECUTE 1001 with types',
        'ob0 EXECUTE 1001',
        'ob0 EXECUTE 1002 with types',
        'ob0 EXECUTE 1002',
      ]);
      const typed = execute(1002, [TYPE.LONG, TYPE.VAR_STRING], ['1', 'abc']).subarray(4);
      // Without types the values were written as texts.
      const untyped = execute(1002, [], ['1', 'abc']).subarray(4);
      const [before, behind] = [typed.subarray(0, 16), untyped.subarray(12)];
      expect(stage.observer.last.payloads.at(-2)).toEqual(Buffer.concat([before, behind]));
      expect(stage.observer.last.payloads.at(-1)).toEqual(untyped);
    });
  });

  test('an observer that knows older ones gets the newer', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.ask(client, execute(id, INTEGER, ['1']));
      shop.leader = 1;
      it.ask(client, execute(id, TEXT, ['a']));
      shop.leader = 0;
      it.ask(client, execute(id, [], ['b']));
      it.ask(client, execute(id, [], ['c']));
      expect(it.take().filter((line) => line.includes('EXECUTE'))).toEqual([
        'ob0 EXECUTE 1001 with types',
        'ob1 EXECUTE 2001 with types',
        'ob0 EXECUTE 1001 with types',
        'ob0 EXECUTE 1001',
      ]);
      expect(stage.observer.last.payloads.at(-2)!.subarray(11)).toEqual(Buffer.of(1, TYPE.VAR_STRING, 0, 1, 0x62));
    }, 2);
  });

  test('of as many parameters as there can be', () => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const id = it.prepare(client, `insert ${'?'.repeat(60_000)}`);
        const values = Array.from({ length: 60_000 }, () => 'x');
        it.ask(
          client,
          execute(
            id,
            values.map(() => TYPE.VAR_STRING),
            values,
          ),
        );
        lose(stage);
        expect(it.ask(client, execute(id, [], values))).toEqual(executedOn(1002));
        const [first] = stage.observer.connections;
        expect(stage.observer.last.payloads.at(-1)!.subarray(5).equals(first!.payloads.at(-1)!.subarray(5))).toBe(true);
      },
      1,
      1,
    );
  });

  test('that would not fit into the packet any more are left out', () => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const id = it.prepare(client, 'insert ?');
        it.ask(client, execute(id, TEXT, ['x']));
        lose(stage);
        expect(it.ask(client, execute(id, [], ['x'.repeat(17 * 1024 * 1024)]))).toEqual(executedOn(1002));
        expect(it.take().at(-1)).toBe('ob0 EXECUTE 1002');
      },
      1,
      0,
    );
  });
});

describe('a statement that depends on the one before', () => {
  test('is prepared and executed where that was', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      shop.leader = 1;
      stage.ask(client, 'select 1');
      shop.leader = 0;
      const id = it.prepare(client, 'select connection_id()');
      expect(it.ask(client, execute(id))).toEqual(executedOn(2001));
      stage.ask(client, 'select 2');
      // The last one is another now.
      expect(it.ask(client, execute(id))).toEqual(executedOn(1001));
    }, 2);
  });

  test('and that server session is gone: FIN', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'select connection_id()');
      lose(stage);
      expect(it.ask(client, execute(id))).toEqual([]);
      expectDropped(stage, client);
    });
  });
});
