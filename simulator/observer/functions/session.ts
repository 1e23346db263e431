/** Functions that tell about the session, the server and the statement before; and SLEEP. */
import { TYPE } from '../../../proxy/wire/constants.ts';
import { toDouble, toInteger, type Value } from '../sql/value.ts';
import type { Surroundings } from '../surroundings.ts';
import { DOUBLE, INTEGER, notNull, type SqlType, TRUTH, textType, UNSIGNED } from '../types.ts';
import { VERSION, VERSION_NUMBER } from '../variables.ts';
import type { SqlFunction, Table } from './function.ts';

/** Milliseconds of a second; SLEEP takes seconds with a fraction. */
const SECOND = 1000;

/** decisions.md 32: LONG, UNSIGNED. */
const CONNECTION_ID: SqlType = { ...UNSIGNED, length: 10, wire: TYPE.LONG };

function told(type: SqlType, call: (around: Surroundings) => Value): SqlFunction {
  return { least: 0, most: 0, type: () => type, changes: true, call: (_, around) => call(around) };
}

const NAME = textType(64);
const DATABASE = told(NAME, (around) => around.database);
const USER = told(NAME, (around) => around.userAtHost);
const CURRENT_USER = told(NAME, (around) => around.account);
const FIRST_ARGUMENT: SqlFunction = { least: 1, most: 1, type: (list) => list[0]!.type, call: ([it]) => it! };

function sleep([seconds]: readonly Value[], around: Surroundings): Value {
  if (seconds === null || seconds === undefined) return 0n;
  around.sleep(Math.max(0, toDouble(seconds) * SECOND));
  return 0n;
}

function lastInsertId([value]: readonly Value[], around: Surroundings): Value {
  if (value === undefined || value === null) return value === null ? null : around.lastInsertId;
  const id = BigInt.asUintN(64, toInteger(value));
  around.setLastInsertId(id);
  return id;
}

/** A UUID that repeats: made of the connection and the time of the statement. */
function uuid(around: Surroundings): Value {
  const time = Math.floor(around.statementTime).toString(16).padStart(12, '0');
  const id = around.connectionId.toString(16).padStart(12, '0');
  return `${time.slice(4)}-${time.slice(0, 4)}-11ee-8000-${id}`;
}

export const SESSION: Table = [
  ['CONNECTION_ID', { ...told(CONNECTION_ID, (around) => BigInt(around.connectionId)) }],
  ['DATABASE SCHEMA', DATABASE],
  ['USER SESSION_USER SYSTEM_USER', USER],
  ['CURRENT_USER', CURRENT_USER],
  ['VERSION', told(NAME, () => VERSION)],
  ['OB_VERSION', told(NAME, () => VERSION_NUMBER)],
  ['SLEEP', { least: 1, most: 1, takesNull: true, changes: true, type: () => TRUTH, call: sleep }],
  ['ROW_COUNT', told(notNull(INTEGER), (around) => BigInt(around.rowCount))],
  ['FOUND_ROWS', told(notNull(INTEGER), (around) => BigInt(around.foundRows))],
  ['LAST_INSERT_ID', { least: 0, most: 1, takesNull: true, changes: true, type: () => UNSIGNED, call: lastInsertId }],
  ['RAND', told(notNull(DOUBLE), (around) => around.random())],
  ['UUID', told(textType(36), uuid)],
  [
    'CHARSET',
    {
      least: 1,
      most: 1,
      takesNull: true,
      type: () => NAME,
      call: ([it], _, list) => (it !== null && list[0]!.type.family !== 'text' ? 'binary' : 'utf8mb4'),
    },
  ],
  [
    'COLLATION',
    {
      least: 1,
      most: 1,
      takesNull: true,
      type: () => NAME,
      call: (_, _around, list) => (list[0]!.type.family === 'text' ? 'utf8mb4_general_ci' : 'binary'),
    },
  ],
  ['ANY_VALUE', FIRST_ARGUMENT],
  [
    'BENCHMARK',
    { least: 2, most: 2, takesNull: true, type: () => TRUTH, call: ([count]) => (count === null ? null : 0n) },
  ],
];
