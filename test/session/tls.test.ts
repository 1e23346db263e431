/**
 * TLS before the login, on the client's side and on the observer's (odp-relay.md §2.1–2.3, §2.7): in memory, where TLS is a
 * mark but the packets around it are real.
 */
import { describe, expect, test } from 'vitest';
import { CAP } from '../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import { readGreeting } from '../../proxy/wire/greeting.ts';
import { readLogin, SSL_REQUEST_SIZE } from '../../proxy/wire/login.ts';
import { CLIENT_HELLO } from '../../simulator/world/memory-tls.ts';
import { loginBytes, queryBytes, type RawClient, sslRequestBytes, TLS_FLAGS } from './raw-client.ts';
import type { ObserverConnection } from './scripted-observer.ts';
import { inEveryWorld, Stage } from './stage.ts';

const CLIENT_TLS = { items: { enable_client_ssl: true } };
const SERVER_TLS = { items: { enable_server_ssl: true } };
const NOTHING = Buffer.alloc(0);
const USER = 'root@sys#obdemo';

/** Connects and goes over to TLS. */
function secured(stage: Stage): RawClient {
  const client = stage.connect();
  client.send(sslRequestBytes());
  client.connection.startTls(NOTHING);
  stage.settle();
  expect(client.connection.secure).toBe(true);
  return client;
}

function secureLogin(stage: Stage): RawClient {
  const client = secured(stage);
  client.send(loginBytes(USER, TLS_FLAGS, 2));
  stage.settle();
  expect(client.read()).toEqual(['3 OK 0 0x22']);
  return client;
}

/** The last column of SHOW PROXYSESSION, by cs_id. */
function shown(stage: Stage, client: RawClient): Map<string, string> {
  const rows = stage.ask(client, 'SHOW PROXYSESSION').filter((it) => it.includes('|'));
  return new Map(rows.map((row) => [row.split('|')[1]!, row.split('|').at(-1)!]));
}

function offered(stage: Stage): number {
  const bytes: Buffer[] = [];
  const connection = stage.world.network.connect(
    { host: '172.30.140.64', port: 2883 },
    {
      data: (chunk) => bytes.push(chunk),
      drain() {},
      flushed() {},
      end() {},
      reset() {},
      closed() {},
    },
  );
  stage.settle();
  connection.close();
  stage.settle();
  return readGreeting(Buffer.concat(bytes).subarray(HEADER_SIZE)).capabilities;
}

describe('the client', () => {
  test('is offered TLS only with enable_client_ssl', () => {
    expect(offered(new Stage()) & CAP.SSL).toBe(0);
    expect(offered(new Stage(CLIENT_TLS)) & CAP.SSL).toBe(CAP.SSL);
    expect(offered(new Stage(SERVER_TLS)) & CAP.SSL).toBe(0);
  });

  inEveryWorld(
    'logs in over TLS, while the observer hears of it as ever; SHOW tells the two kinds apart',
    CLIENT_TLS,
    (stage) => {
      const client = secureLogin(stage);
      const plain = stage.login(USER);
      const { login, sslRequest } = stage.observer.connections[0]!;
      expect(sslRequest).toBeNull();
      expect(login![3]).toBe(1);
      expect(readLogin(login!.subarray(HEADER_SIZE)).capabilities & CAP.SSL).toBe(0);
      expect(shown(stage, client)).toEqual(
        new Map([
          [String(client.csId), '1'],
          [String(plain.csId), '0'],
        ]),
      );
      stage.leave();
    },
  );

  inEveryWorld('that is refused over TLS gets an ERR with the next number', CLIENT_TLS, (stage) => {
    const client = secured(stage);
    client.send(loginBytes('root@sys#nowhere', TLS_FLAGS, 2));
    stage.settle();
    expect(client.read()[0]).toMatch(/^3 ERR 4669/);
    stage.leave();
  });

  test('may have its request cut at every byte, with the handshake right behind it', () => {
    const bytes = Buffer.concat([sslRequestBytes(), CLIENT_HELLO]);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const stage = new Stage(CLIENT_TLS);
      const client = stage.connect();
      client.send(bytes.subarray(0, cut));
      stage.settle();
      client.send(bytes.subarray(cut));
      // Its own hello is out already; what it hears from now on is the other one's, and then what follows it.
      stage.settle();
      const hello = client.take();
      expect(hello.toString('latin1')).toContain('server hello');
      client.send(loginBytes(USER, TLS_FLAGS, 2));
      stage.settle();
      expect(client.read()).toEqual(['3 OK 0 0x22']);
      stage.leave();
    }
  });

  inEveryWorld('that sends garbage in place of a handshake is out, and harms nobody', CLIENT_TLS, (stage) => {
    const other = stage.login(USER);
    const client = stage.connect();
    client.send(sslRequestBytes(), Buffer.from('\x16\x03\x01 but not what was expected'));
    stage.settle();
    expect(client.events[0]).toMatch(/FIN|RST/);
    expect(stage.causes.at(-1)).toBe(`${client.csId}: TLS has failed: what came is no hello`);
    expect(stage.ask(other, 'SHOW PROXYSESSION').length).toBeGreaterThan(0);
    stage.leave();
  });

  inEveryWorld('that sends its login plainly behind the request for TLS is out', CLIENT_TLS, (stage) => {
    const client = stage.connect();
    client.send(sslRequestBytes(), loginBytes(USER, TLS_FLAGS, 2));
    stage.settle();
    expect(stage.observer.connections).toEqual([]);
    expect(stage.causes.at(-1)).toContain('TLS has failed');
    stage.leave();
  });

  inEveryWorld('has ten seconds for handshake and login together', CLIENT_TLS, (stage) => {
    const silent = stage.connect();
    silent.send(sslRequestBytes());
    stage.advance(6000);
    const quiet = secured(stage);
    stage.advance(3900);
    expect(stage.causes).toEqual([]);
    stage.advance(1100);
    expect(stage.causes).toEqual([`${silent.csId}: no login within the time for it`]);
    expect(silent.events[0]).toBe('FIN');
    stage.advance(6000);
    expect(stage.causes.at(-1)).toBe(`${quiet.csId}: no login within the time for it`);
    stage.leave();
  });

  inEveryWorld('that asks where nothing is offered, or asks twice, is out', {}, (stage) => {
    const client = stage.connect();
    client.send(sslRequestBytes());
    stage.settle();
    expect(client.events[0]).toBe('FIN');
    expect(stage.causes.at(-1)).toContain('a request for TLS, which is not offered now');
    stage.leave();
  });

  inEveryWorld('must number its login on from the request', CLIENT_TLS, (stage) => {
    const client = secured(stage);
    client.send(loginBytes(USER, TLS_FLAGS, 1));
    stage.settle();
    expect(stage.causes.at(-1)).toContain('out of sequence');
    const twice = secured(stage);
    twice.send(sslRequestBytes());
    stage.settle();
    expect(twice.events[0]).toBe('FIN');
    stage.leave();
  });

  inEveryWorld(
    'without TLS is turned away without a word where it is forced',
    { items: { enable_client_ssl: true, ssl_attributes: '{"using_ssl":"ENABLE_FORCE"}' } },
    (stage) => {
      const plain = stage.connect();
      plain.send(loginBytes(USER));
      stage.settle();
      expect(plain.size).toBe(0);
      expect(plain.events[0]).toBe('FIN');
      expect(stage.causes.at(-1)).toContain('a login without TLS, which is forced');
      secureLogin(stage);
      stage.leave();
    },
  );
});

describe('the observer', () => {
  inEveryWorld('that offers TLS is asked for it, and gets the login over it', SERVER_TLS, (stage) => {
    stage.observer.offersTls = true;
    const client = stage.login(USER);
    const { sslRequest, login, connection } = stage.observer.connections[0]!;
    expect(connection.secure).toBe(true);
    expect([...sslRequest!.subarray(0, HEADER_SIZE)]).toEqual([SSL_REQUEST_SIZE, 0, 0, 1]);
    expect(login![3]).toBe(2);
    // It is the beginning of the login.
    expect(sslRequest!.subarray(HEADER_SIZE)).toEqual(login!.subarray(HEADER_SIZE, HEADER_SIZE + SSL_REQUEST_SIZE));
    expect(readLogin(login!.subarray(HEADER_SIZE)).capabilities & CAP.SSL).toBe(CAP.SSL);
    expect(stage.ask(client, 'SET @a = 1')).toEqual(['1 OK 0 0x22']);
    // The column is about the client's side.
    expect([...shown(stage, client).values()]).toEqual(['0']);
    stage.leave();
  });

  inEveryWorld('that does not is talked to plainly', SERVER_TLS, (stage) => {
    stage.login(USER);
    const { sslRequest, login } = stage.observer.connections[0]!;
    expect(sslRequest).toBeNull();
    expect(readLogin(login!.subarray(HEADER_SIZE)).capabilities & CAP.SSL).toBe(0);
    stage.leave();
  });

  inEveryWorld('is not asked without enable_server_ssl', CLIENT_TLS, (stage) => {
    stage.observer.offersTls = true;
    secureLogin(stage);
    expect(stage.observer.connections[0]!.sslRequest).toBeNull();
    stage.leave();
  });

  inEveryWorld(
    'and the client may both have it',
    { items: { enable_client_ssl: true, enable_server_ssl: true } },
    (stage) => {
      stage.observer.offersTls = true;
      const client = secureLogin(stage);
      client.send(queryBytes('SET @a = 1'));
      stage.settle();
      expect(client.read()).toEqual(['1 OK 0 0x22']);
      expect(stage.observer.connections[0]!.connection.secure).toBe(true);
      stage.leave();
    },
  );

  inEveryWorld('whose handshake fails is left for the next one', { ...SERVER_TLS, observers: 2 }, (stage) => {
    const [first, second] = stage.observers;
    for (const observer of [first!, second!]) observer.offersTls = true;
    first!.goesSecure = ({ connection }: ObserverConnection) => {
      connection.write(Buffer.from('I have changed my mind'));
    };
    stage.login(USER);
    expect(first!.connections.map((it) => it.login)).toEqual([null]);
    expect(second!.connections.map((it) => it.connection.secure)).toEqual([true]);
    stage.leave();
  });

  inEveryWorld('cannot slip anything in between its greeting and the handshake', SERVER_TLS, (stage) => {
    stage.observer.offersTls = true;
    const greeting = stage.observer.greeting.bind(stage.observer);
    stage.observer.greeting = (threadId) =>
      Buffer.concat([greeting(threadId)!, Buffer.of(7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0)]);
    const client = stage.connect();
    client.send(loginBytes(USER));
    stage.settle();
    expect(client.size).toBe(0);
    expect(stage.causes.at(-1)).toContain('TLS has failed');
    stage.leave();
  });
});
