/**
 * Prepared statements in the text protocol: PREPARE name FROM …, EXECUTE name …, DEALLOCATE PREPARE name.
 *
 * Only whose they are is read; what they run is the observer's business. Inside a multi-statement they are not seen, as ODP
 * does not see them.
 */
import { isMultiStatement } from './command.ts';
import { Scanner } from './tokens.ts';

/** Names are the same in any case of letters. */
export type TextPrepared =
  /** `text` is what stands between the quotes, null if it is not there whole; `variable` names the one that has it. */
  | {
      readonly kind: 'text prepare';
      readonly name: string;
      readonly text: string | null;
      readonly variable: string | null;
    }
  | { readonly kind: 'text execute'; readonly name: string }
  | { readonly kind: 'deallocate'; readonly name: string };

/** What `text` (latin1, or the beginning of it) does with a prepared statement; null: nothing. */
export function parseTextPrepared(text: string): TextPrepared | null {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const found = parse(scanner);
  return found === null || isMultiStatement(text) ? null : found;
}

function parse(scanner: Scanner): TextPrepared | null {
  if (scanner.eat('PREPARE')) return prepare(scanner);
  if (scanner.eat('EXECUTE')) {
    const name = nameIn(scanner);
    return name === null ? null : { kind: 'text execute', name };
  }
  if (!scanner.eat('DEALLOCATE') && !scanner.eat('DROP')) return null;
  scanner.skipSpace();
  if (!scanner.eat('PREPARE')) return null;
  const name = nameIn(scanner);
  return name === null ? null : { kind: 'deallocate', name };
}

function prepare(scanner: Scanner): TextPrepared | null {
  const name = nameIn(scanner);
  scanner.skipSpace();
  if (name === null || !scanner.eat('FROM')) return null;
  const token = scanner.next();
  const text = token.kind === 'string' ? token.text : null;
  const variable = token.kind === 'odd' && token.text.startsWith('@') ? token.text.slice(1) : null;
  return { kind: 'text prepare', name, text, variable };
}

function nameIn(scanner: Scanner): string | null {
  const token = scanner.next();
  if (token.kind !== 'word' && token.kind !== 'string') return null;
  // Bytes above ASCII are left alone: they are parts of characters.
  return token.text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
