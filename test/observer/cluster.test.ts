/** Observers that die, stop and come back; log streams that lose their leader; and the views in which that is seen. */
import { describe, expect, it } from 'vitest';
import { attribute } from '../../proxy/wire/login.ts';
import { ELECTION } from '../../simulator/observer/log-streams.ts';
import { STARTING_TIME, STOPPING_TIME } from '../../simulator/observer/server-state.ts';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab, type LoginOptions } from './pair.ts';

const SHOP: LoginOptions = { user: 'app@shop', database: 'bank' };
const TAKE = 'UPDATE account SET balance = balance - 10 WHERE id = 1';
const BALANCE = 'SELECT balance FROM account WHERE id = 1';
const NEEDS_ROLLBACK = 'ERR 6002 25000 transaction needs rollback';
const ROLLED_BACK = 'ERR 6002 40000 Transaction rollbacked';

function loginKind(lab: Lab, options: LoginOptions, server: number): string {
  const client = lab.login(options, server);
  const { kind } = client.loginAnswer;
  client.connection.close();
  lab.world.settle();
  return kind;
}

describe('the life of an observer', () => {
  it('dies: FIN on every connection, no listener; comes back: sys first, the others when it serves', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const alice = lab.login(SHOP);
    lab.cluster.crash(1);
    lab.world.settle();
    expect(alice.ended).toBe(true);
    expect(lab.cluster.observer(1).sessions).toEqual([]);
    expect(lab.cluster.observer(1).state).toBe('DOWN');
    lab.cluster.restart(1);
    lab.world.settle();
    expect(lab.cluster.observer(1).state).toBe('STARTING');
    expect(loginKind(lab, SHOP, 1)).toBe('ERR 8001 08004 Server is initializing');
    expect(loginKind(lab, { user: 'x@nobody' }, 1)).toBe('ERR 8001 08004 Server is initializing');
    expect(loginKind(lab, { user: 'root@sys' }, 1)).toBe('ok');
    lab.world.advance(STARTING_TIME - 1);
    expect(lab.cluster.observer(1).state).toBe('STARTING');
    lab.world.advance(1);
    expect(loginKind(lab, SHOP, 1)).toBe('ok');
  });

  it('stops: who is there is served, nobody else; then it is gone', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    const alice = lab.login(SHOP);
    lab.cluster.stop(1);
    expect(alice.query(BALANCE).rows).toEqual([['100']]);
    expect(loginKind(lab, SHOP, 1)).toBe('ERR 8002 08004 Server is stopping');
    expect(loginKind(lab, { user: 'root@sys' }, 1)).toBe('ERR 8002 08004 Server is stopping');
    lab.world.advance(STOPPING_TIME);
    expect(alice.ended).toBe(true);
    expect(lab.cluster.observer(1).state).toBe('DOWN');
    expect(() => lab.cluster.stop(1)).toThrow('is down already');
    lab.cluster.restart(1);
    expect(() => lab.cluster.restart(1)).toThrow('is not down');
  });

  it('dies while it stops or starts, and leaves no timer behind', () => {
    const lab = new Lab({}, TOPOLOGIES.three);
    lab.cluster.stop(2);
    lab.cluster.crash(2);
    lab.cluster.restart(2);
    lab.world.settle();
    lab.cluster.crash(2);
    expect(lab.world.armedTimers).toBe(0);
    expect(lab.cluster.observer(2).state).toBe('DOWN');
  });
});

describe('who may log in where', () => {
  it('a tenant without a unit here: 5150', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    expect([1, 2, 3, 4].map((server) => loginKind(lab, { user: 'app@warehouse' }, server))).toEqual([
      'ERR 5150 HY000 Tenant not in this server',
      'ok',
      'ok',
      'ok',
    ]);
    expect(loginKind(lab, { user: 'app@shop' }, 4)).toBe('ERR 5150 HY000 Tenant not in this server');
  });

  it('a proxy of another cluster: 4666', () => {
    const lab = new Lab({ foreignFirst: true }, TOPOLOGIES.three);
    const login = { ...SHOP, proxy: true, attributes: [attribute('__cluster_name', 'obdemo')] };
    expect(loginKind(lab, login, 1)).toBe("ERR 4666 HY000 cluster name does not match to 'obforeign'");
    expect(loginKind(lab, login, 2)).toBe('ok');
    expect(loginKind(lab, SHOP, 1)).toBe('ok');
  });
});

describe('leaders', () => {
  it('a table led elsewhere is served here, unless that is let out', () => {
    const served = new Lab({}, TOPOLOGIES.spread).login(SHOP, 3);
    expect(served.query(TAKE).kind).toBe('ok');
    const strict = new Lab({ notMasterEscapes: true }, TOPOLOGIES.spread);
    const follower = strict.login(SHOP, 3);
    expect(follower.query(TAKE).kind).toBe('ERR 4038 HY000 The observer or zone is not the master');
    expect(follower.query(BALANCE).kind).toBe('ERR 4038 HY000 The observer or zone is not the master');
    expect(follower.query('SELECT COUNT(*) FROM ledger').rows).toEqual([['1']]);
    expect(follower.query('SELECT 1').rows).toEqual([['1']]);
    expect(strict.login(SHOP, 1).query(TAKE).kind).toBe('ok');
  });

  it('without a leader a statement waits for the election', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    lab.cluster.crash(1);
    lab.world.advance(1000);
    expect(alice.query('SELECT COUNT(*) FROM branch').rows).toEqual([['2']]);
    expect(alice.query(BALANCE).kind).toBe('nothing');
    lab.world.advance(ELECTION - 1001);
    expect(alice.take().kind).toBe('nothing');
    lab.world.advance(1);
    expect(alice.take().rows).toEqual([['100']]);
    expect(lab.cluster.tenant('shop').streams.of('bank', 'account').leader).toBe(2);
    expect(lab.cluster.tenant('shop').streams.of('bank', 'ledger').leader).toBe(3);
  });

  it('without a majority there is no leader: 4012, until enough have come back', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    lab.cluster.crash(1);
    lab.cluster.crash(3);
    lab.world.advance(ELECTION);
    expect(alice.query(BALANCE).kind).toBe('nothing');
    lab.world.advance(10_000);
    expect(alice.take().kind).toMatch(/^ERR 4012 HY000 Timeout, query has reached the maximum query timeout: 10000000/);
    lab.cluster.restart(3);
    lab.world.advance(STARTING_TIME);
    expect(alice.query(BALANCE).rows).toEqual([['100']]);
  });

  it('comes too late if another observer dies while a statement waits, and at once if one comes back', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    lab.cluster.crash(1);
    expect(alice.query('BEGIN').kind).toBe('ok');
    expect(alice.query(TAKE).kind).toBe('nothing');
    lab.cluster.crash(3);
    lab.world.advance(ELECTION);
    expect(alice.take().kind).toBe('nothing');
    lab.cluster.restart(1);
    lab.world.advance(1000);
    lab.cluster.switchLeader('shop', 'bank', 'account', 1);
    lab.world.settle();
    expect(alice.take()).toMatchObject({ kind: 'ok', affectedRows: 1, status: 0x23 });
    expect(alice.query('COMMIT').kind).toBe('ok');
    lab.world.advance(10_000);
    expect(lab.timers).toBe(0);
  });

  it('is waited for by nobody who is killed or goes', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    const bob = lab.login(SHOP, 2);
    lab.cluster.crash(1);
    alice.query(TAKE);
    bob.query(TAKE);
    bob.connection.close();
    lab.login({ user: 'root@sys' }, 2).query(`KILL QUERY ${alice.greeting.threadId}`);
    lab.world.advance(100);
    expect(alice.take().kind).toBe('ERR 1317 70100 Query execution was interrupted');
    lab.world.advance(ELECTION);
    expect(alice.query(BALANCE).rows).toEqual([['100']]);
  });

  it('a stopping observer hands its leaders over before', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    lab.cluster.stop(1);
    const streams = lab.cluster.tenant('shop').streams.all;
    expect(streams.map((it) => it.leader)).toEqual([2, 2, 2, 3]);
    expect(lab.login(SHOP, 3).query(TAKE).kind).toBe('ok');
  });

  it('cannot be somebody who is down or has no replica', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    lab.cluster.crash(2);
    expect(() => lab.cluster.switchLeader('shop', 'bank', 'account', 2)).toThrow('observer 2 cannot lead');
    expect(() => lab.cluster.switchLeader('shop', 'bank', 'account', 4)).toThrow('observer 4 cannot lead');
  });
});

describe('a transaction that has changed a table whose leader goes', () => {
  function stage() {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    alice.query('BEGIN');
    alice.query(TAKE);
    return { lab, alice, bob: lab.login(SHOP, 3) };
  }

  it('is aborted by a switch: its locks are free at once, every statement fails until ROLLBACK', () => {
    const { lab, alice, bob } = stage();
    lab.cluster.switchLeader('shop', 'bank', 'ACCOUNT', 3);
    expect(bob.query(TAKE).kind).toBe('ok');
    expect(alice.query(BALANCE).kind).toBe(NEEDS_ROLLBACK);
    expect(alice.query(TAKE).kind).toBe(NEEDS_ROLLBACK);
    expect(alice.query('SELECT 1')).toMatchObject({ rows: [['1']], status: 3 });
    expect(alice.query('ROLLBACK')).toMatchObject({ kind: 'ok', status: 0x22 });
    expect(alice.query(BALANCE)).toMatchObject({ rows: [['90']], status: 2 });
  });

  it('is aborted by a crash; COMMIT says so once', () => {
    const { lab, alice } = stage();
    lab.cluster.crash(1);
    expect(alice.query('COMMIT').kind).toBe(ROLLED_BACK);
    expect(alice.query('COMMIT').kind).toBe('ok');
    lab.world.advance(ELECTION);
    expect(alice.query(BALANCE).rows).toEqual([['100']]);
  });

  it('fails at once in a running statement', () => {
    const { lab, alice } = stage();
    alice.query('SELECT SLEEP(5)');
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.settle();
    expect(alice.take().kind).toBe(NEEDS_ROLLBACK);
    expect(alice.query('COMMIT').kind).toBe(ROLLED_BACK);
    expect(lab.timers).toBe(0);
  });

  it('goes on if it was another table, or only read', () => {
    const { lab, alice, bob } = stage();
    lab.cluster.switchLeader('shop', 'bank', 'ledger', 1);
    expect(alice.query('COMMIT').kind).toBe('ok');
    bob.query('BEGIN');
    bob.query(BALANCE);
    bob.query('UPDATE branch SET city = 1 WHERE id = 1');
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    expect(bob.query('COMMIT').kind).toBe('ok');
  });

  it('goes on if that was the transaction before', () => {
    const { lab, alice } = stage();
    alice.query('BEGIN');
    alice.query('UPDATE branch SET city = 1 WHERE id = 1');
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    expect(alice.query('COMMIT').kind).toBe('ok');
  });

  it('with autocommit it is tried again inside: its client sees nothing', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const alice = lab.login(SHOP, 2);
    alice.query('UPDATE account SET balance = SLEEP(5) WHERE id = 1');
    lab.cluster.switchLeader('shop', 'bank', 'account', 3);
    lab.world.advance(5000);
    expect(alice.take().kind).toBe('ok');
    expect(alice.query(BALANCE).rows).toEqual([['0']]);
  });
});

describe('the views of sys', () => {
  const SERVERS = 'SELECT ID, ZONE, STATUS, START_SERVICE_TIME IS NULL FROM oceanbase.DBA_OB_SERVERS WHERE ID < 3';
  const LEADERS =
    "SELECT LS_ID, SVR_IP FROM oceanbase.CDB_OB_LS_LOCATIONS WHERE TENANT_ID = 1002 AND ROLE = 'LEADER' ORDER BY LS_ID";
  const LOCATION =
    "SELECT svr_ip, sql_port, role FROM oceanbase.__all_virtual_proxy_schema WHERE tenant_name = 'shop' AND " +
    "database_name = 'bank' AND table_name = 'branch' AND tablet_id IN (0, 200002) ORDER BY role ASC LIMIT 2";

  it('show who lives, and who leads', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const root = lab.login({ user: 'root@sys', database: 'oceanbase' }, 3);
    expect(root.query(SERVERS).rows).toEqual([
      ['1', 'zone1', 'ACTIVE', '0'],
      ['2', 'zone2', 'ACTIVE', '0'],
    ]);
    expect(root.query(LEADERS).rows).toEqual([
      ['1', '10.0.0.1'],
      ['1001', '10.0.0.1'],
      ['1002', '10.0.0.2'],
      ['1003', '10.0.0.3'],
    ]);
    expect(root.query(LOCATION).rows).toEqual([
      ['10.0.0.2', '2881', '1'],
      ['10.0.0.1', '2881', '2'],
    ]);
    lab.cluster.crash(2);
    lab.world.advance(9000);
    expect(root.query(SERVERS).rows[1]).toEqual(['2', 'zone2', 'ACTIVE', '1']);
    expect(root.query(LEADERS).rows[2]).toEqual(['1002', '10.0.0.1']);
    lab.world.advance(1000);
    expect(root.query(SERVERS).rows[1]).toEqual(['2', 'zone2', 'INACTIVE', '1']);
  });

  it('show zones, tenants and the name of the cluster', () => {
    const root = new Lab({}, TOPOLOGIES.spread).login({ user: 'root@sys', database: 'oceanbase' });
    expect(root.query('SELECT ZONE, STATUS FROM dba_ob_zones').rows).toEqual([
      ['zone1', 'ACTIVE'],
      ['zone2', 'ACTIVE'],
      ['zone3', 'ACTIVE'],
    ]);
    expect(
      root.query('SELECT TENANT_NAME, PRIMARY_ZONE, LOCALITY FROM DBA_OB_TENANTS WHERE TENANT_ID > 1').rows,
    ).toEqual([
      ['shop', 'zone1;zone2;zone3', 'FULL{1}@zone1, FULL{1}@zone2, FULL{1}@zone3'],
      ['warehouse', 'zone2;zone3;zone1', 'FULL{1}@zone2, FULL{1}@zone3, FULL{1}@zone1'],
    ]);
    expect(root.query("SELECT VALUE FROM V$OB_PARAMETERS WHERE NAME = 'cluster' LIMIT 1").rows).toEqual([['obdemo']]);
  });

  it('are not there for other tenants', () => {
    const app = new Lab().login(SHOP);
    expect(app.query('SELECT * FROM oceanbase.DBA_OB_SERVERS').kind).toMatch(/^ERR 1146/);
  });
});

describe('ALTER SYSTEM', () => {
  const SWITCH = "ALTER SYSTEM SWITCH REPLICA LEADER LS = 1001 SERVER = '10.0.0.3:2882' TENANT = 'shop'";
  const STOPPED = 'SELECT ID FROM oceanbase.DBA_OB_SERVERS WHERE STOP_TIME IS NOT NULL';

  it('switches the leader of a log stream', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const root = lab.login({ user: 'root@sys' });
    expect(root.query(SWITCH).kind).toBe('ok');
    expect(lab.cluster.tenant('shop').streams.of('bank', 'account').leader).toBe(3);
    expect(root.query("alter system switch replica leader ls=1 server='10.0.0.2:2882'").kind).toBe('ok');
    expect(lab.cluster.tenant('sys').streams.all[0]!.leader).toBe(2);
  });

  it('stops a server: it leads nothing, serves on, and keeps its sessions', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const root = lab.login({ user: 'root@sys' });
    const alice = lab.login(SHOP);
    const leaders = () => lab.cluster.tenant('shop').streams.all.map((it) => it.leader);
    expect(root.query("ALTER SYSTEM STOP SERVER '10.0.0.1:2882', '10.0.0.2:2882'").kind).toBe('ok');
    expect(leaders()).toEqual([3, 3, 3, 3]);
    expect(alice.query(TAKE).kind).toBe('ok');
    expect(root.query(STOPPED).rows).toEqual([['1'], ['2']]);
    expect(root.query(SWITCH.replace('0.3', '0.1')).kind).toMatch(/^ERR 1210 HY000 Incorrect arguments to server/);
    expect(root.query("ALTER SYSTEM START SERVER '10.0.0.1:2882'").kind).toBe('ok');
    expect(root.query(STOPPED).rows).toEqual([['2']]);
    expect(root.query(SWITCH.replace('0.3', '0.1')).kind).toBe('ok');
    lab.cluster.crash(3);
    lab.world.advance(ELECTION);
    expect(leaders()).toEqual([1, 1, 1, 1]);
  });

  it('leaves a leader where it is if everybody is to stop', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    const root = lab.login({ user: 'root@sys' });
    root.query("ALTER SYSTEM STOP SERVER '10.0.0.1:2882', '10.0.0.2:2882', '10.0.0.3:2882'");
    expect(lab.cluster.tenant('shop').streams.all.map((it) => it.leader)).toEqual([3, 3, 3, 3]);
    expect(lab.login(SHOP).query(TAKE).kind).toBe('ok');
  });

  it('survives a restart', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    lab.login({ user: 'root@sys' }, 2).query("ALTER SYSTEM STOP SERVER '10.0.0.1:2882'");
    lab.cluster.crash(1);
    lab.cluster.restart(1);
    lab.world.advance(STARTING_TIME);
    expect(() => lab.cluster.switchLeader('shop', 'bank', 'account', 1)).toThrow('cannot lead');
    lab.cluster.startServer(1);
    lab.cluster.switchLeader('shop', 'bank', 'account', 1);
  });

  it.each([
    [
      "ALTER SYSTEM SWITCH REPLICA LEADER LS=7 SERVER='10.0.0.3:2882' TENANT=shop",
      'ERR 1210 HY000 Incorrect arguments to LS 7',
    ],
    [
      "ALTER SYSTEM SWITCH REPLICA LEADER LS=1 SERVER='10.0.0.3:2881' TENANT=shop",
      'ERR 1210 HY000 Incorrect arguments to server 10.0.0.3:2881',
    ],
    [
      "ALTER SYSTEM SWITCH REPLICA LEADER LS=1 SERVER='10.0.0.3:2882' TENANT=shoe",
      'ERR 1210 HY000 Incorrect arguments to tenant shoe',
    ],
    ["ALTER SYSTEM SWITCH REPLICA LEADER LS=x SERVER='10.0.0.3:2882'", 'ERR 1064'],
    ['ALTER SYSTEM STOP SERVER 5', 'ERR 1064'],
    ['ALTER SYSTEM MAJOR FREEZE', 'ERR 1235'],
    ["ALTER SYSTEM SET x = 'y", 'ERR 1064'],
  ])('%s', (sql, says) => {
    const root = new Lab({}, TOPOLOGIES.spread).login({ user: 'root@sys' });
    expect(root.query(sql).kind.slice(0, says.length)).toBe(says);
  });

  it('is for root@sys alone', () => {
    const lab = new Lab({}, TOPOLOGIES.spread);
    for (const user of ['dba@sys', 'root@shop']) {
      expect(lab.login({ user }, 2).query(SWITCH).kind).toMatch(/^ERR 1227/);
    }
  });
});
