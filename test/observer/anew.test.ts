/** COM_CHANGE_USER and COM_RESET_CONNECTION: a session begins anew (observer.md §1, §5, §3.2; odp-relay.md §2.8). */
import { describe, expect, it } from 'vitest';
import { changeUserPayload } from '../../proxy/wire/change-user.ts';
import { COM, STATUS } from '../../proxy/wire/constants.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD, nativePassword } from '../../proxy/wire/scramble.ts';
import { TOPOLOGIES, type Topology } from '../../simulator/world/topology.ts';
import { execute, prepare } from './binary.ts';
import { Lab, sha1, type TestClient } from './pair.ts';

const TAKE = 'UPDATE account SET balance = 0 WHERE id = 1';

interface Target {
  readonly user: string;
  readonly password?: string;
  readonly database?: string;
  readonly charset?: number;
  /** The one that the client has seen. */
  readonly scramble: Buffer;
}

function changeUser(client: TestClient, { user, password = '', database = '', charset = 45, scramble }: Target): void {
  const payload = changeUserPayload({
    capabilities: 0x08bf_a285,
    maxPacket: 0,
    charset,
    filler: Buffer.alloc(0),
    user,
    authResponse: nativePassword(sha1, password, scramble),
    database,
    plugin: NATIVE_PASSWORD,
    attributes: [],
  });
  client.send(COM.CHANGE_USER, payload.subarray(1));
}

/** A session with something of everything. */
function used(lab: Lab, proxy: boolean): TestClient {
  const client = lab.login({ user: 'app@shop', database: 'bank', proxy });
  client.query('SET @a = 1, wait_timeout = 5, NAMES binary, autocommit = 0');
  client.query("PREPARE s FROM 'SELECT 1'");
  prepare(client, 'SELECT 1');
  client.query(TAKE);
  return client;
}

function expectFresh(client: TestClient, lab: Lab): void {
  expect(client.query('SELECT @a, @@wait_timeout, @@autocommit, @@character_set_client').rows).toEqual([
    [null, '28800', '1', 'utf8mb4'],
  ]);
  expect(client.query('EXECUTE s').kind).toMatch(/^ERR 1243/);
  expect(execute(client, 1).kind).toMatch(/^ERR 1243/);
  expect(lab.cluster.observer(1).sessions[0]).toMatchObject({ inTransaction: false, state: 'SLEEP' });
  const other = lab.login({ user: 'app@shop', database: 'bank' });
  expect(other.query('SELECT balance FROM account WHERE id = 1 FOR UPDATE NOWAIT').rows).toEqual([['100']]);
}

for (const proxy of [false, true]) {
  describe(proxy ? 'through a proxy' : 'directly', () => {
    it('COM_RESET_CONNECTION rolls back and forgets all but user and database', () => {
      const lab = new Lab();
      const client = used(lab, proxy);
      client.send(COM.RESET_CONNECTION);
      const answer = client.take();
      expect(answer).toMatchObject({
        kind: 'ok',
        status: proxy ? 0x22 | STATUS.SESSION_STATE_CHANGED : 0x22,
        rest: [],
      });
      // A proxy is told every variable, as at login.
      if (proxy) expect(answer.state).toEqual(client.loginAnswer.state);
      expect(client.query('SELECT DATABASE(), CURRENT_USER()').rows).toEqual([['bank', 'app@%']]);
      expectFresh(client, lab);
    });

    it('COM_CHANGE_USER does, and logs in as somebody else', () => {
      const lab = new Lab();
      const client = used(lab, proxy);
      const scramble = proxy ? CONSTANT_SCRAMBLE : client.greeting.scramble;
      changeUser(client, { user: 'secret@shop', password: 's3cret', database: 'test', scramble });
      const answer = client.take();
      expect(answer).toMatchObject({ kind: 'ok', rest: [] });
      if (proxy) {
        expect(answer.state?.database).toBe('test');
        expect(answer.state?.system).toHaveLength(client.loginAnswer.state!.system.length);
      }
      expect(client.query('SELECT DATABASE(), CURRENT_USER(), CONNECTION_ID()').rows).toEqual([
        ['test', 'secret@%', String(client.greeting.threadId)],
      ]);
      expectFresh(client, lab);
    });

    it('COM_CHANGE_USER with another user and another charset', () => {
      const lab = new Lab();
      const client = used(lab, proxy);
      const scramble = proxy ? CONSTANT_SCRAMBLE : client.greeting.scramble;
      changeUser(client, { user: 'root@shop', charset: 63, scramble });
      expect(client.take().kind).toBe('ok');
      expect(client.query('SELECT DATABASE(), @@character_set_client').rows).toEqual([[null, 'binary']]);
      expect(client.query('SHOW FULL PROCESSLIST').rows[0]?.slice(1, 3)).toEqual(['root', 'shop']);
    });

    it('COM_CHANGE_USER with another tenant is a wrong login', () => {
      const client = used(new Lab(), proxy);
      changeUser(client, { user: 'root@sys', scramble: proxy ? CONSTANT_SCRAMBLE : client.greeting.scramble });
      expect(client.take().kind).toMatch(/^ERR 1045 42000 Access denied for user 'root'/);
      expect(client.ended).toBe(true);
    });

    it('COM_CHANGE_USER with a wrong password is refused, and over', () => {
      const lab = new Lab();
      const client = used(lab, proxy);
      changeUser(client, { user: 'secret@shop', password: 'x', scramble: Buffer.alloc(20) });
      expect(client.take()).toMatchObject({
        kind: "ERR 1045 42000 Access denied for user 'secret'@'xxx.xxx.xxx.xxx' (using password: YES)",
        extraOk: proxy,
      });
      expect(client.ended).toBe(true);
      expect(lab.cluster.observer(1).sessions).toEqual([]);
      expect(lab.cluster.tenant('shop').store.find('bank')?.find('account')?.locks.size).toBe(0);
    });
  });
}

describe('COM_RESET_CONNECTION', () => {
  it('follows a SET GLOBAL that came since the login', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    lab.login({ user: 'root@shop' }).query('SET GLOBAL wait_timeout = 77');
    client.send(COM.RESET_CONNECTION);
    client.take();
    expect(client.query('SELECT @@wait_timeout').rows).toEqual([['77']]);
  });

  it('makes an idle session that KILL QUERY has met sleep again', () => {
    const lab = new Lab();
    const client = lab.login({ user: 'app@shop' });
    lab.login({ user: 'root@shop' }).query(`KILL QUERY ${client.greeting.threadId}`);
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('QUERY_KILLED');
    client.send(COM.RESET_CONNECTION);
    expect(lab.cluster.observer(1).sessions[0]?.state).toBe('SLEEP');
  });
});

describe('a user without any privilege', () => {
  const [obdemo] = TOPOLOGIES.default.clusters;
  const topology: Topology = {
    clusters: [
      {
        ...obdemo,
        tenants: obdemo.tenants.map((tenant) => ({
          ...tenant,
          users: [...tenant.users, { name: 'guest', password: '', privilege: 0 }],
        })),
      },
    ],
  };
  const DENIED = "ERR 1044 42000 Access denied for user 'guest'@'%' to database 'bank'";

  it('may log in, but to no database (observer.md §1.4)', () => {
    const lab = new Lab({}, topology);
    const client = lab.login({ user: 'guest@shop' });
    expect(client.loginAnswer.kind).toBe('ok');
    expect(client.query('USE bank').kind).toBe(DENIED);
    client.send(COM.INIT_DB, 'bank');
    expect(client.take().kind).toBe(DENIED);
    expect(lab.login({ user: 'guest@shop', database: 'bank' }).loginAnswer.kind).toBe(DENIED);
  });
});

describe('information_schema.PROCESSLIST', () => {
  it('is a table of what one may see', () => {
    const lab = new Lab();
    const app = lab.login({ user: 'app@shop', database: 'bank' });
    const boss = lab.login({ user: 'boss@shop' });
    app.send(COM.QUERY, 'SELECT SLEEP(9)');
    const all = boss.query('SELECT * FROM information_schema.PROCESSLIST ORDER BY ID');
    expect(all.names).toEqual(['ID', 'USER', 'HOST', 'DB', 'COMMAND', 'TIME', 'STATE', 'INFO']);
    expect(all.rows[0]).toEqual([
      String(app.greeting.threadId),
      'app',
      expect.stringMatching(/^[\d.]+:\d+$/),
      'bank',
      'Query',
      '0',
      'ACTIVE',
      'SELECT SLEEP(9)',
    ]);
    expect(boss.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'app'").rows).toEqual([['1']]);
    const other = lab.login({ user: 'secret@shop', password: 's3cret' });
    expect(other.query('SELECT user, db FROM information_schema.processlist').rows).toEqual([['secret', 'NULL']]);
  });
});
