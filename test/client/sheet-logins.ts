/**
 * What the sheet of measured clients says of logins that fail (clients.md §5): H, a connection that ends before or during
 * the handshake, and J, an ERR in the greeting's place or behind the login. A text is `number code SQLSTATE message`
 * without what the client leaves out.
 *
 * Data only; read by the tests of the simulated drivers and by those of the real ones.
 */

/** What is in the texts and differs from run to run: where the server is, and the thread id of its greeting. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly session: number;
}

/** The ERR of J; `name` is what the drivers of Node call its number. */
export interface Refusal {
  readonly errno: number;
  readonly sqlState: string;
  readonly name: string;
  readonly text: string;
}

type Rows<Cells> = readonly (readonly [names: readonly string[], cells: Cells])[];

/** FIN, RST in the greeting's place; FIN, RST behind the login. All that may be told, in alphabetical order. */
export type HandshakeCells = readonly [
  noGreeting: readonly string[],
  greetingReset: readonly string[],
  loginEnded: readonly string[],
  loginReset: readonly string[],
];

/** Without SQLSTATE and with it in the greeting's place; behind the login. */
export type RefusedCells = readonly [without: string, withIt: string, behindLogin: string];

const LIBMARIADB = [
  'mariadb CLI',
  'mariadb CLI -skip',
  'MySQLdb',
  'DBD::mysql ar=0',
  'DBD::mysql ar=1',
  'DBD::MariaDB',
  'ruby',
  'ruby rc',
];
const NODE = ['mysql2 conn', 'mysql2 pool', 'knex', 'mysql conn', 'mysql pool'];

const LOST = 'PROTOCOL_CONNECTION_LOST Connection lost: The server closed the connection.';
const RESET = '-104 ECONNRESET read ECONNRESET';
/** mariadb's pool, after ten seconds of trying. */
export const POOL =
  '45028 ER_GET_CONNECTION_TIMEOUT HY000 (conn:-1, no: 45028, SQLState: HY000) pool failed to retrieve a connection from pool (pool connections: active=0 idle=0 limit=10)';
const PY = '2013 HY000 Lost connection to MySQL server during query';
const GONE = 'MySQL server has gone away';

function socket(session: number): string {
  return `45009 ER_SOCKET_UNEXPECTED_CLOSE 08S01 (conn:${session}, no: 45009, SQLState: 08S01) socket has unexpectedly been closed`;
}

/** The system's error is what was left over of the connect, 11 or 115; it is 11 here. */
function library(flavour: 'OceanBase' | 'MariaDB', host: string): HandshakeCells {
  const at = `2013 HY000 Lost connection to ${flavour === 'MariaDB' ? 'server' : 'MySQL server'} at`;
  const greeting = `${at} 'handshake: reading initial communication packet', system error:`;
  const login = `${at} 'reading authorization packet', system error:`;
  const server = flavour === 'MariaDB' ? 'server' : 'OceanBase server';
  return [
    [`${greeting} 115`],
    [`2002 HY000 Can't connect to ${server} on '${host}' (115)`, `${greeting} 104`],
    [`${login} 11`],
    [`${login} 104`],
  ];
}

export function handshakeRows({ host, port, session }: Place): Rows<HandshakeCells> {
  const java = `-1 08000 Could not connect to address=(host=${host})(port=${port})(type=master) : Could not connect to ${host}:${port} : `;
  const javaEnd = `${java}unexpected end of stream, read 0 bytes from 4 (socket was closed by server)`;
  const pyReset = `${PY} ([Errno 104] Connection reset by peer)`;
  const mariadbReset = '-104 ECONNRESET HY000 read ECONNRESET';
  return [
    [['obclient', 'obclient -skip'], library('OceanBase', host)],
    [LIBMARIADB, library('MariaDB', host)],
    [
      ['PyMySQL'],
      [
        [PY],
        [
          `2003 HY000 Can't connect to MySQL server on '${host}' ([Errno 104] Connection reset by peer)`,
          pyReset,
        ].sort(),
        [PY],
        [pyReset],
      ],
    ],
    [
      ['mysqli'],
      [
        [`2006 HY000 ${GONE}`],
        ['2002 HY000 Connection reset by peer', `2006 HY000 ${GONE}`],
        [`2006 HY000 ${GONE}`],
        [`2006 HY000 ${GONE}`],
      ],
    ],
    [NODE, [[LOST], [RESET], [LOST], [RESET]]],
    [['mariadb conn'], [[socket(0)], [mariadbReset], [socket(session)], [mariadbReset]]],
    [['mariadb pool'], [[POOL], [POOL], [POOL], [POOL]]],
    [
      ['C/J', 'C/J aR'],
      [[javaEnd], [`${java}Connection reset`], [javaEnd], [`${java}Connection reset`]],
    ],
    [
      ['go DB', 'go Conn'],
      [
        ['driver: bad connection'],
        [`dial tcp ${host}:${port}: connect: connection reset by peer`, 'driver: bad connection'],
        ['invalid connection'],
        ['invalid connection'],
      ],
    ],
  ];
}

export function refusedRows({ host, port, session }: Place, refusal: Refusal): Rows<RefusedCells> {
  const { errno, sqlState, name, text } = refusal;
  const plain: RefusedCells = [
    `${errno} HY000 ${text}`,
    `${errno} ${sqlState} ${text}`,
    `${errno} ${sqlState} ${text}`,
  ];
  const tls = `2002 HY000 Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: ${errno} - ${text}`;
  const node = `${errno} ${name}`;
  const java = `-1 08000 Could not connect to HostAddress{host='${host}', port=${port}, type='master'}. ${text}`;
  const libraries = LIBMARIADB.filter((it) => !it.startsWith('mariadb CLI'));
  return [
    [['obclient'], plain],
    [['mariadb CLI'], [tls, tls, `${errno} ${sqlState} ${text}`]],
    [libraries, plain],
    // It skips six bytes of what it takes for the SQLSTATE.
    [['PyMySQL'], [`${errno} HY000 ${text.slice(6)}`, `${errno} ${sqlState} ${text}`, `${errno} ${sqlState} ${text}`]],
    // Behind the login it loses the SQLSTATE.
    [['mysqli'], [`${errno} ${sqlState} ${text}`, `${errno} ${sqlState} ${text}`, `${errno} HY000 ${text}`]],
    [
      ['mysql2 conn', 'mysql2 pool', 'knex'],
      [`${node} ${text}`, `${node} ${sqlState} ${text}`, `${node} ${sqlState} ${text}`],
    ],
    [
      ['mysql conn', 'mysql pool'],
      [`${node} ${name}: ${text}`, `${node} ${sqlState} ${name}: ${text}`, `${node} ${sqlState} ${name}: ${text}`],
    ],
    [
      ['mariadb conn'],
      [
        `${node} HY000 (conn:0, no: ${errno}, SQLState: HY000) ${text}`,
        `${node} ${sqlState} (conn:0, no: ${errno}, SQLState: ${sqlState}) ${text}`,
        `${node} ${sqlState} (conn:${session}, no: ${errno}, SQLState: ${sqlState}) ${text}`,
      ],
    ],
    [['mariadb pool'], [POOL, POOL, POOL]],
    [
      ['C/J', 'C/J aR'],
      [
        java,
        java,
        `${errno} ${sqlState} Could not connect to address=(host=${host})(port=${port})(type=master) : (conn=${session}) ${text}`,
      ],
    ],
    [
      ['go DB', 'go Conn'],
      [
        `${errno} HY000 Error ${errno}: ${text}`,
        `${errno} ${sqlState} Error ${errno}: ${text}`,
        `${errno} ${sqlState} Error ${errno}: ${text}`,
      ],
    ],
  ];
}
