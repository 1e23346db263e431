/** Views of the tenant sys beyond those of servers and places (observer.md §4.4, §9.2, §9.3). */
import { describe, expect, it } from 'vitest';
import { TOPOLOGIES } from '../../simulator/world/topology.ts';
import { Lab } from './pair.ts';

const lab = new Lab({}, TOPOLOGIES.three);
const root = lab.login({ user: 'root@sys', database: 'oceanbase' });
const app = lab.login({ user: 'app@shop', database: 'bank', proxy: true }, 2);

describe('the process list', () => {
  it.each(['GV$OB_PROCESSLIST', '__all_virtual_processlist', '__all_virtual_session_info'])('%s', (view) => {
    app.query('BEGIN');
    app.query('UPDATE account SET balance = 1 WHERE id = 1');
    const { rows } = root.query(
      `SELECT id, user, tenant, db, command, state, info, svr_ip, svr_port, sql_port, proxy_sessid, trans_state FROM ${view} ORDER BY id`,
    );
    app.query('ROLLBACK');
    expect(rows.map((row) => row.slice(1, 6))).toEqual([
      ['root', 'sys', 'oceanbase', 'Query', 'ACTIVE'],
      ['app', 'shop', 'bank', 'Sleep', 'SLEEP'],
    ]);
    expect(rows[1]!.slice(6)).toEqual([null, '10.0.0.2', '2882', '2881', '12402504630519660553', 'ACTIVE']);
  });

  it('is none of other tenants', () => {
    expect(app.query('SELECT * FROM oceanbase.GV$OB_PROCESSLIST').kind).toMatch(/^ERR 1146/);
  });
});

describe('the cluster', () => {
  const counts: readonly (readonly [view: string, rows: string])[] = [
    ['GV$OB_SERVERS', '3'],
    ['__all_virtual_proxy_server_stat', '3'],
    ['__all_virtual_zone_stat', '3'],
    ['__all_virtual_proxy_partition_info', '0'],
  ];
  it.each(counts)('%s', (view, rows) => {
    expect(root.query(`SELECT COUNT(*) FROM oceanbase.${view}`).rows).toEqual([[rows]]);
  });

  it('units and logs', () => {
    const { rows } = root.query('SELECT zone, svr_ip FROM DBA_OB_UNITS WHERE tenant_id = 1 ORDER BY zone');
    expect(rows).toHaveLength(3);
    const logs = root.query(
      "SELECT svr_ip, role FROM GV$OB_LOG_STAT WHERE tenant_id = 1 AND ls_id = 1 AND role = 'LEADER'",
    );
    expect(logs.rows).toEqual([['10.0.0.1', 'LEADER']]);
  });

  it('variables, as proxies are told them', () => {
    const { rows } = root.query(
      "SELECT name, value, modified_time FROM __all_virtual_proxy_sys_variable WHERE tenant_id = 1 AND name = 'autocommit'",
    );
    expect(rows).toEqual([['autocommit', '1', '1700000000000000']]);
  });
});
