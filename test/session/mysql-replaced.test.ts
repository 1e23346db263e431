/**
 * A server session that is lost while idle, before a MySQL server: replaced unseen where the user's password is configured
 * and nothing would be missed; else the client loses its own, FIN for FIN.
 */
import { describe, expect, test } from 'vitest';
import { COM, STATUS } from '../../proxy/wire/constants.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { proofOf } from '../../proxy/wire/proof.ts';
import { nativePassword, xor } from '../../proxy/wire/scramble.ts';
import { loginBytes, queryBytes, type RawClient, requestBytes } from './raw-client.ts';
import { err, HASHES, MysqlStage, ok, packet, SCRAMBLE } from './scripted-mysql.ts';
import { SEEDS, sha1 } from './stage.ts';

const PASSWORDS = { app: 's3cret' };
const OTHER_SCRAMBLE = Buffer.from('abcdefghijklmnopqrst');

function inWorlds(
  name: string,
  body: (stage: MysqlStage) => void,
  passwords: Record<string, string> = PASSWORDS,
): void {
  test(name, () => {
    for (let seed = 0; seed <= SEEDS; seed += 1) {
      const stage = new MysqlStage({ seed, passwords });
      try {
        body(stage);
        for (const client of stage.clients) client.connection.end();
        stage.world.advance(2000);
        stage.expectNothingLeft();
      } catch (error) {
        if (error instanceof Error) error.message = `in world ${seed}: ${error.message}`;
        throw error;
      }
    }
  });
}

function logIn(stage: MysqlStage): RawClient {
  const client = stage.connect();
  client.take();
  client.send(loginBytes('app'));
  stage.settle();
  expect(client.read()).toEqual(['2 OK 0 0x2']);
  return client;
}

function ask(stage: MysqlStage, client: RawClient, ...requests: Buffer[]): string[] {
  client.send(...requests);
  stage.settle();
  return client.read();
}

/** The server ends what it has open. */
function lose(stage: MysqlStage, how: 'end' | 'reset' = 'end'): void {
  stage.server.last.connection[how]();
  stage.settle();
}

/** The texts of the statements on the server's last connection. */
function statements(stage: MysqlStage): string[] {
  const asked = stage.server.last.packets.filter(({ sequence }) => sequence === 0);
  return asked.map(({ payload }) => payload.toString('utf8', 1));
}

describe('replaced unseen', () => {
  for (const how of ['end', 'reset'] as const) {
    inWorlds(`with its database and its SETs, after ${how}`, (stage) => {
      const client = logIn(stage);
      const usual = stage.server.answer!;
      stage.server.answer = (payload, connection, sequence) => {
        if (payload.toString('utf8', 1) === 'SET nonsense = 1') connection.say(err(1, 1193, 'Unknown system variable'));
        else usual(payload, connection, sequence);
      };
      const before = [
        'SET NAMES utf8mb4',
        'SET GLOBAL x = 1',
        'SET nonsense = 1',
        'SET @a = 1',
        'USE `shop`',
        'SELECT 1',
      ];
      for (const text of before) ask(stage, client, queryBytes(text));
      lose(stage, how);
      expect(client.events).toEqual([]);
      expect(ask(stage, client, queryBytes('SHOW PROXYSESSION')).at(-2)).toMatch(/\|shop\|0\|0\|/);
      expect(ask(stage, client, queryBytes('SELECT 2'), queryBytes('SELECT 3'))).toEqual(['1 OK 0 0x2', '1 OK 0 0x2']);
      expect(stage.server.connections).toHaveLength(2);
      const login = readLogin(stage.server.last.packets[0]!.payload);
      expect(login).toMatchObject({
        user: 'app',
        database: 'shop',
        authResponse: nativePassword(sha1, PASSWORDS.app, SCRAMBLE),
      });
      expect(statements(stage)).toEqual(['SET NAMES utf8mb4', 'SET @a = 1', 'SELECT 2', 'SELECT 3']);
      lose(stage, how);
      expect(ask(stage, client, queryBytes('SELECT 4'))).toEqual(['1 OK 0 0x2']);
      expect(stage.server.connections).toHaveLength(3);
    });
  }

  inWorlds('by a switch to caching_sha2_password', (stage) => {
    const client = logIn(stage);
    lose(stage);
    const usual = stage.server.answer!;
    const proofs: Buffer[] = [];
    stage.server.answer = (payload, connection, sequence) => {
      if (sequence === 1) connection.say(packet(2, 0xfe, 'caching_sha2_password', 0, OTHER_SCRAMBLE, 0));
      else if (sequence === 3) {
        proofs.push(payload);
        connection.say(packet(4, 1, 3), ok(5));
      } else usual(payload, connection, sequence);
    };
    expect(ask(stage, client, queryBytes('SELECT 2'))).toEqual(['1 OK 0 0x2']);
    const once = HASHES.sha256(Buffer.from(PASSWORDS.app));
    const mask = HASHES.sha256(Buffer.concat([HASHES.sha256(once), OTHER_SCRAMBLE]));
    expect(xor(proofs[0]!, mask)).toEqual(once);
  });

  inWorlds('for a request longer than what is kept of it', (stage) => {
    const client = logIn(stage);
    lose(stage);
    const text = `INSERT INTO t VALUES ('${'x'.repeat(100_000)}')`;
    expect(ask(stage, client, queryBytes(text), queryBytes('SELECT 1'))).toEqual(['1 OK 0 0x2', '1 OK 0 0x2']);
    expect(statements(stage)).toEqual([text, 'SELECT 1']);
  });
});

describe('not replaced', () => {
  const LEFT: readonly (readonly [what: string, ...requests: Buffer[]])[] = [
    ['a prepared statement', requestBytes(COM.STMT_PREPARE, 'SELECT 1')],
    ['a temporary table', queryBytes('CREATE TEMPORARY TABLE t (a INT)')],
    ['a user variable that a query has set', queryBytes('SELECT @a := 1')],
    ['a lock', queryBytes("SELECT GET_LOCK('a', 1)")],
    ['locked tables', queryBytes('LOCK TABLES t WRITE')],
    ['whatever a procedure has left', queryBytes('CALL p()')],
    ['what stands behind a first statement', queryBytes('SELECT 1; SET @a = 1')],
    ['a comment in front', queryBytes('/*! SET @a = 1 */')],
  ];
  for (const [what, ...requests] of LEFT) {
    inWorlds(`with ${what}`, (stage) => {
      const client = logIn(stage);
      ask(stage, client, ...requests);
      lose(stage);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.server.connections).toHaveLength(1);
    });
  }

  inWorlds('in a transaction', (stage) => {
    const client = logIn(stage);
    stage.server.answer = (_payload, it) => it.say(ok(1, { status: STATUS.IN_TRANS }));
    ask(stage, client, queryBytes('BEGIN'));
    lose(stage, 'reset');
    expect(client.events).toEqual(['RST', 'closed']);
  });

  inWorlds(
    'without a password',
    (stage) => {
      const client = logIn(stage);
      lose(stage);
      expect(client.events).toEqual(['FIN', 'closed']);
    },
    { other: 'x' },
  );

  inWorlds('in the midst of an answer', (stage) => {
    const client = logIn(stage);
    stage.server.answer = (_payload, it) => it.say(packet(1, 1));
    ask(stage, client, queryBytes('SELECT 1'));
    lose(stage);
    expect(client.events).toEqual(['FIN', 'closed']);
  });

  inWorlds('for a statement that asks for what the one before has left', (stage) => {
    const client = logIn(stage);
    lose(stage);
    expect(client.events).toEqual([]);
    expect(ask(stage, client, queryBytes('SELECT LAST_INSERT_ID()'))).toEqual([]);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.causes[0]).toMatch(/and not replaced: the next statement asks for what the one before has left/);
  });

  inWorlds('with a wrong password, and where no server is left', (stage) => {
    const one = logIn(stage);
    lose(stage);
    stage.server.answer = (_payload, it) => it.say(err(2, 1045, 'Access denied'));
    expect(ask(stage, one, queryBytes('SELECT 1'))).toEqual([]);
    expect(one.events).toEqual(['FIN', 'closed']);
    expect(stage.causes[0]).toMatch(/and not replaced: it said 1045/);
    stage.server.answer = (_payload, it, sequence) => it.say(ok(sequence + 1));
    const two = logIn(stage);
    lose(stage);
    stage.server.listener.close();
    expect(ask(stage, two, queryBytes('SELECT 1'))).toEqual([]);
    expect(two.events).toEqual(['FIN', 'closed']);
    expect(stage.causes[1]).toMatch(/and not replaced: the connection was refused/);
  });

  inWorlds('where nobody answers within short_async_task_timeout', (stage) => {
    const client = logIn(stage);
    lose(stage);
    stage.server.first = Buffer.alloc(0);
    expect(ask(stage, client, queryBytes('SELECT 1'))).toEqual([]);
    stage.world.advance(4000);
    expect(client.events).toEqual([]);
    stage.world.advance(2000);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.server.last.events).toEqual(['FIN']);
    expect(stage.causes[0]).toMatch(/and not replaced: no answer came in time/);
  });
});

test('a plugin that is not known has no proof', () => {
  expect(proofOf('dialog', 'x', SCRAMBLE, HASHES)).toBeNull();
  expect(proofOf('caching_sha2_password', '', SCRAMBLE, HASHES)).toEqual(Buffer.alloc(0));
});
