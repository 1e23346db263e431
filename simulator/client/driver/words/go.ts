/**
 * What Go's driver and its `database/sql` say (clients.md §0, §4, §5).
 *
 * Data only.
 */
import type { Failures, Wording } from '../dialect.ts';
import { NONE, PASSED_THROUGH } from './words.ts';

const INVALID: Wording = { ...NONE, thrown: 'mysql.ErrInvalidConn', message: 'invalid connection' };
const BAD: Wording = { ...NONE, thrown: 'driver.ErrBadConn', message: 'driver: bad connection' };

export const GO_FAILURES: Failures = {
  lostFin: INVALID,
  lostRst: INVALID,
  unwritten: BAD,
  down: BAD,
  dead: { ...NONE, thrown: 'sql.ErrConnDone', message: 'sql: connection is already closed' },
  malformed: INVALID,
  connect: {
    refused: { ...NONE, thrown: '*net.OpError', message: 'dial tcp %h:%p: connect: connection refused' },
    reset: { ...NONE, thrown: '*net.OpError', message: 'dial tcp %h:%p: connect: connection reset by peer' },
    'greeting fin': BAD,
    'greeting rst': BAD,
    'login fin': INVALID,
    'login rst': INVALID,
    timeout: null,
  },
  server: {
    ...PASSED_THROUGH,
    message: 'Error %n: %m',
    messageAtLogin: 'Error %n: %m',
    thrown: [['', '*mysql.MySQLError']],
  },
};

export const GO_DEADLINE: Wording = {
  ...NONE,
  thrown: 'context.deadlineExceededError',
  message: 'context deadline exceeded',
};
