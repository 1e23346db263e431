/**
 * What is typed at a client's prompt: where a statement ends, and which words are commands of the client itself.
 *
 * For the keyboard (`odplab sql`) and for scenario pages alike. Knows nothing of SQL but quotes and comments.
 */

/** One thing a client can be told to do. Strings may still hold the names of a scenario page. */
export type ClientCommand =
  | { readonly kind: 'statement'; readonly sql: string; readonly form: 'table' | 'vertical' }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'quit' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'ping' }
  /** Print the status flags of the last answer; nothing is sent. */
  | { readonly kind: 'flags' }
  /** COM_STMT_PREPARE; the client keeps what was prepared last on this connection. */
  | { readonly kind: 'prepare'; readonly sql: string }
  /** COM_STMT_EXECUTE of that, with these values; COM_STMT_CLOSE. */
  | { readonly kind: 'execute'; readonly values: readonly string[] }
  | { readonly kind: 'close statement' }
  /** COM_CHANGE_USER, with an empty password. */
  | { readonly kind: 'change user'; readonly user: string; readonly database: string | null }
  | { readonly kind: 'reset connection' }
  | { readonly kind: 'raw'; readonly payload: Buffer };

/** The prompts of a statement's later lines, by what is open: nothing, a quote, a comment. */
export type ContinuationPrompt = '->' | "'>" | '">' | '`>' | '/*>';

export type Input =
  | { readonly kind: 'command'; readonly command: ClientCommand }
  /** Only blanks: a prompt at which nothing was typed. */
  | { readonly kind: 'nothing' }
  /** More lines must come. */
  | { readonly kind: 'unfinished'; readonly prompt: ContinuationPrompt }
  /** A word with a backslash that is no command of ours, or one with wrong arguments. */
  | { readonly kind: 'mistake'; readonly what: string };

/** The words with a backslash, for messages. */
const BACKSLASH_WORDS =
  '\\ping, \\flags, \\prepare, \\execute, \\close_statement, \\change_user, \\reset_connection, \\raw';

/** Reads what has been typed so far: one line, or several joined by newlines. */
export function readInput(text: string): Input {
  const words = text.trim();
  if (words === '') return { kind: 'nothing' };
  return clientCommand(words) ?? statement(text);
}

function clientCommand(words: string): Input | null {
  if (words === '^C') return command({ kind: 'interrupt' });
  if (words.startsWith('\\')) return backslashCommand(words.replace(/;$/, '').trim());
  if (words.includes('\n')) return null;
  const match = /^(use|quit|exit|connect)(?:\s+([^;]*?))?\s*;?$/i.exec(words);
  if (match === null) return null;
  const word = match[1]!.toLowerCase();
  const argument = match[2] ?? '';
  if (word === 'use') {
    if (argument === '') return { kind: 'mistake', what: '`use` needs the name of a database' };
    return command({ kind: 'use', database: unquote(argument) });
  }
  // `connect somewhere` and the like are not ours; nor are they SQL.
  if (argument !== '') return { kind: 'mistake', what: `\`${word}\` takes no argument here` };
  return command({ kind: word === 'connect' ? 'connect' : 'quit' });
}

function backslashCommand(words: string): Input {
  const [word, ...rest] = words.split(/\s+/);
  if (word === '\\ping' && rest.length === 0) return command({ kind: 'ping' });
  if (word === '\\flags' && rest.length === 0) return command({ kind: 'flags' });
  if (word === '\\close_statement' && rest.length === 0) return command({ kind: 'close statement' });
  if (word === '\\reset_connection' && rest.length === 0) return command({ kind: 'reset connection' });
  const behind = words.slice(word!.length).trim();
  if (word === '\\prepare') {
    if (behind !== '') return command({ kind: 'prepare', sql: behind });
    return { kind: 'mistake', what: '`\\prepare` needs a statement' };
  }
  if (word === '\\execute') return command({ kind: 'execute', values: valuesIn(behind) });
  if (word === '\\change_user') {
    const [user, database, ...more] = rest;
    if (user !== undefined && more.length === 0)
      return command({ kind: 'change user', user, database: database ?? null });
    return { kind: 'mistake', what: '`\\change_user` needs a name, and takes a database behind it' };
  }
  if (word === '\\raw') {
    const hex = rest.join('');
    if (/^([0-9a-f]{2})+$/i.test(hex)) return command({ kind: 'raw', payload: Buffer.from(hex, 'hex') });
    return { kind: 'mistake', what: '`\\raw` needs the bytes of one payload in hex, two digits each' };
  }
  return { kind: 'mistake', what: `\`${word}\` is no command of the client; there are ${BACKSLASH_WORDS}` };
}

/** What stands between commas, but for those in quotes. */
function valuesIn(text: string): readonly string[] {
  if (text === '') return [];
  return (text.match(/(?:'(?:[^']|'')*'|[^,'])+|(?<=,|^)(?=,|$)/g) ?? []).map((it) => it.trim());
}

function command(it: ClientCommand): Input {
  return { kind: 'command', command: it };
}

function unquote(name: string): string {
  return /^`.*`$/.test(name) ? name.slice(1, -1).replaceAll('``', '`') : name;
}

/**
 * A statement ends at a `;`, `\g` or `\G` that stands outside quotes and comments and is the last thing but comments.
 * That delimiter is cut; nothing else is touched.
 */
function statement(text: string): Input {
  let delimiter = -1;
  let size = 0;
  let at = 0;
  while (at < text.length) {
    const here = text[at]!;
    if (here === "'" || here === '"' || here === '`') {
      const end = quoteEnd(text, at, here);
      if (end < 0) return { kind: 'unfinished', prompt: `${here}>` };
      at = end;
      delimiter = -1;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return { kind: 'unfinished', prompt: '/*>' };
      at = end + 2;
    } else if (here === '#' || /^--(?:\s|$)/.test(text.slice(at, at + 3))) {
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end + 1;
    } else if (here === ';' || text.startsWith('\\g', at) || text.startsWith('\\G', at)) {
      size = here === ';' ? 1 : 2;
      delimiter = at;
      at += size;
    } else {
      if (!/\s/.test(here)) delimiter = -1;
      at += 1;
    }
  }
  if (delimiter < 0) return { kind: 'unfinished', prompt: '->' };
  const form = text[delimiter + 1] === 'G' && size === 2 ? 'vertical' : 'table';
  return command({ kind: 'statement', sql: text.slice(0, delimiter) + text.slice(delimiter + size), form });
}

/** The index behind the quote that closes the one at `start`; −1 if there is none. */
function quoteEnd(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === quote) return at + 1;
    if (text[at] === '\\' && quote !== '`') at += 1;
  }
  return -1;
}
