/**
 * What Connector/J says (clients.md §0, §4, §5), and Hikari over it.
 *
 * Data only.
 */
import type { Failures, Wording } from '../dialect.ts';
import { GENERAL, numbered, PASSED_THROUGH } from './words.ts';

function java(thrown: string, lostState: string): Failures {
  const eos = numbered(
    0,
    lostState,
    '(conn=%i) unexpected end of stream, read 0 bytes from 4 (socket was closed by server)',
    thrown,
  );
  const reset = numbered(0, lostState, '(conn=%i) Connection reset', thrown);
  const closed = numbered(
    1220,
    '08000',
    '(conn=%i) (conn=%i) Connection is closed',
    'SQLNonTransientConnectionException',
  );
  const where = 'Could not connect to address=(host=%h)(port=%p)(type=master) : ';
  const eosAt = javaConnect(
    `${where}Could not connect to %h:%p : unexpected end of stream, read 0 bytes from 4 (socket was closed by server)`,
  );
  const resetAt = javaConnect(`${where}Could not connect to %h:%p : Connection reset`);
  return {
    lostFin: eos,
    lostRst: reset,
    unwritten: reset,
    down: closed,
    dead: closed,
    malformed: eos,
    connect: {
      refused: javaConnect(`${where}Socket fail to connect to host:%h, port:%p. Connection refused`),
      reset: null,
      'greeting fin': eosAt,
      'greeting rst': resetAt,
      'login fin': eosAt,
      'login rst': resetAt,
      timeout: null,
    },
    server: {
      ...PASSED_THROUGH,
      message: '(conn=%i) %m',
      messageAtLogin: `${where}(conn=%i) %m`,
      thrown: [
        ['70100', 'SQLTimeoutException'],
        ['08', 'SQLNonTransientConnectionException'],
        ['28', 'SQLInvalidAuthorizationSpecException'],
        ['42', 'SQLSyntaxErrorException'],
        ['23', 'SQLIntegrityConstraintViolationException'],
        ['40', 'SQLTransactionRollbackException'],
        ['HY', 'SQLTransientConnectionException'],
        ['', 'SQLException'],
      ],
      atGreeting: javaConnect("Could not connect to HostAddress{host='%h', port=%p, type='master'}. %m"),
    },
  };
}

function javaConnect(message: string): Wording {
  return numbered(-1, '08000', message, 'SQLNonTransientConnectionException');
}

export const CONNECTORJ_FAILURES: Failures = java('SQLNonTransientConnectionException', '08000');
export const CONNECTORJ_RECONNECTING_FAILURES: Failures = java('SQLTransientConnectionException', GENERAL);

export const CONNECTORJ_TIMED_OUT: Wording = numbered(
  1317,
  '70100',
  '(conn=%i) Query timed out',
  'SQLTimeoutException',
);

export const HIKARI_TIMEOUT: Wording = numbered(
  0,
  '08000',
  'HikariPool-1 - Connection is not available, request timed out after 30000ms.',
  'SQLTransientConnectionException',
);
