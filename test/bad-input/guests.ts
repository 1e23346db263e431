/**
 * Bad clients that have logged in: packets out of sequence, no commands, nonsense statements, and those that vanish in
 * the middle of something.
 */
import { COM } from '../../proxy/wire/constants.ts';
import { loginBytes, queryBytes, requestBytes } from '../session/raw-client.ts';
import { CLOSED, GREETED, hears, type Leaving, leaves, type Step, sends } from './attack.ts';
import type { Dice } from './dice.ts';
import type { Kind } from './kind.ts';

const LEAVINGS: readonly Leaving[] = ['FIN', 'RST', 'close'];
const USERS: readonly string[] = ['app@shop#obdemo', 'boss@shop', 'obdemo:shop:app', 'root@sys#obdemo', 'dba@sys'];
const PING = requestBytes(COM.PING);
const QUIT = requestBytes(COM.QUIT);

function inside(user: string): readonly Step[] {
  return [GREETED, sends(loginBytes(user)), hears('OK')];
}

/** The connection is as good as before. */
const ALIVE: readonly Step[] = [sends(PING), hears('OK'), sends(QUIT), CLOSED];

/** A statement, its answer, and the proof that the connection was kept. */
function asks(user: string, statement: Buffer, answer: string | RegExp): readonly Step[] {
  return [...inside(user), sends(statement), hears(answer), ...ALIVE];
}

const BAD_COMMAND = 'ERR 5010/21000 Unknown operator, bad internal cmd';
const NOT_SUPPORTED = 'ERR 1235/0A000 Not supported feature or function';
const TOO_LONG = 'ERR 8007/HY000 internal cmd value is too long';
/** To random bytes: no statement, nothing but a comment, or a bracket, which the simulated observer does not know. */
const NO_STATEMENT = /^ERR (?:1064\/42000 You have an error|1065\/42000 Query was empty|1235\/0A000 )/;

/** KILL and SHOW PROXY… that do not parse (odp-sessions.md §1.2); `n` and `w` are a number and a word. */
const MALFORMED: readonly ((n: number, w: string) => string)[] = [
  () => 'KILL',
  () => 'KILL QUERY',
  () => 'KILL CONNECTION ;',
  (_, w) => `KILL ${w}`,
  (n) => `KILL ${n}a`,
  (n) => `KILL 0x${n.toString(16)}`,
  (n) => `KILL '${n}'`,
  (n) => `kill ${n} ${n}`,
  (n) => `KILL ${n},${n}`,
  (n) => `KILL ${n}+1`,
  (n) => `KILL HARD ${n}`,
  (n) => `KILL ${n}.0`,
  (n) => `KILL ${n}e3`,
  (n) => `KILL @x${n}`,
  () => 'KILL CONNECTION_ID()',
  (n) => `KILL ${String(n).padStart(18, '1')}`,
  () => 'KILL PROXYSESSION',
  (_, w) => `KILL PROXYSESSION ${w}`,
  (n) => `KILL PROXYSESSION ${n},${n}`,
  (n) => `KILL PROXYSESSION ${n} ${n} ${n}`,
  (n) => `KILL /*x*/ PROXYSESSION ${n}`,
  (n) => `EXPLAIN KILL ${n}`,
  (_, w) => `SHOW PROXYSESSION ${w}`,
  (n) => `SHOW PROXYSESSION ${n}`,
  (_, w) => `SHOW PROXYSESSION LIKE '${w}'`,
  (_, w) => `SHOW PROXYSESSION ATTRIBUTE ${w}`,
  (n) => `SHOW PROXYSESSION ATTRIBUTE ${n} ${n}`,
  () => 'SHOW PROXYSESSION STAT LIKE',
  (n) => `SHOW PROXYSESSION VARIABLES ${n} ALL`,
  () => "SHOW PROXYSESSION ATTRIBUTE LIKE 'it''s'",
  (n) => `SHOW PROCESSLIST ${n}`,
  (_, w) => `SHOW PROCESSLIST LIKE '${w}'`,
];

/** Statements about a session that there is not. */
const UNKNOWN_SESSION: readonly ((n: number) => string)[] = [
  (n) => `KILL ${n}`,
  (n) => `KILL CONNECTION ${n}`,
  (n) => `KILL QUERY ${n}`,
  (n) => `KILL PROXYSESSION ${n}`,
  (n) => `KILL PROXYSESSION ${n} 1`,
  (n) => `SHOW PROXYSESSION ATTRIBUTE ${n}`,
  (n) => `SHOW PROXYSESSION STAT ${n} LIKE '%'`,
  (n) => `SHOW PROXYSESSION VARIABLES ALL ${n}`,
];

/** Command bytes that are none, and those that ODP does not relay (odp-relay.md §2.8). */
function noCommand(dice: Dice): number {
  const command = dice.pick([COM.TABLE_DUMP, COM.CONNECT_OUT, dice.between(0x20, 0xff)]);
  // OceanBase's own that is relayed: about a statement there is not, it is another error.
  return command === COM.STMT_SEND_PIECE_DATA ? command + 1 : command;
}

/** A packet's header that promises this much. */
function header(length: number, sequence = 0): Buffer {
  return Buffer.of(length & 0xff, (length >> 8) & 0xff, length >> 16, sequence);
}

const A_LOT = Buffer.alloc(128 * 1024, 'SELECT 1 -- ');

export const GUESTS: readonly Kind[] = [
  {
    name: 'a command of the wrong sequence',
    share: 10,
    draw(dice) {
      const packet = dice.pick([PING, QUIT, queryBytes('SELECT 1'), queryBytes('KILL 1')]);
      const wrong = Buffer.from(packet);
      wrong[3] = dice.between(1, 255);
      return [...inside(dice.pick(USERS)), sends(wrong), CLOSED];
    },
  },
  {
    name: 'an empty packet',
    share: 10,
    draw: (dice) => [...inside(dice.pick(USERS)), sends(Buffer.alloc(4)), CLOSED],
  },
  {
    name: 'an unknown command',
    share: 10,
    draw: (dice) => asks(dice.pick(USERS), requestBytes(noCommand(dice), dice.bytes(dice.below(100))), NOT_SUPPORTED),
  },
  {
    name: 'random bytes as a statement',
    share: 20,
    draw: (dice) => asks(dice.pick(USERS), requestBytes(COM.QUERY, dice.bytes(dice.between(1, 300))), NO_STATEMENT),
  },
  {
    name: 'a sentence as a statement',
    share: 10,
    draw: (dice) => asks(dice.pick(USERS), queryBytes(dice.sentence()), NO_STATEMENT),
  },
  {
    name: 'an empty statement',
    share: 5,
    draw(dice) {
      const text = dice.pick(['', ' ', '-- ', '/* */', ';', '#', '\0', '/**/']);
      return asks(
        dice.pick(USERS),
        queryBytes(text),
        text === '\0' ? NO_STATEMENT : /^ERR 1065\/42000 Query was empty/,
      );
    },
  },
  {
    name: 'a malformed KILL or SHOW',
    share: 20,
    draw: (dice) =>
      asks(
        dice.pick(USERS),
        queryBytes(dice.pick(MALFORMED)(dice.between(3_000_000, 4_000_000), dice.word())),
        BAD_COMMAND,
      ),
  },
  {
    name: 'a pattern that is too long',
    share: 5,
    draw: (dice) =>
      asks(
        dice.pick(USERS),
        queryBytes(`SHOW PROXYSESSION STAT LIKE '${'x'.repeat(dice.between(512, 4000))}'`),
        TOO_LONG,
      ),
  },
  {
    name: 'a session that there is not',
    share: 15,
    draw(dice) {
      // Among the last ids that the proxy would give out, and of observers that there are not.
      const id = dice.pick([dice.between(3_000_000, 4_194_303), 0xc000_0000 + dice.between(2 ** 20, 2 ** 21)]);
      return asks('root@sys', queryBytes(dice.pick(UNKNOWN_SESSION)(id)), `ERR 1094/HY000 Unknown thread id: ${id}`);
    },
  },
  {
    name: 'COM_PROCESS_KILL of the wrong length',
    share: 5,
    draw: (dice) =>
      asks(dice.pick(USERS), requestBytes(COM.PROCESS_KILL, dice.bytes(dice.pick([0, 1, 3, 5, 8]))), BAD_COMMAND),
  },
  {
    name: 'QUIT right behind the login',
    share: 10,
    draw: (dice) => [GREETED, sends(loginBytes(dice.pick(USERS)), QUIT), hears('OK'), CLOSED],
  },
  {
    name: 'nonsense right behind the login',
    share: 10,
    draw(dice) {
      const wrong = Buffer.from(PING);
      wrong[3] = 7;
      return [GREETED, sends(loginBytes(dice.pick(USERS)), wrong, dice.bytes(dice.below(300))), hears('OK'), CLOSED];
    },
  },
  {
    name: 'statements ahead of their answers, then gone',
    share: 10,
    draw(dice) {
      const many = Array.from({ length: dice.between(2, 50) }, () => queryBytes('SELECT 1'));
      return [...inside(dice.pick(USERS)), sends(...many), leaves(dice.pick(LEAVINGS))];
    },
  },
  {
    name: 'a great many statements ahead of their answers, then gone',
    share: 1,
    draw(dice) {
      const statement = dice.pick([PING, queryBytes('BEGIN'), queryBytes('KILL'), queryBytes('SELECT 1')]);
      const many = Buffer.concat(Array<Buffer>(dice.between(1000, 5000)).fill(statement));
      return [...inside(dice.pick(USERS)), { kind: 'stops reading' }, sends(many), leaves(dice.pick(['RST', 'close']))];
    },
  },
  {
    name: 'half a command, then gone',
    share: 10,
    draw(dice) {
      const packet = queryBytes(dice.sentence());
      const half = packet.subarray(0, dice.between(1, packet.length - 1));
      return [...inside(dice.pick(USERS)), sends(half), leaves(dice.pick(LEAVINGS))];
    },
  },
  {
    name: 'a huge length and then nothing, inside',
    share: 10,
    draw(dice) {
      const some = Buffer.alloc(dice.pick([0, 1, 4095, 4096, 9000]), COM.QUERY);
      return [
        ...inside(dice.pick(USERS)),
        sends(header(dice.between(10_000, 0xff_ffff)), some),
        leaves(dice.pick(LEAVINGS)),
      ];
    },
  },
  {
    name: 'gone in the middle of a large request',
    share: 5,
    draw(dice) {
      const sent = A_LOT.subarray(0, dice.between(5000, A_LOT.length));
      return [
        ...inside(dice.pick(USERS)),
        sends(header(1 + 2 * A_LOT.length), Buffer.of(COM.QUERY), sent),
        leaves(dice.pick(LEAVINGS)),
      ];
    },
  },
  {
    name: 'gone while a statement runs',
    share: 15,
    draw: (dice) => [
      ...inside(dice.pick(USERS)),
      sends(queryBytes(`SELECT SLEEP(${dice.between(3, 30)})`)),
      { kind: 'rests', milliseconds: dice.below(15) },
      leaves(dice.pick(LEAVINGS)),
    ],
  },
  {
    name: 'gone in the middle of a transaction',
    share: 15,
    draw: (dice, number) => [
      ...inside(dice.pick(['app@shop#obdemo', 'boss@shop'])),
      sends(queryBytes('BEGIN')),
      hears('OK'),
      sends(queryBytes(`INSERT INTO bank.account VALUES (${1000 + number}, 'nobody', 1)`)),
      hears('OK'),
      leaves(dice.pick(LEAVINGS)),
    ],
  },
  {
    name: 'gone in the middle of a result that it does not read',
    share: 3,
    draw: (dice) => [
      ...inside(dice.pick(USERS)),
      { kind: 'stops reading' },
      sends(queryBytes("SELECT REPEAT('x', 1000) FROM TABLE(GENERATOR(10000))")),
      { kind: 'rests', milliseconds: dice.below(30) },
      leaves(dice.pick(['RST', 'close'])),
    ],
  },
];
