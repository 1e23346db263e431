/**
 * Statements that were read before: a text that comes again is not read again.
 *
 * The runs of a hunt say the same few thousand texts over and over. What was read is never changed by who executes it,
 * as a prepared statement's is not. Knows no session: how a text is spelt comes with it.
 */
import type { SqlModes } from '../sql-modes.ts';
import { type Parsed, parseStatement } from './statements.ts';
import type { Statement } from './syntax.ts';

/** Longer texts have data in them, and do not come again. */
const MOST_CHARACTERS = 256;
const MOST_STATEMENTS = 8192;
const MOST_MODES = 16;

/** Definitions are not kept: tables are made of them. */
const KEPT: ReadonlySet<Statement['kind']> = new Set([
  'select',
  'union',
  'insert',
  'update',
  'delete',
  'set',
  'begin',
  'commit',
  'rollback',
  'prepare',
  'execute',
]);

const known = new Map<SqlModes, Map<string, Parsed>>();

/** As `parseStatement`. The same text in the same modes may give the same object. */
export function readStatement(text: string, at: number, modes: SqlModes): Parsed {
  if (at > 0 || text.length > MOST_CHARACTERS) return parseStatement(text, at, false, modes);
  let statements = known.get(modes);
  if (statements === undefined) {
    statements = new Map();
    if (known.size >= MOST_MODES) known.clear();
    known.set(modes, statements);
  }
  const before = statements.get(text);
  if (before !== undefined) return before;
  const parsed = parseStatement(text, 0, false, modes);
  if (parsed.statement === null || !KEPT.has(parsed.statement.kind)) return parsed;
  if (statements.size >= MOST_STATEMENTS) statements.clear();
  statements.set(text, parsed);
  return parsed;
}
