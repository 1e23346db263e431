/**
 * The example bytes of decisions.md §9 and the measured login packets of clients.md §8.1, by name.
 *
 * They were computed or measured outside this project, so they are not to be "corrected" to what our writers make.
 */

/** Lines of hex bytes, each followed by a remark behind at least two blanks. */
function bytes(text: string): Buffer {
  const parts: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const hex = /^\s*((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2}.*)?$/.exec(line);
    if (hex === null) throw new Error(`not a line of bytes: ${line}`);
    parts.push(hex[1]!.replaceAll(' ', ''));
  }
  return Buffer.from(parts.join(''), 'hex');
}

/** §9.1: the proxy's greeting, cs_id 56932. */
export const GREETING: Buffer = bytes(`
  4a 00 00 00                                                              payload 74, sequence 0
  0a                                                                       protocol 10
  35 2e 36 2e 32 35 00                                                     version (config mysql_version)
  64 de 00 00                                                              thread id = cs_id 56932
  61 61 61 61 61 61 61 61                                                  scramble, first 8
  00                                                                       filler
  df f7                                                                    capabilities, low 16
  2e                                                                       charset 46
  00 00                                                                    status 0
  9f 00                                                                    capabilities, high 16: 0x009ff7df in all
  15                                                                       auth data length 21
  00 00 00 00 00 00 00 00 00 00                                            reserved
  62 62 62 62 62 62 62 62 62 62 62 62 00                                   scramble, other 12, NUL
  6d 79 73 71 6c 5f 6e 61 74 69 76 65 5f 70 61 73 73 77 6f 72 64 00        plugin
`);

/** §9.2: root@sys#obdemo, empty password, obclient's flags, three attributes. */
export const CLIENT_LOGIN: Buffer = bytes(`
  ac 00 00 01                                                              payload 172, sequence 1
  85 a2 bf 08                                                              capabilities 0x08bfa285
  00 00 00 01                                                              max packet 16 MiB
  2d                                                                       charset 45
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00     filler
  72 6f 6f 74 40 73 79 73 23 6f 62 64 65 6d 6f 00                          user as typed
  00                                                                       auth response, length 0
  6d 79 73 71 6c 5f 6e 61 74 69 76 65 5f 70 61 73 73 77 6f 72 64 00        plugin
  64                                                                       attributes, 100 bytes
  0c 5f 63 6c 69 65 6e 74 5f 6e 61 6d 65 0a 6c 69 62 6d 61 72 69 61 64 62  _client_name = libmariadb
  13 5f 5f 6d 79 73 71 6c 5f 63 6c 69 65 6e 74 5f 74 79 70 65 10 5f 5f 6f  __mysql_client_type = __ob_libobclient
  62 5f 6c 69 62 6f 62 63 6c 69 65 6e 74
  10 5f 5f 6f 62 5f 63 6c 69 65 6e 74 5f 6e 61 6d 65 15 4f 63 65 61 6e 42  __ob_client_name = OceanBase Connector/C
  61 73 65 20 43 6f 6e 6e 65 63 74 6f 72 2f 43
`);

/** §9.3: the same login as it reaches the observer. */
export const OBSERVER_LOGIN: Buffer = bytes(`
  a6 01 00 01                                                              payload 422, sequence 1
  85 a2 bf 08                                                              capabilities 0x08bfa285
  00 00 00 01                                                              max packet 16 MiB
  2d                                                                       charset 45
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00     filler
  72 6f 6f 74 40 73 79 73 00                                               user@tenant, cluster gone
  00                                                                       auth response, length 0
  6d 79 73 71 6c 5f 6e 61 74 69 76 65 5f 70 61 73 73 77 6f 72 64 00        plugin
  fc 63 01                                                                 attributes, 355 bytes
  10 5f 5f 6f 62 5f 63 6c 69 65 6e 74 5f 6e 61 6d 65 15 4f 63 65 61 6e 42  __ob_client_name = OceanBase Connector/C
  61 73 65 20 43 6f 6e 6e 65 63 74 6f 72 2f 43
  13 5f 5f 6d 79 73 71 6c 5f 63 6c 69 65 6e 74 5f 74 79 70 65 0a 5f 5f 6f  __mysql_client_type = __ob_proxy
  62 5f 70 72 6f 78 79
  0f 5f 5f 63 6f 6e 6e 65 63 74 69 6f 6e 5f 69 64 0a 33 32 32 31 35 36 32  __connection_id = 3221562906
  39 30 36
  15 5f 5f 70 72 6f 78 79 5f 63 6f 6e 6e 65 63 74 69 6f 6e 5f 69 64 14 31  __proxy_connection_id = 12402504630519660553
  32 34 30 32 35 30 34 36 33 30 35 31 39 36 36 30 35 35 33
  0e 5f 5f 63 6c 75 73 74 65 72 5f 6e 61 6d 65 06 6f 62 64 65 6d 6f        __cluster_name = obdemo
  15 5f 5f 67 6c 6f 62 61 6c 5f 76 61 72 73 5f 76 65 72 73 69 6f 6e 01 30  __global_vars_version = 0
  17 5f 5f 70 72 6f 78 79 5f 63 61 70 61 62 69 6c 69 74 79 5f 66 6c 61 67  __proxy_capability_flag = 1706583
  07 31 37 30 36 35 38 33
  0b 5f 5f 63 6c 69 65 6e 74 5f 69 70 0a 31 39 32 2e 30 2e 32 2e 31 30     __client_ip = 192.0.2.10
  0f 5f 5f 70 72 6f 78 79 5f 76 65 72 73 69 6f 6e 07 34 2e 33 2e 31 2e 30  __proxy_version = 4.3.1.0
  12 5f 5f 63 6c 69 65 6e 74 5f 61 64 64 72 5f 70 6f 72 74 05 36 33 38 38  __client_addr_port = 63882
  32
  13 5f 5f 63 6c 69 65 6e 74 5f 73 65 73 73 69 6f 6e 5f 69 64 05 35 36 39  __client_session_id = 56932
  33 32
  15 5f 5f 63 6c 69 65 6e 74 5f 63 6f 6e 6e 65 63 74 5f 74 69 6d 65 10 31  __client_connect_time = 1700000000000000
  37 30 30 30 30 30 30 30 30 30 30 30 30 30 30
`);

/** §9.4: the observer's login OK, shortened to eight variables. */
export const OBSERVER_LOGIN_OK: Buffer = bytes(`
  ee 00 00 02                                                              payload 238, sequence 2
  00                                                                       OK
  00 00                                                                    affected rows 0, insert id 0
  22 40                                                                    status 0x4022: AUTOCOMMIT, NO_INDEX_USED, SESSION_STATE_CHANGED
  00 00                                                                    warnings
  00                                                                       message, empty
  e5                                                                       state block, 229 bytes
  00 df                                                                    type 0 (system variables), 223 bytes, ALL pairs in one entry
  0a 61 75 74 6f 63 6f 6d 6d 69 74 01 31                                   autocommit = 1
  0c 77 61 69 74 5f 74 69 6d 65 6f 75 74 05 32 38 38 30 30                 wait_timeout = 28800
  10 6f 62 5f 71 75 65 72 79 5f 74 69 6d 65 6f 75 74 08 31 30 30 30 30 30  ob_query_timeout = 10000000
  30 30
  0e 6f 62 5f 74 72 78 5f 74 69 6d 65 6f 75 74 0b 38 36 34 30 30 30 30 30  ob_trx_timeout = 86400000000
  30 30 30
  1f 6f 62 5f 65 6e 61 62 6c 65 5f 74 72 61 6e 73 6d 69 73 73 69 6f 6e 5f  ob_enable_transmission_checksum = 1
  63 68 65 63 6b 73 75 6d 01 31
  12 6f 62 5f 63 61 70 61 62 69 6c 69 74 79 5f 66 6c 61 67 03 35 37 37     ob_capability_flag = 577
  21 6f 62 5f 70 72 6f 78 79 5f 67 6c 6f 62 61 6c 5f 76 61 72 69 61 62 6c  ob_proxy_global_variables_version = 1700000000000000
  65 73 5f 76 65 72 73 69 6f 6e 10 31 37 30 30 30 30 30 30 30 30 30 30 30
  30 30 30
  17 6f 62 5f 70 72 6f 78 79 5f 75 73 65 72 5f 70 72 69 76 69 6c 65 67 65  ob_proxy_user_privilege = 65534
  05 36 35 35 33 34
  02 02 01 31                                                              type 2 (state changed), "1"
`);

/** §9.4: what a client gets of it that negotiated SESSION_TRACK. */
export const TRACKING_LOGIN_OK: Buffer = bytes(`
  09 00 00 02                                                              payload 9, sequence 2
  00 00 00                                                                 OK, 0 rows, id 0
  22 40                                                                    status still 0x4022
  00 00                                                                    warnings
  00                                                                       message, empty
  00                                                                       state block, empty
`);

/** §9.4: what a client gets of it that did not. */
export const PLAIN_LOGIN_OK: Buffer = bytes(`
  07 00 00 02                                                              payload 7, sequence 2
  00 00 00                                                                 OK, 0 rows, id 0
  22 00                                                                    status 0x0022
  00 00                                                                    warnings
`);

/** §9.5: 'selct 1'. */
export const SELCT_QUERY: Buffer = bytes(`
  08 00 00 00                                                              payload 8, sequence 0
  03                                                                       COM_QUERY
  73 65 6c 63 74 20 31                                                     text
`);

/** §9.5: the ERR to it, the same towards proxy and client. */
export const SELCT_ERR: Buffer = bytes(`
  9f 00 00 01                                                              payload 159, sequence 1
  ff                                                                       ERR
  28 04                                                                    1064
  23 34 32 30 30 30                                                        SQLSTATE
  59 6f 75 20 68 61 76 65 20 61 6e 20 65 72 72 6f 72 20 69 6e 20 79 6f 75  text
  72 20 53 51 4c 20 73 79 6e 74 61 78 3b 20 63 68 65 63 6b 20 74 68 65 20
  6d 61 6e 75 61 6c 20 74 68 61 74 20 63 6f 72 72 65 73 70 6f 6e 64 73 20
  74 6f 20 79 6f 75 72 20 4f 63 65 61 6e 42 61 73 65 20 76 65 72 73 69 6f
  6e 20 66 6f 72 20 74 68 65 20 72 69 67 68 74 20 73 79 6e 74 61 78 20 74
  6f 20 75 73 65 20 6e 65 61 72 20 27 73 65 6c 63 74 20 31 27 20 61 74 20
  6c 69 6e 65 20 31
`);

/** §9.5: the extra OK behind that ERR. */
export const SELCT_EXTRA_OK: Buffer = bytes(`
  08 00 00 02                                                              payload 8, sequence 2
  00 00 00                                                                 the extra OK: 0 rows, id 0
  22 00                                                                    status 0x0022: not IN_TRANS
  00 00                                                                    warnings
  00                                                                       message, empty (always present towards a proxy)
`);

/** §9.6: 'KILL PROXYSESSION 56932'. */
export const KILL_QUERY: Buffer = bytes(`
  18 00 00 00                                                              payload 24, sequence 0
  03                                                                       COM_QUERY
  4b 49 4c 4c 20 50 52 4f 58 59 53 45 53 53 49 4f 4e 20 35 36 39 33 32     text
`);

/** §9.6: its answer when it is the own session. */
export const KILL_ERR: Buffer = bytes(`
  28 00 00 01                                                              payload 40, sequence 1
  ff                                                                       ERR
  25 05                                                                    1317
  23 37 30 31 30 30                                                        SQLSTATE
  51 75 65 72 79 20 65 78 65 63 75 74 69 6f 6e 20 77 61 73 20 69 6e 74 65  text
  72 72 75 70 74 65 64
`);

/** §9.6: its answer when it is another session. */
export const KILL_OK: Buffer = bytes(`
  07 00 00 01 00 00 00 00 00 00 00
`);

/** §8.1: who sent a login packet, as which user, and the packet with its header. */
export interface MeasuredLogin {
  readonly client: string;
  readonly user: string;
  readonly packet: Buffer;
}

/** The scramble and the password the measured logins were made with. */
export const MEASURED_SCRAMBLE: Buffer = Buffer.from('abcdefghijklmnopqrst');
export const MEASURED_PASSWORD = 'x';

/** Hex without blanks, on several lines. */
function measured(client: string, user: string, hex: string): MeasuredLogin {
  return { client, user, packet: Buffer.from(hex.replaceAll(/\s/g, ''), 'hex') };
}

export const MEASURED_LOGINS: readonly MeasuredLogin[] = [
  measured(
    'mysql2',
    'root',
    `
    83000001cff3ba0800000000e00000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a006d7973716c5f6e61746976655f70617373776f726400310c5f636c69656e745f6e616d650c4e6f64652d4d7953514c2d32
    0f5f636c69656e745f76657273696f6e06332e32342e36
    `,
  ),
  measured(
    'mysql',
    'root',
    `
    3b000001cff3060000000000210000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a00
    `,
  ),
  measured(
    'mariadb',
    'root',
    `
    bd00000102a39e0000000040e00000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f726400fc6a000c5f636c69656e745f6e616d65164d61726961444220636f6e
    6e6563746f722f4e6f64650f5f636c69656e745f76657273696f6e05332e352e34035f6f73056c696e75780c5f636c69656e745f686f7374
    02766d0d5f6e6f64655f76657273696f6e0732302e32302e32
    `,
  ),
  measured(
    'PyMySQL',
    'root',
    `
    8700000105a23a00ffffff002d0000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f726400360c5f636c69656e745f6e616d650770796d7973716c045f70696405
    31313131310f5f636c69656e745f76657273696f6e05312e302e32
    `,
  ),
  measured(
    'mysqli',
    'root',
    `
    7d00000185a21a00000000c02e0000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f7264002c0c5f636c69656e745f6e616d65076d7973716c6e640c5f73657276
    65725f686f7374093132372e302e302e31
    `,
  ),
  measured(
    'go',
    'root',
    `
    5000000185a20a00000000002d0000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f726400
    `,
  ),
  measured(
    'C/J',
    'root',
    `
    e800000182a3be00000000402e0000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f726400970c5f636c69656e745f6e616d65134d61726961444220436f6e6e65
    63746f722f4a0f5f636c69656e745f76657273696f6e05322e372e360c5f7365727665725f686f7374093132372e302e302e31035f6f7305
    4c696e7578045f706964053131313131075f74687265616401310c5f6a6176615f76656e646f720644656269616e0d5f6a6176615f766572
    73696f6e0731372e302e3135
    `,
  ),
  measured(
    'mariadb CLI (batch)',
    'root',
    `
    d000000185a2bf0000001000210000000000000000000000000000000000000000000000726f6f7400142d5b4c0a7972fd25272230dba385
    eb1d397e667a6d7973716c5f6e61746976655f70617373776f7264007f035f6f73054c696e75780c5f636c69656e745f6e616d650a6c6962
    6d617269616462045f7069640531313131310f5f636c69656e745f76657273696f6e06332e332e3230095f706c6174666f726d067838365f
    36340c70726f6772616d5f6e616d65056d7973716c0c5f7365727665725f686f7374093132372e302e302e31
    `,
  ),
  measured(
    'obclient (batch)',
    'root@sys#obdemo',
    `
    b601000185a2bf0800000001210000000000000000000000000000000000000000000000726f6f7440737973236f6264656d6f00142d5b4c
    0a7972fd25272230dba385eb1d397e667a6d7973716c5f6e61746976655f70617373776f726400fc5801035f6f73054c696e75780c5f636c
    69656e745f6e616d650a6c69626d617269616462135f5f6d7973716c5f636c69656e745f74797065105f5f6f625f6c69626f62636c69656e
    740c70726f6772616d5f6e616d65056d7973716c095f706c6174666f726d067838365f36340c5f7365727665725f686f7374093132372e30
    2e302e31255f5f6f625f636c69656e745f6174747269627574655f6361706162696c6974795f666c616701350f5f636c69656e745f766572
    73696f6e06322e322e31300d5f5f636c69656e745f706f72740534363137340b5f5f636c69656e745f6970093132372e302e302e31045f70
    6964053131313131135f5f6f625f636c69656e745f76657273696f6e06322e322e3130175f5f70726f78795f6361706162696c6974795f66
    6c61670731333630313238105f5f6f625f636c69656e745f6e616d65154f6365616e4261736520436f6e6e6563746f722f43
    `,
  ),
];
