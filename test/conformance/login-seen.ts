/**
 * What the caller of a client sees of a login that fails, in the words of `sheet-logins.ts`: `number code SQLSTATE message`
 * without what the client leaves out.
 *
 * It must never know why a login fails.
 */
import {
  type HandshakeCells,
  handshakeRows,
  type Place,
  type Refusal,
  type RefusedCells,
  refusedRows,
} from '../client/sheet-logins.ts';
import type { ProgramError } from './client-program.ts';
import type { DriverClient, Login } from './driver-clients.ts';
import { type MatrixName, openMatrixClient } from './matrix-clients.ts';
import { LoginRefused, type Programs } from './program-clients.ts';

/** Pools log in when they are asked for something. */
export async function seenAtLogin(name: MatrixName, login: Login, programs: Programs): Promise<string> {
  let client: DriverClient | null = null;
  try {
    client = await openMatrixClient(name, login, programs);
    const answer = await client.query('DO 1');
    return answer.kind === 'error' ? textOf(name, answer.error) : 'no error';
  } catch (error) {
    return textOf(name, error instanceof LoginRefused ? error.answer.error : error);
  } finally {
    await client?.close();
  }
}

/** H of one client, as it shows it. */
export function handshakeOf(name: MatrixName, place: Place): HandshakeCells {
  const [noGreeting, greetingReset, loginEnded, loginReset] = rowOf(handshakeRows(place), name);
  return [shown(name, noGreeting), shown(name, greetingReset), shown(name, loginEnded), shown(name, loginReset)];
}

/** J of one client, as it shows it. */
export function refusedOf(name: MatrixName, place: Place, refusal: Refusal): RefusedCells {
  const [without, withIt, behindLogin] = rowOf(refusedRows(place, refusal), name).map((it) => shown(name, [it])[0]!);
  return [without!, withIt!, behindLogin!];
}

function rowOf<Cells>(rows: readonly (readonly [names: readonly string[], cells: Cells])[], name: MatrixName): Cells {
  // The two of PHP are one row of the sheet, only the text is PDO's own; --skip-reconnect is for later.
  const named = name === 'PDO' ? 'mysqli' : name.replace(' -skip', '');
  const found = rows.find(([names]) => names.includes(named));
  if (found === undefined) throw new Error(`the sheet says nothing of logins of ${name}`);
  return found[1];
}

/** What a real client does not show, or in words of its own. */
function shown(name: MatrixName, texts: readonly string[]): string[] {
  return texts.map((text) => {
    if (name === 'PyMySQL') return text.replace(/^(\d+) \w{5} /, '$1 ');
    if (name === 'PDO') return text.replace(/^(\d+) (\w{5}) (.*)/, '$1 $2 SQLSTATE[$2] [$1] $3');
    return text.replace(/system error: 115$/, 'system error: 11');
  });
}

/** On one line, as the sheet has it; 11 or 115 is what the connect has left in the system's error number, and says nothing. */
function textOf(name: MatrixName, error: unknown): string {
  const { errno, code, sqlState, message } = error as Partial<ProgramError>;
  const told = name === 'PDO' ? [errno, sqlState, message] : [errno, code, sqlState, message];
  return told
    .filter((it) => it !== undefined && it !== null && it !== '')
    .join(' ')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/system error: 115$/, 'system error: 11');
}
