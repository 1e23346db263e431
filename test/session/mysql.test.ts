/**
 * Before a scripted MySQL server: logins by plugins that Debian's servers do not have, what the proxy answers itself, and
 * how connections end. Real clients and a real MariaDB are in test/conformance/mysql-backend.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { CAP, COM } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { readGreeting } from '../../proxy/wire/greeting.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import { nativePassword } from '../../proxy/wire/scramble.ts';
import {
  LOGIN_FLAGS,
  loginBytes,
  queryBytes,
  type RawClient,
  requestBytes,
  sslRequestBytes,
  TLS_FLAGS,
} from './raw-client.ts';
import {
  err,
  MysqlStage,
  type MysqlStageOptions,
  OFFERED,
  ok,
  packet,
  packetsOf,
  SCRAMBLE,
  SERVER,
} from './scripted-mysql.ts';
import { SEEDS, sha1 } from './stage.ts';

const CACHING_SHA2 = 'caching_sha2_password';
const FULL: MysqlStageOptions = { items: { enable_client_ssl: true, enable_server_ssl: true } };

/** In the plain world and in others, which cut, join and delay; afterwards nothing may be left. */
function inWorlds(name: string, options: MysqlStageOptions, body: (stage: MysqlStage) => void): void {
  test(name, () => {
    for (let seed = 0; seed <= SEEDS; seed += 1) {
      const stage = new MysqlStage({ ...options, seed });
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

/** A client that has logged in, its greeting and OK taken. */
function logIn(stage: MysqlStage, user = 'app'): RawClient {
  const client = stage.connect();
  client.take();
  client.send(loginBytes(user));
  stage.settle();
  expect(client.read()).toEqual(['2 OK 0 0x2']);
  return client;
}

function ask(stage: MysqlStage, client: RawClient, text: string): string[] {
  client.send(queryBytes(text));
  stage.settle();
  return client.read();
}

/** What the server makes of the packets of a login, in their order; statements are answered OK. */
function script(stage: MysqlStage, ...answers: Buffer[][]): void {
  const usual = stage.server.answer!;
  const due = [...answers];
  stage.server.answer = (payload, connection, sequence) => {
    if (sequence > 0) connection.say(...(due.shift() ?? []));
    else usual(payload, connection, sequence);
  };
}

function administrator(stage: MysqlStage, password = ''): RawClient {
  const client = stage.connect();
  client.take();
  client.send(loginBytes('root@proxysys'));
  stage.settle();
  client.take();
  client.send(packet(3, nativePassword(sha1, password, SCRAMBLE)));
  stage.settle();
  return client;
}

describe('greeting and login', () => {
  inWorlds("the greeting is the server's, without what the proxy cannot", {}, (stage) => {
    const client = stage.connect();
    const greeting = readGreeting(client.take().subarray(HEADER_SIZE));
    expect(greeting).toMatchObject({ version: '8.4.0', threadId: 7, scramble: SCRAMBLE });
    expect(greeting.capabilities).toBe(OFFERED & ~CAP.COMPRESS);
  });

  inWorlds("the login is the client's, without what was not offered", {}, (stage) => {
    stage.server.capabilities &= ~CAP.DEPRECATE_EOF;
    const client = stage.connect();
    const more = CAP.CONNECT_WITH_DB | CAP.COMPRESS | CAP.DEPRECATE_EOF | CAP.QUERY_ATTRIBUTES;
    client.send(
      loginBytes('app', { capabilities: LOGIN_FLAGS | more, database: 'shop', authResponse: Buffer.from('x') }),
    );
    stage.settle();
    const login = readLogin(stage.server.last.packets[0]!.payload);
    expect(login).toMatchObject({ user: 'app', database: 'shop', authResponse: Buffer.from('x') });
    expect(login.capabilities).toBe(LOGIN_FLAGS | CAP.CONNECT_WITH_DB);
  });

  inWorlds('MySQL 8: the hash is known', {}, (stage) => {
    stage.server.plugin = CACHING_SHA2;
    script(stage, [packet(2, 1, 3), ok(3)]);
    const client = stage.connect();
    client.take();
    client.send(loginBytes('app', { plugin: CACHING_SHA2, authResponse: Buffer.alloc(32, 5) }));
    stage.settle();
    expect(packetsOf(client.take())[0]).toBe('2 \x01\x03');
    expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
  });

  inWorlds('MySQL 8: a switch to it, and the hash is known', {}, (stage) => {
    script(stage, [packet(2, 0xfe, CACHING_SHA2, 0, SCRAMBLE, 0)], [packet(4, 1, 3), ok(5)]);
    const client = stage.connect();
    client.take();
    client.send(loginBytes('app'));
    stage.settle();
    expect(packetsOf(client.take())).toEqual([`2 \xfe${CACHING_SHA2}\0${SCRAMBLE.toString()}\0`]);
    client.send(packet(3, Buffer.alloc(32, 6)));
    stage.settle();
    expect(stage.server.last.packets[1]).toEqual({ sequence: 3, payload: Buffer.alloc(32, 6) });
    expect(packetsOf(client.take())[0]).toBe('4 \x01\x03');
    expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
  });

  inWorlds('MySQL 8: the password itself is asked for without TLS', {}, (stage) => {
    script(stage, [packet(2, 1, 4)]);
    const client = stage.connect();
    client.take();
    client.send(loginBytes('app', { plugin: CACHING_SHA2, authResponse: Buffer.alloc(32, 5) }));
    stage.settle();
    expect(client.read()[0]).toMatch(
      /^2 ERR 3159\/HY000 caching_sha2_password asks for .* log in to the server directly/,
    );
    expect(client.events[0]).toBe('FIN');
    expect(stage.server.last.packets).toHaveLength(1);
    expect(stage.server.last.events).toEqual(['FIN']);
  });

  inWorlds('MySQL 8: the password itself, over TLS on both sides', FULL, (stage) => {
    stage.server.capabilities |= CAP.SSL;
    const client = stage.connect();
    client.take();
    client.send(sslRequestBytes());
    client.connection.startTls(Buffer.alloc(0));
    stage.settle();
    const answers = [[packet(3, 1, 4)], [ok(5)]];
    stage.server.answer = (_payload, connection) => connection.say(...(answers.shift() ?? [ok(1)]));
    client.send(loginBytes('app', { ...TLS_FLAGS, plugin: CACHING_SHA2, authResponse: Buffer.alloc(32, 5) }, 2));
    stage.settle();
    expect(stage.server.last.events).toEqual(['TLS']);
    expect(packetsOf(client.take())).toEqual(['3 \x01\x04']);
    client.send(packet(4, 'secret', 0));
    stage.settle();
    expect(client.read()).toEqual(['5 OK 0 0x2']);
    expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
  });

  for (const side of ['client', 'server'] as const) {
    inWorlds(`TLS on the ${side}'s side only takes a sequence id there only`, FULL, (stage) => {
      if (side === 'server') stage.server.capabilities |= CAP.SSL;
      script(
        stage,
        [packet(side === 'server' ? 3 : 2, 0xfe, 'some_plugin', 0, SCRAMBLE, 0)],
        [ok(side === 'server' ? 5 : 4)],
      );
      const client = stage.connect();
      client.take();
      if (side === 'client') {
        client.send(sslRequestBytes());
        client.connection.startTls(Buffer.alloc(0));
        stage.settle();
      }
      const first = side === 'client' ? 2 : 1;
      client.send(loginBytes('app', side === 'client' ? TLS_FLAGS : {}, first));
      stage.settle();
      expect(packetsOf(client.take())[0]).toMatch(new RegExp(`^${first + 1} `));
      client.send(packet(first + 2, 'proof'));
      stage.settle();
      expect(client.read()).toEqual([`${first + 3} OK 0 0x2`]);
      const sent = stage.server.last.packets.map(({ sequence }) => sequence);
      expect(sent).toEqual(side === 'server' ? [1, 2, 4] : [1, 3]);
      expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
    });
  }

  inWorlds('a plugin that sends the password as it is, where only the client has TLS', FULL, (stage) => {
    script(stage, [packet(2, 0xfe, 'mysql_clear_password', 0)]);
    const client = stage.connect();
    client.take();
    client.send(sslRequestBytes());
    client.connection.startTls(Buffer.alloc(0));
    stage.settle();
    client.send(loginBytes('app', TLS_FLAGS, 2));
    stage.settle();
    expect(client.read()[0]).toMatch(/^3 ERR 3159/);
  });

  inWorlds("the server's ERR, in the login's place and in the greeting's", {}, (stage) => {
    script(stage, [err(2, 1045, 'Access denied')]);
    const client = stage.connect();
    client.take();
    client.send(loginBytes('app'));
    stage.settle();
    expect(client.read()).toEqual(['2 ERR 1045/28000 Access denied']);
    stage.server.last.connection.end();
    stage.settle();
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.causes).toEqual(['1: login refused: the server said 1045, Access denied']);
    stage.server.first = err(0, 1040, 'Too many connections');
    const other = stage.connect();
    expect(other.read()).toEqual(['0 ERR 1040/28000 Too many connections']);
    expect(other.events).toEqual(['FIN', 'closed']);
  });

  inWorlds('CHANGE_USER, refused and granted', {}, (stage) => {
    const client = logIn(stage);
    const change = (user: string) => requestBytes(COM.CHANGE_USER, `${user}\0\0shop\0`);
    const usual = stage.server.answer!;
    stage.server.answer = (payload, connection, sequence) => {
      if (payload[0] === COM.CHANGE_USER) connection.say(packet(1, 0xfe, 'some_plugin', 0, SCRAMBLE, 0));
      else if (sequence === 2) connection.say(payload.toString() === 'right' ? ok(3) : err(3, 1045, 'Access denied'));
      else usual(payload, connection, sequence);
    };
    for (const [proof, said] of [
      ['wrong', '3 ERR 1045/28000 Access denied'],
      ['right', '3 OK 0 0x2'],
    ] as const) {
      client.send(change('root'));
      stage.settle();
      expect(packetsOf(client.take())[0]).toMatch(/^1 \xfesome_plugin/);
      client.send(packet(2, proof));
      stage.settle();
      expect(client.read()).toEqual([said]);
      expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
    }
    expect(ask(stage, client, 'SHOW PROXYSESSION').at(-2)).toMatch(
      /^\d+\|1\|mysql\|mysql\|root\|10\.0\.0\.7:40000\|shop\|/,
    );
  });
});

describe('what the proxy answers', () => {
  inWorlds('SHOW PROXYSESSION: everybody sees their own, root sees all', {}, (stage) => {
    const one = logIn(stage);
    const two = logIn(stage, 'root');
    const ids = (rows: string[]) => rows.filter((it) => it.includes('|')).map((it) => it.split('|')[1]);
    expect(ids(ask(stage, one, 'SHOW PROXYSESSION'))).toEqual(['1']);
    expect(ids(ask(stage, two, '/* x */ show proxysession;'))).toEqual(['1', '2']);
    expect(ids(ask(stage, administrator(stage), 'SHOW PROXYSESSION'))).toEqual(['1', '2', '3']);
    expect(ask(stage, one, "SHOW PROXYSESSION ATTRIBUTE LIKE 'server_sessid'")).toContain(
      'server_sessid|7|last used ss',
    );
    // No variable of a MySQL server is known.
    expect(ask(stage, one, 'SHOW PROXYSESSION VARIABLES ALL').filter((it) => it.includes('|'))).toEqual([]);
  });

  inWorlds('KILL PROXYSESSION by cs_id, by root and root@proxysys only', {}, (stage) => {
    const victim = logIn(stage);
    const root = logIn(stage, 'root');
    expect(ask(stage, victim, 'KILL PROXYSESSION 2')[0]).toMatch(/ERR 5010/);
    expect(ask(stage, root, 'KILL PROXYSESSION 1')).toEqual(['1 OK 0 0x0']);
    stage.world.advance(1000);
    expect(victim.events).toEqual(['FIN', 'closed']);
    expect(stage.server.connections[0]!.events).toEqual(['FIN']);
    expect(stage.causes).toEqual(['1: connection was killed by user session 2']);
    // The server's ids are not ours: 7 was the victim's there.
    expect(ask(stage, root, 'KILL PROXYSESSION 7')).toEqual(['1 ERR 1094/HY000 Unknown thread id: 7']);
    const admin = administrator(stage);
    admin.take();
    expect(ask(stage, admin, 'KILL PROXYSESSION 2 2')).toEqual(['1 OK 0 0x0']);
    stage.world.advance(1000);
    expect(root.events).toEqual(['FIN', 'closed']);
    expect(ask(stage, admin, 'KILL PROXYSESSION 3')).toEqual(['1 ERR 1317/70100 Query execution was interrupted']);
    expect(admin.events[0]).toBe('FIN');
  });

  inWorlds("all else is the server's", {}, (stage) => {
    const client = logIn(stage);
    const texts = [
      'KILL 7',
      'KILL QUERY 7',
      'KILL CONNECTION_ID()',
      'SHOW PROCESSLIST',
      'EXPLAIN KILL 3',
      'BEGIN',
      'SELECT proxy_version()',
    ];
    for (const text of texts) expect(ask(stage, client, text)).toEqual(['1 OK 0 0x2']);
    const heard = stage.server.last.packets.filter(({ sequence }) => sequence === 0);
    expect(heard.map(({ payload }) => payload.toString('utf8', 1))).toEqual(texts);
  });

  inWorlds('root@proxysys: a switch of plugin, with the scramble that the client has seen', {}, (stage) => {
    const client = stage.connect();
    client.take();
    client.send(loginBytes('root@proxysys', { plugin: CACHING_SHA2 }));
    stage.settle();
    expect(packetsOf(client.take())).toEqual([`2 \xfemysql_native_password\0${SCRAMBLE.toString()}\0`]);
    // The server has heard nothing of it.
    expect(stage.server.last).toMatchObject({ packets: [], events: ['FIN'] });
    client.send(packet(3, 'x'.repeat(20)));
    stage.settle();
    expect(client.read()[0]).toMatch(/^4 ERR 1045\/42000 Access denied for user 'root@proxysys'/);
  });

  const stage1 = sha1(Buffer.from('s3cret')).toString('hex');
  inWorlds('root@proxysys with a password', { items: { obproxy_sys_password: stage1 } }, (stage) => {
    const right = administrator(stage, 's3cret');
    expect(right.read()).toEqual(['4 OK 0 0x0']);
    expect(ask(stage, right, 'SELECT 1')[0]).toMatch(/ERR 5010/);
    expect(administrator(stage, 'other').read()[0]).toMatch(/^4 ERR 1045/);
  });

  test('its results are in the form that the client has agreed on', () => {
    const stage = new MysqlStage();
    const client = stage.connect();
    client.take();
    client.send(loginBytes('app', { capabilities: LOGIN_FLAGS | CAP.DEPRECATE_EOF }));
    stage.settle();
    client.take();
    client.send(queryBytes("SHOW PROXYSESSION ATTRIBUTE LIKE 'cs_id'"));
    stage.settle();
    const packets = packetsOf(client.take());
    expect(packets.map((it) => it.slice(0, 3))).toEqual(['1 \x03', '2 \x03', '3 \x03', '4 \x03', '5 \x05', '6 \xfe']);
    expect(packets[5]).toBe('6 \xfe\0\0\0\0\0\0');
  });
});

describe('how it ends', () => {
  const elsewhere = { host: '172.30.140.99', port: 3306 };

  inWorlds('no server answers', { servers: [elsewhere] }, (stage) => {
    const client = stage.connect();
    expect(client.read()).toEqual([
      '0 ERR 1429/HY000 Unable to connect to foreign data source: the proxy cannot reach 172.30.140.99:3306',
    ]);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.causes[0]).toMatch(
      /172\.30\.140\.99:3306: the connection was refused; is the server up, and is -r right\?/,
    );
  });

  inWorlds('the second server answers', { servers: [elsewhere, SERVER] }, (stage) => {
    expect(ask(stage, logIn(stage), 'SELECT 1')).toEqual(['1 OK 0 0x2']);
  });

  inWorlds('a server that never greets', {}, (stage) => {
    stage.server.first = Buffer.alloc(0);
    const client = stage.connect();
    stage.world.advance(4000);
    expect(client.read()).toEqual([]);
    stage.world.advance(2000);
    expect(client.read()[0]).toMatch(/^0 ERR 1429/);
    expect(stage.server.last.events).toEqual(['FIN']);
  });

  inWorlds(
    'a server that never greets: the next one is tried after short_async_task_timeout',
    {
      servers: [SERVER, SERVER],
      items: { short_async_task_timeout: 3000 },
    },
    (stage) => {
      stage.server.first = Buffer.alloc(0);
      const client = stage.connect();
      stage.server.first = null;
      stage.world.advance(4000);
      client.take();
      client.send(loginBytes('app'));
      stage.settle();
      expect(client.read()).toEqual(['2 OK 0 0x2']);
      expect(stage.server.connections.map(({ events }) => events)).toEqual([['FIN'], []]);
    },
  );

  inWorlds('a client that does not log in: 10 seconds, whatever the server allows', {}, (stage) => {
    const client = stage.connect();
    client.take();
    stage.world.advance(9000);
    expect(client.events).toEqual([]);
    stage.world.advance(2000);
    expect(client.events).toEqual(['FIN', 'closed']);
    expect(stage.server.last.events).toEqual(['FIN']);
    expect(stage.causes).toEqual(['1: no login within the time for it']);
  });

  inWorlds(
    'a client that says nothing for default_inactivity_timeout, its statements not counted',
    {
      items: { default_inactivity_timeout: 100_000 },
    },
    (stage) => {
      const client = logIn(stage);
      const usual = stage.server.answer!;
      stage.server.answer = () => {};
      client.send(queryBytes('SELECT SLEEP(200)'));
      stage.world.advance(200_000);
      stage.server.answer = usual;
      stage.server.last.say(ok(1));
      stage.settle();
      expect(client.read()).toEqual(['1 OK 0 0x2']);
      stage.world.advance(99_000);
      expect(ask(stage, client, 'SELECT 1')).toEqual(['1 OK 0 0x2']);
      stage.world.advance(99_000);
      expect(ask(stage, client, "SHOW PROXYSESSION ATTRIBUTE LIKE 'nothing'").length).toBeGreaterThan(0);
      stage.world.advance(99_000);
      expect(client.events).toEqual([]);
      stage.world.advance(2000);
      expect(client.events).toEqual(['FIN', 'closed']);
      expect(stage.server.last.events).toEqual(['FIN']);
      expect(stage.causes).toEqual(['1: no word within default_inactivity_timeout']);
    },
  );

  for (const when of ['idle', 'in the midst of an answer'] as const) {
    inWorlds(`the server's FIN stays FIN, ${when}`, {}, (stage) => {
      const client = logIn(stage);
      const { connection } = stage.server.last;
      if (when !== 'idle') {
        stage.server.answer = (_payload, it) => it.say(packet(1, 1));
        expect(ask(stage, client, 'SELECT 1')).toEqual([]);
      }
      connection.end();
      stage.settle();
      expect(client.events).toEqual(['FIN', 'closed']);
    });

    inWorlds(`the server's RST stays RST, ${when}`, {}, (stage) => {
      const client = logIn(stage);
      const { connection } = stage.server.last;
      if (when !== 'idle') {
        stage.server.answer = (_payload, it) => it.say(packet(1, 1));
        ask(stage, client, 'SELECT 1');
      }
      connection.reset();
      stage.settle();
      expect(client.events).toEqual(['RST', 'closed']);
      expect(stage.causes).toEqual(['1: its server session was lost: the server has reset it']);
    });
  }

  inWorlds("the client's FIN stays FIN, behind what it has asked", {}, (stage) => {
    const client = logIn(stage);
    client.send(queryBytes('SELECT 1'), queryBytes('SELECT 2'));
    client.connection.end();
    stage.settle();
    expect(client.read()).toEqual(['1 OK 0 0x2', '1 OK 0 0x2']);
    expect(stage.server.last.events).toEqual(['FIN']);
    expect(stage.causes).toEqual(['1: the client has gone (FIN)']);
  });

  inWorlds("the client's RST stays RST", {}, (stage) => {
    const client = logIn(stage);
    client.connection.reset();
    stage.settle();
    expect(stage.server.last.events).toEqual(['RST']);
  });

  inWorlds('what nobody asked for reaches the client, and the FIN behind it', {}, (stage) => {
    const client = logIn(stage);
    stage.server.last.say(err(0, 4031, 'The client was disconnected by the server because of inactivity.'));
    stage.server.last.connection.end();
    stage.settle();
    expect(client.read()[0]).toMatch(/^0 ERR 4031/);
    expect(client.events).toEqual(['FIN', 'closed']);
  });

  inWorlds('a file goes to the server until its empty packet, and the next statement behind it', {}, (stage) => {
    const client = logIn(stage);
    const heard: string[] = [];
    stage.server.answer = (payload, it, sequence) => {
      heard.push(`${sequence} ${payload.toString()}`);
      if (payload[0] === COM.QUERY) it.say(heard.length === 1 ? packet(1, 0xfb, 'f') : ok(1));
      else if (payload.length === 0) it.say(ok(sequence + 1, { affectedRows: 2 }));
    };
    // The client sends all at once, as nobody should.
    client.send(queryBytes('LOAD'), packet(2, 'one,two'), packet(3, 'three'), packet(4), queryBytes('SELECT 1'));
    stage.settle();
    expect(heard).toEqual(['0 \x03LOAD', '2 one,two', '3 three', '4 ', '0 \x03SELECT 1']);
    expect(packetsOf(client.take()).map((it) => it.slice(0, 5))).toEqual(['1 \xfbf', '5 \0\x02\0', '1 \0\0\0']);
  });
});
