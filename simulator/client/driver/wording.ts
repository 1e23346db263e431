/**
 * From what happened to what the caller is told: fills a dialect's wordings in, and shows the server's errors its way.
 *
 * Pure functions over data. Knows nothing of connections.
 */
import type { Result } from '../answer.ts';
import type { DriverError, Failures, Outcome, Wording } from './dialect.ts';
import { errorName } from './error-names.ts';

/** An ERR as it came; `sqlState` is null where none was sent. */
export interface RawError {
  readonly errno: number;
  readonly sqlState: string | null;
  readonly message: string;
}

export type ErrorPlace = 'greeting' | 'login' | 'answer';

/** What may stand behind a `%`. */
export interface Filling {
  readonly threadId: number;
  readonly host: string;
  readonly port: number;
  readonly milliseconds: number;
}

export function fill(wording: Wording, filling: Filling, raw: RawError | null = null): DriverError {
  if (!wording.message.includes('%')) return wording;
  return { ...wording, message: fillText(wording.message, filling, raw) };
}

const GENERAL = 'HY000';

function fillText(text: string, filling: Filling, raw: RawError | null): string {
  let whole = '';
  let from = 0;
  for (;;) {
    const at = text.indexOf('%', from);
    if (at < 0) return whole + text.slice(from);
    whole += text.slice(from, at) + replacement(text[at + 1] ?? '', filling, raw);
    from = at + 2;
  }
}

function replacement(letter: string, filling: Filling, raw: RawError | null): string {
  switch (letter) {
    case 'i':
      return String(filling.threadId);
    case 'h':
      return filling.host;
    case 'p':
      return String(filling.port);
    case 't':
      return String(filling.milliseconds);
    case 'n':
      return String(raw?.errno ?? 0);
    case 'm':
      return raw?.message ?? '';
    case 's':
      return raw?.sqlState ?? GENERAL;
    case 'c':
      return errorName(raw?.errno ?? 0, 'UNKNOWN_CODE_PLEASE_REPORT');
    default:
      return `%${letter}`;
  }
}

/** An ERR of the server as this driver shows it. */
export function serverError(failures: Failures, raw: RawError, place: ErrorPlace, filling: Filling): DriverError {
  const form = failures.server;
  if (place === 'greeting' && form.atGreeting !== null) return fill(form.atGreeting, filling, raw);
  if (place !== 'greeting' && form.mistrusted.some(([from, to]) => raw.errno >= from && raw.errno <= to)) {
    return fill(failures.malformed, filling);
  }
  const shown = raw.sqlState === null ? { ...raw, message: raw.message.slice(form.skipsWithout) } : raw;
  const sent = raw.sqlState ?? (place === 'greeting' ? form.stateWithout : GENERAL);
  const sqlState = place === 'login' && form.stateAtLogin !== null ? form.stateAtLogin : sent;
  return {
    thrown: form.thrown.find(([state]) => sqlState.startsWith(state))?.[1] ?? '',
    code: form.code === 'names' ? errorName(raw.errno, form.unknownCode) : '',
    errno: raw.errno,
    sqlState,
    message: fillText(place === 'login' ? form.messageAtLogin : form.message, filling, shown),
    fatal: form.fatalStates.includes(sqlState.slice(0, 2)),
  };
}

/** What a whole answer is to the caller: its first error, or else its last result. */
export function outcomeOf(results: readonly Result[], failures: Failures, filling: Filling): Outcome {
  const last = results.at(-1);
  switch (last?.kind) {
    case 'error': {
      const { code, sqlState, message } = last.error;
      return failed(serverError(failures, { errno: code, sqlState, message }, 'answer', filling));
    }
    case 'rows':
      return { kind: 'rows', columns: last.columns.map((it) => it.name), rows: last.rows };
    case 'ok':
      return { kind: 'ok', affectedRows: last.ok.affectedRows, lastInsertId: last.ok.lastInsertId };
    case 'prepared':
      return { kind: 'prepared', id: last.id, parameters: last.parameters };
    case 'text':
      return { kind: 'rows', columns: ['statistics'], rows: [[last.text]] };
    default:
      return { kind: 'ok', affectedRows: 0, lastInsertId: 0 };
  }
}

export function failed(error: DriverError): Outcome {
  return { kind: 'error', error };
}

/** Whether the caller can tell from an error that the session is gone. */
export function meansLost(failures: Failures, error: DriverError): boolean {
  const { lostFin, lostRst, unwritten, down, dead } = failures;
  return [lostFin, lostRst, unwritten, down, dead].some((it) => sameKind(it, error));
}

function sameKind(one: Wording, other: DriverError): boolean {
  return one.errno === other.errno && one.code === other.code && one.thrown === other.thrown;
}
