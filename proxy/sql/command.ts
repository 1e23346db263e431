/**
 * ODP's own commands, parsed (odp-sessions.md §1.1, §1.2 and §9): SHOW PROXYSESSION …, SHOW PROCESSLIST, KILL …, PING PROXY.
 *
 * Says what was typed, not who may type it. What starts like one of them but does not parse is `bad`: the answer is 5010,
 * nothing is forwarded. A multi-statement is none of them, whatever it holds.
 */
import { Scanner, type Token } from './tokens.ts';

export type SessionDetail = 'ATTRIBUTE' | 'STAT' | 'VARIABLES' | 'VARIABLES ALL';

export type InternalCommand =
  | { readonly kind: 'show processlist' }
  | { readonly kind: 'show proxysession' }
  /** `id` null: the caller's own session; `like` null: all rows. */
  | {
      readonly kind: 'show detail';
      readonly detail: SessionDetail;
      readonly id: bigint | null;
      readonly like: string | null;
    }
  | { readonly kind: 'kill session'; readonly id: bigint }
  | { readonly kind: 'kill query'; readonly id: bigint }
  | { readonly kind: 'kill proxysession'; readonly id: bigint; readonly ssId: bigint | null }
  /** Answered OK, whoever asks. */
  | { readonly kind: 'ping proxy' }
  /** Answered OK, whoever asks, and not run: BINLOG 'x'. */
  | { readonly kind: 'accepted' }
  /** Answered without a row, whoever asks. */
  | { readonly kind: 'show nothing'; readonly what: 'slave hosts' | 'relaylog events' }
  /** Part of ODP's grammar that this proxy does not have: SHOW PROXYSESSION READ_STALE. */
  | { readonly kind: 'unbuilt'; readonly what: string }
  | { readonly kind: 'bad'; readonly family: 'kill' | 'show' }
  /** A text argument of 512 bytes or more: 8007. */
  | { readonly kind: 'too long' };

/** A LIKE operand of this many bytes is refused (odp-sessions.md §1.2); only the first `LIKE_USED` of a shorter one count. */
const LIKE_LIMIT = 512;
const LIKE_USED = 128;

const BAD_KILL: InternalCommand = { kind: 'bad', family: 'kill' };
const BAD_SHOW: InternalCommand = { kind: 'bad', family: 'show' };

const PING_PROXY: InternalCommand = { kind: 'ping proxy' };
const ACCEPTED: InternalCommand = { kind: 'accepted' };
const SLAVE_HOSTS: InternalCommand = { kind: 'show nothing', what: 'slave hosts' };
const RELAYLOG_EVENTS: InternalCommand = { kind: 'show nothing', what: 'relaylog events' };

const END: Token = { kind: 'end' };

/** The command in `text` (latin1), or null if it is none of ours and goes to an observer. */
export function parseInternal(text: string): InternalCommand | null {
  const scanner = new Scanner(text);
  if (!scanner.toWord()) return null;
  const command = parseWord(scanner);
  return command === null || isMultiStatement(text) ? null : command;
}

function parseWord(scanner: Scanner): InternalCommand | null {
  const start = scanner.at;
  if (scanner.eat('EXPLAIN') || scanner.eat('DESC') || scanner.eat('DESCRIBE')) return explained(scanner);
  // Two words and nothing but blanks between them are one token; a comment splits it.
  if (scanner.eat('KILL')) {
    const behind = scanner.at;
    if (scanner.skipBlanks() && scanner.eatPrefix('PROXYSESSION')) return killProxySession(scanner);
    // The command of a pool that this proxy does not have: it goes on, and the observer rejects it (odp-sessions.md §1.3).
    if (scanner.eat('GLOBALSESSION')) return null;
    scanner.back(behind);
    return kill(scanner);
  }
  scanner.back(start);
  if (scanner.eat('PING')) return scanner.skipBlanks() && scanner.eat('PROXY') && isEnd(scanner) ? PING_PROXY : null;
  if (scanner.eat('BINLOG')) return next(scanner).kind === 'string' && isEnd(scanner) ? ACCEPTED : null;
  if (!scanner.eat('SHOW') || !scanner.skipBlanks()) return null;
  if (scanner.eat('SLAVE')) return isWord(next(scanner), 'HOSTS') ? SLAVE_HOSTS : null;
  if (scanner.eat('RELAYLOG')) return isWord(next(scanner), 'EVENTS') ? RELAYLOG_EVENTS : null;
  if (scanner.eat('PROCESSLIST')) return next(scanner).kind === 'end' ? { kind: 'show processlist' } : BAD_SHOW;
  return scanner.eatPrefix('PROXYSESSION') ? showProxySession(scanner) : null;
}

/** EXPLAIN KILL is an error; EXPLAIN ROUTE is passed over, and the KILL behind it is a KILL (odp-sessions.md §1.2). */
function explained(scanner: Scanner): InternalCommand | null {
  scanner.skipSpace();
  const route = scanner.eat('ROUTE');
  scanner.skipSpace();
  const at = scanner.at;
  if (!scanner.eat('KILL')) return null;
  scanner.back(at);
  return route ? parseWord(scanner) : BAD_KILL;
}

/** The next token; a `;` is the end, for it has been made sure that nothing follows it. */
function next(scanner: Scanner): Token {
  const token = scanner.next();
  return token.kind === 'semicolon' ? END : token;
}

function isEnd(scanner: Scanner): boolean {
  return next(scanner).kind === 'end';
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toUpperCase() === word;
}

function kill(scanner: Scanner): InternalCommand {
  let token = next(scanner);
  const query = isWord(token, 'QUERY');
  if (query || isWord(token, 'CONNECTION')) token = next(scanner);
  if (token.kind !== 'integer' || next(scanner).kind !== 'end') return BAD_KILL;
  return { kind: query ? 'kill query' : 'kill session', id: token.value };
}

function killProxySession(scanner: Scanner): InternalCommand {
  const id = next(scanner);
  if (id.kind !== 'integer') return BAD_KILL;
  const ss = next(scanner);
  if (ss.kind === 'end') return { kind: 'kill proxysession', id: id.value, ssId: null };
  if (ss.kind !== 'integer' || next(scanner).kind !== 'end') return BAD_KILL;
  return { kind: 'kill proxysession', id: id.value, ssId: ss.value };
}

const DETAILS: readonly SessionDetail[] = ['ATTRIBUTE', 'STAT', 'VARIABLES'];

function showProxySession(scanner: Scanner): InternalCommand {
  let token = next(scanner);
  if (token.kind === 'end') return { kind: 'show proxysession' };
  const first = token;
  const stale = isWord(first, 'READ_STALE');
  let detail = DETAILS.find((name) => isWord(first, name));
  if (detail === undefined && !stale) return BAD_SHOW;
  token = next(scanner);
  if (detail === 'VARIABLES' && isWord(token, 'ALL')) {
    detail = 'VARIABLES ALL';
    token = next(scanner);
  }
  let id: bigint | null = null;
  if (token.kind === 'integer' && !stale) {
    id = token.value;
    token = next(scanner);
  }
  let like: string | null = null;
  if (isWord(token, 'LIKE')) {
    const operand = next(scanner);
    if (operand.kind !== 'string' && operand.kind !== 'word') return BAD_SHOW;
    if (operand.text.length >= LIKE_LIMIT) return { kind: 'too long' };
    like = Buffer.from(operand.text.slice(0, LIKE_USED), 'latin1').toString('utf8');
    token = next(scanner);
  }
  if (token.kind !== 'end') return BAD_SHOW;
  return detail === undefined
    ? { kind: 'unbuilt', what: 'SHOW PROXYSESSION READ_STALE' }
    : { kind: 'show detail', detail, id, like };
}

/** A `;` that is not the last thing but comments: a leading one, a second one, one with a statement behind it. */
export function isMultiStatement(text: string): boolean {
  const scanner = new Scanner(text);
  let empty = true;
  for (;;) {
    const token = scanner.next();
    if (token.kind === 'end') return false;
    if (token.kind === 'semicolon') return empty || scanner.next().kind !== 'end';
    empty = false;
  }
}
