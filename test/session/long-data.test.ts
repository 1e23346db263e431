/**
 * Long data and long statements: pieces that are not answered, and OceanBase's that are; PREPARE and EXECUTE that are passed on while they arrive.
 */
import { describe, expect, test } from 'vitest';
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import {
  about,
  execute,
  executedOn,
  expectDropped,
  inPreparingWorlds,
  longData,
  lose,
  piece,
  UNKNOWN,
} from './preparing.ts';
import { queryBytes, requestBytes } from './raw-client.ts';

const MB = 1024 * 1024;
const TEXT = [TYPE.VAR_STRING];
const MANY = 100_000;

/** Sizes of requests, and in how many seeded worlds they are tried. */
const SIZES = [
  ['9 KB', 9000, 30],
  ['200 KB', 200_000, 10],
  ['5 MB', 5 * MB, 2],
  ['17 MB', 17 * MB, 1],
] as const;

/** Text that shows where a byte was lost or moved. */
function long(size: number): string {
  const text = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz0123456789 ');
  for (let i = 0; i + 8 < size; i += 1024) text.write(String(i).padStart(8, '0'), i);
  return text.toString('latin1');
}

describe("OceanBase's SEND_PIECE_DATA", () => {
  test('is answered; later pieces and the EXECUTE go where the first was taken', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.take();
      expect(it.ask(client, piece(id, 'abc'))).toEqual(executedOn(1001));
      shop.leader = 1;
      expect(it.ask(client, piece(id, 'd'))).toEqual(executedOn(1001));
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual(executedOn(1001));
      expect(it.take()).toEqual(['ob0 PIECE 1001 3', 'ob0 PIECE 1001 1', 'ob0 EXECUTE 1001 with types']);
      expect(it.ask(client, execute(id, TEXT, ['a']))).toEqual(executedOn(2001));
    }, 2);
  });

  test('a held BEGIN goes out before it, and a fresh server session prepares first', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      lose(stage);
      stage.ask(client, 'begin');
      it.take();
      expect(it.ask(client, piece(id, 'abc'))).toEqual(executedOn(1002, '0x23'));
      expect(it.take().slice(-3)).toEqual(['ob0 QUERY begin', 'ob0 PREPARE insert ? = 1002', 'ob0 PIECE 1002 3']);
    });
  });

  test('a lost one: the EXECUTE is FIN', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.ask(client, piece(id, 'abc'));
      lose(stage);
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual([]);
      expectDropped(stage, client);
    });
  });

  test('an ERR is relayed, is not tried again elsewhere, and holds nothing there', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.take();
      it.refused.add('piece');
      expect(it.ask(client, piece(id, 'abc'))).toEqual(['1 ERR 8001/HY000 no piece']);
      expect(it.take()).toEqual(['ob0 PIECE 1001 3']);
      shop.leader = 1;
      expect(it.ask(client, execute(id, TEXT, ['a']))).toEqual(executedOn(2001));
      expect(it.ask(client, piece(99, 'abc'))).toEqual(UNKNOWN);
    }, 2);
  });

  for (const [name, size, seeds] of SIZES) {
    test(`a piece of ${name}`, () => {
      inPreparingWorlds(
        (stage, it) => {
          const client = stage.login('app@shop');
          const id = it.prepare(client, 'insert ?');
          const data = long(size);
          const requests = [piece(id, data), execute(id, TEXT, [null])];
          expect(it.ask(client, Buffer.concat(requests))).toEqual([...executedOn(1001), ...executedOn(1001)]);
          expect(stage.observer.last.payloads[1]!.toString('latin1', 17) === data).toBe(true);
        },
        1,
        seeds,
      );
    });
  }
});

describe('SEND_LONG_DATA', () => {
  test('later pieces and the EXECUTE go where the first was taken', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.take();
      expect(it.ask(client, longData(id, 'abc'))).toEqual([]);
      shop.leader = 1;
      expect(it.ask(client, Buffer.concat([longData(id, 'd'), execute(id, TEXT, [null])]))).toEqual(executedOn(1001));
      expect(it.take()).toEqual(['ob0 LONG 1001 3', 'ob0 LONG 1001 1', 'ob0 EXECUTE 1001 with types']);
      // It has been executed: nothing holds it there any more.
      expect(it.ask(client, execute(id, TEXT, ['a']))).toEqual(executedOn(2001));
    }, 2);
  });

  test('on a fresh server session: prepared first, and still no answer', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      lose(stage);
      expect(it.ask(client, Buffer.concat([longData(id, 'abc'), longData(id, 'd')]))).toEqual([]);
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual(executedOn(1002));
      expect(it.take().slice(2)).toEqual([
        'ob0 PREPARE insert ? = 1002',
        'ob0 LONG 1002 3',
        'ob0 LONG 1002 1',
        'ob0 EXECUTE 1002 with types',
      ]);
    });
  });

  test('a lost one: the EXECUTE is FIN', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.ask(client, longData(id, 'abc'));
      lose(stage);
      expect(stage.ask(client, 'select 1')).toEqual(executedOn(0));
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual([]);
      expectDropped(stage, client);
    });
  });

  test('that cannot be prepared: silence, and the EXECUTE gets the ERR', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      lose(stage);
      it.refused.add('insert ?');
      expect(it.ask(client, Buffer.concat([longData(id, long(20_000)), queryBytes('select 1')]))).toEqual(
        executedOn(0),
      );
      it.refused.clear();
      expect(it.ask(client, longData(id, 'more'))).toEqual([]);
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual(['1 ERR 1146/HY000 no insert ?']);
      expect(it.ask(client, execute(id, TEXT, ['all']))).toEqual(executedOn(1002));
    });
  });

  test('behind a BEGIN: that goes out with the EXECUTE, which is answered', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      stage.ask(client, 'begin');
      it.take();
      it.ask(client, longData(id, 'abc'));
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual(executedOn(1001, '0x23'));
      expect(it.take()).toEqual(['ob0 LONG 1001 3', 'ob0 QUERY begin', 'ob0 EXECUTE 1001 with types']);
    });
  });

  test('elsewhere than the transaction: not to be had in it', () => {
    inPreparingWorlds((stage, it, shop) => {
      const client = stage.login('app@shop');
      const id = it.prepare(client, 'insert ?');
      it.ask(client, longData(id, 'abc'));
      shop.leader = 1;
      stage.ask(client, 'begin');
      stage.ask(client, 'update t');
      expect(it.ask(client, execute(id, TEXT, [null]))).toEqual([]);
      expectDropped(stage, client);
    }, 2);
  });

  test('an observer that does not read stops the client, though nothing waits for an answer', () => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const id = it.prepare(client, 'insert ?');
        stage.observer.last.connection.pause();
        const piece = longData(id, long(8000));
        for (let i = 0; i < 1000; i += 1) client.send(piece);
        client.send(execute(id, TEXT, [null]));
        stage.settle();
        expect(client.connection.unsent).toBeGreaterThan(5 * MB);
        stage.observer.last.connection.resume();
        stage.settle();
        expect(client.read()).toEqual(executedOn(1001));
        expect(it.take().filter((line) => line === 'ob0 LONG 1001 8000')).toHaveLength(1000);
      },
      1,
      3,
    );
  });

  for (const [name, size, seeds] of SIZES) {
    test(`a piece of ${name}`, () => {
      inPreparingWorlds(
        (stage, it) => {
          const client = stage.login('app@shop');
          const id = it.prepare(client, 'insert ?');
          const data = long(size);
          const requests = [longData(id, data), longData(id, 'end'), execute(id, TEXT, [null]), queryBytes('select 1')];
          expect(it.ask(client, Buffer.concat(requests))).toEqual([...executedOn(1001), ...executedOn(0)]);
          const { payloads } = stage.observer.last;
          expect(payloads[1]!.toString('latin1', 7) === data).toBe(true);
          expect(payloads[2]!.toString('latin1', 7)).toBe('end');
        },
        1,
        seeds,
      );
    });
  }
});

describe('long requests', () => {
  for (const [name, size, seeds] of SIZES) {
    test(`PREPARE of ${name}, here and on a fresh server session`, () => {
      inPreparingWorlds(
        (stage, it) => {
          const client = stage.login('app@shop');
          const text = `insert ${long(size)}`;
          const id = it.prepare(client, text);
          expect(it.ask(client, execute(id))).toEqual(executedOn(1001));
          lose(stage);
          expect(it.ask(client, execute(id))).toEqual(executedOn(1002));
          for (const { payloads } of stage.observer.connections) {
            const prepare = payloads.find((it) => it[0] === COM.STMT_PREPARE)!;
            expect(prepare.toString('latin1', 1) === text).toBe(true);
          }
        },
        1,
        seeds,
      );
    });

    test(`EXECUTE of ${name}, here and on a fresh server session`, () => {
      inPreparingWorlds(
        (stage, it) => {
          const client = stage.login('app@shop');
          const id = it.prepare(client, 'insert ?');
          const request = execute(id, TEXT, [long(size)]);
          const both = Buffer.concat([request, queryBytes('select 1')]);
          expect(it.ask(client, both)).toEqual([...executedOn(1001), ...executedOn(0)]);
          lose(stage);
          expect(it.ask(client, both)).toEqual([...executedOn(1002), ...executedOn(0)]);
          const [first, second] = stage.observer.connections.map(({ payloads }) => payloads.at(-2)!);
          expect(first!.length).toBeGreaterThan(size);
          expect(first!.subarray(5).equals(second!.subarray(5))).toBe(true);
          expect([first!.readUInt32LE(1), second!.readUInt32LE(1)]).toEqual([1001, 1002]);
        },
        1,
        seeds,
      );
    });
  }

  test('an EXECUTE of 5 MB without types gets them on a fresh server session', () => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const id = it.prepare(client, 'insert ?');
        const text = long(5 * MB);
        it.ask(client, execute(id, TEXT, [text]));
        lose(stage);
        expect(it.ask(client, execute(id, [], [text]))).toEqual(executedOn(1002));
        const [first, second] = stage.observer.connections.map(({ payloads }) => payloads.at(-1)!);
        expect(first!.subarray(5).equals(second!.subarray(5))).toBe(true);
      },
      1,
      2,
    );
  });

  test('one of 300 KB about a statement that nobody has: the ERR, and the rest is dropped', () => {
    inPreparingWorlds((stage, it) => {
      const client = stage.login('app@shop');
      const request = Buffer.concat([execute(9, TEXT, [long(300_000)]), queryBytes('select 1')]);
      expect(it.ask(client, request)).toEqual(['1 ERR 1243/HY007 Unknown prepared statement handle', ...executedOn(0)]);
    });
  });
});

describe('a hundred thousand at once', () => {
  test.each([
    ['pieces', (id: number) => longData(id, 'x')],
    ['pieces for nobody', () => longData(99, 'x')],
    ['CLOSEs of nobody', () => about(COM.STMT_CLOSE, 99)],
  ])('%s', (_name, request) => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const id = it.prepare(client, 'insert ?');
        const all = Buffer.concat([...Array.from({ length: MANY }, () => request(id)), queryBytes('select 1')]);
        expect(it.ask(client, all)).toEqual(executedOn(0));
      },
      1,
      1,
    );
  });

  test('statements, prepared and closed', () => {
    inPreparingWorlds(
      (stage, it) => {
        const client = stage.login('app@shop');
        const ids = Array.from({ length: 1000 }, (_, i) => it.prepare(client, `insert ${i}`));
        it.ask(client, Buffer.concat(ids.map((id) => about(COM.STMT_CLOSE, id))));
        expect(it.open).toBe(0);
        expect(it.ask(client, requestBytes(COM.PING))).toEqual(['1 OK 0 0x0']);
      },
      1,
      0,
    );
  });
});
