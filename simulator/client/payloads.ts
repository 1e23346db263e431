/**
 * The packet that a command of a client becomes; what of it depends on the connection is filled in when it is sent.
 */
import { COM, TYPE } from '../../proxy/wire/constants.ts';
import { executePayload } from '../../proxy/wire/prepared.ts';
import type { ClientCommand } from './input.ts';
import { commandPayload, type Line } from './line.ts';

/** A statement that was prepared in the binary protocol, on this connection and no other. */
export interface PreparedStatement {
  readonly line: Line;
  readonly id: number;
  /** Of the parameters, as the last EXECUTE had them; null before the first. */
  types: readonly number[] | null;
}

/** No cursor is asked for. */
const NO_CURSOR = 0;

/** The packet of a command on a connection; null for one that has none. `prepared`: what EXECUTE and CLOSE are about. */
export function payloadOf(command: ClientCommand, line: Line, prepared: PreparedStatement | null): Buffer | null {
  switch (command.kind) {
    case 'statement':
      return commandPayload(COM.QUERY, command.sql);
    case 'use':
      return commandPayload(COM.INIT_DB, command.database);
    case 'ping':
      return Buffer.of(COM.PING);
    case 'raw':
      return command.payload;
    case 'prepare':
      return commandPayload(COM.STMT_PREPARE, command.sql);
    case 'execute':
      return executeWith(prepared!, command.values);
    case 'close statement': {
      const payload = Buffer.alloc(5, COM.STMT_CLOSE);
      payload.writeUInt32LE(prepared!.id, 1);
      return payload;
    }
    case 'change user':
      return line.changeUser(command.user, command.database);
    case 'reset connection':
      return Buffer.of(COM.RESET_CONNECTION);
    default:
      return null;
  }
}

/**
 * A whole number goes as one, NULL as none, the rest as text; quotes around a text are taken off. Types are said when they
 * are others than those of the last time, as the C libraries do it.
 */
function executeWith(prepared: PreparedStatement, texts: readonly string[]): Buffer {
  const types: number[] = [];
  const values: (string | null)[] = [];
  for (const text of texts) {
    const whole = /^[+-]?\d{1,19}$/.test(text);
    const none = text.toUpperCase() === 'NULL';
    types.push(none ? TYPE.NULL : whole ? TYPE.LONGLONG : TYPE.VAR_STRING);
    values.push(none ? null : whole ? text : (/^'(.*)'$/s.exec(text)?.[1]?.replaceAll("''", "'") ?? text));
  }
  const known = prepared.types;
  const says = known === null || known.length !== types.length || types.some((it, i) => it !== known[i]);
  prepared.types = types;
  return Buffer.from(executePayload(prepared.id, NO_CURSOR, types, values, says && types.length > 0));
}
