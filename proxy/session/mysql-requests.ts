/**
 * Which requests of a client before a MySQL server the proxy answers itself: SHOW PROXYSESSION … and KILL PROXYSESSION …,
 * nothing else (decisions.md 18). KILL, SHOW PROCESSLIST and whatever is not understood are the server's.
 */
import { type InternalCommand, parseInternal } from '../sql/command.ts';
import { CAP, COM } from '../wire/constants.ts';
import type { Request } from '../wire/request.ts';

/** Neither statement can do without this word, and hardly any other has it. */
const OWN_WORD = /proxysession/i;
const OWN: ReadonlySet<InternalCommand['kind']> = new Set([
  'show proxysession',
  'show detail',
  'kill proxysession',
  'unbuilt',
  'bad',
  'too long',
]);
/** QUERY_ATTRIBUTES: no attributes in one set of them, then the statement. */
const NO_ATTRIBUTES = Buffer.of(0, 1);

/** `capabilities`: what was agreed. Null: it goes to the server. */
export function ownCommand({ payload, whole }: Request, capabilities: number): InternalCommand | null {
  if (!whole || payload[0] !== COM.QUERY) return null;
  let from = 1;
  if ((capabilities & CAP.QUERY_ATTRIBUTES) !== 0) {
    // A statement with attributes is an application's.
    if (!payload.subarray(1, 3).equals(NO_ATTRIBUTES)) return null;
    from = 3;
  }
  if (!mayBeOwn(payload[from]!, payload[from + 1]!)) return null;
  const text = payload.toString('latin1', from);
  if (!OWN_WORD.test(text)) return null;
  const command = parseInternal(text);
  return command !== null && OWN.has(command.kind) ? command : null;
}

/** By its first two bytes: SHOW, KILL, EXPLAIN, DESCRIBE, or what does not start with a letter. */
function mayBeOwn(first: number, second: number): boolean {
  const letter = first | 0x20;
  if (letter < 0x61 || letter > 0x7a) return true;
  const next = second | 0x20;
  switch (letter) {
    case 0x73:
      return next === 0x68;
    case 0x6b:
      return next === 0x69;
    case 0x65:
      return next === 0x78;
    case 0x64:
      return next === 0x65;
    default:
      return false;
  }
}

/** The database that `USE name` chooses, or null if the statement is none: what the server makes of it is in its answer. */
export function usedDatabase({ payload, whole }: Request): string | null {
  if (!whole) return null;
  if (payload[0] === COM.INIT_DB) return payload.toString('latin1', 1);
  if (payload[0] !== COM.QUERY || payload.length > USE_LIMIT || (payload[1]! | 0x20) !== LETTER_U) return null;
  const found = USE.exec(payload.toString('latin1', 1));
  return found === null ? null : (found[1]?.replaceAll('``', '`') ?? found[2]!);
}

/** A name has at most 64 characters of at most four bytes. */
const USE_LIMIT = 600;
const LETTER_U = 0x75;
const USE = /^use\s*(?:`((?:[^`]|``)+)`|\s([^\s;`]+))\s*;?\s*$/i;
