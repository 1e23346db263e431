/**
 * The words of sql_mode: which there are, how a list of them is written, and what each means to those who obey it.
 *
 * A mode whose effect is not built is refused (ERROR 1235): what SHOW VARIABLES says must be what is done. Knows no
 * session.
 */
import { refuse } from './refusal.ts';

/** What statements ask of the modes of their session. */
export interface SqlModes {
  /** STRICT_TRANS_TABLES or STRICT_ALL_TABLES: what does not fit a column is refused. */
  readonly isStrict: boolean;
  /** STRICT_ALL_TABLES: settings out of their range are refused, too. */
  readonly isStrictAll: boolean;
  readonly pipesAsConcat: boolean;
  readonly ansiQuotes: boolean;
  readonly noBackslashEscapes: boolean;
  readonly fullGroupBy: boolean;
  readonly noUnsignedSubtraction: boolean;
  readonly noZeroDate: boolean;
  readonly noZeroInDate: boolean;
  readonly noAutoValueOnZero: boolean;
  readonly errorForDivisionByZero: boolean;
}

/** In the order of their bits (MySQL 5.7, `sql_class.h`), in which lists are written. */
const WORDS: readonly string[] = (
  'REAL_AS_FLOAT PIPES_AS_CONCAT ANSI_QUOTES IGNORE_SPACE NOT_USED ONLY_FULL_GROUP_BY NO_UNSIGNED_SUBTRACTION ' +
  'NO_DIR_IN_CREATE POSTGRESQL ORACLE MSSQL DB2 MAXDB NO_KEY_OPTIONS NO_TABLE_OPTIONS NO_FIELD_OPTIONS MYSQL323 ' +
  'MYSQL40 ANSI NO_AUTO_VALUE_ON_ZERO NO_BACKSLASH_ESCAPES STRICT_TRANS_TABLES STRICT_ALL_TABLES NO_ZERO_IN_DATE ' +
  'NO_ZERO_DATE ALLOW_INVALID_DATES ERROR_FOR_DIVISION_BY_ZERO TRADITIONAL NO_AUTO_CREATE_USER HIGH_NOT_PRECEDENCE ' +
  'NO_ENGINE_SUBSTITUTION PAD_CHAR_TO_FULL_LENGTH'
).split(' ');

/** Modes that stand for several. */
const COMBINED: Readonly<Record<string, readonly string[]>> = {
  ANSI: ['REAL_AS_FLOAT', 'PIPES_AS_CONCAT', 'ANSI_QUOTES', 'IGNORE_SPACE', 'ONLY_FULL_GROUP_BY', 'ANSI'],
  TRADITIONAL: [
    'STRICT_TRANS_TABLES',
    'STRICT_ALL_TABLES',
    'NO_ZERO_IN_DATE',
    'NO_ZERO_DATE',
    'ERROR_FOR_DIVISION_BY_ZERO',
    'TRADITIONAL',
    'NO_AUTO_CREATE_USER',
    'NO_ENGINE_SUBSTITUTION',
  ],
};

/** Modes that change what statements mean in ways that are not built. */
const NOT_BUILT: ReadonlySet<string> = new Set(
  (
    'POSTGRESQL ORACLE MSSQL DB2 MAXDB NO_KEY_OPTIONS NO_TABLE_OPTIONS NO_FIELD_OPTIONS MYSQL323 MYSQL40 ' +
    'ALLOW_INVALID_DATES HIGH_NOT_PRECEDENCE PAD_CHAR_TO_FULL_LENGTH'
  ).split(' '),
);

/** The text that sql_mode has after it was set to a list of modes, or to the number of their bits. A `Refusal` if one is none. */
export function modesText(text: string): string {
  const wanted = new Set<string>();
  for (const word of /^\d+$/.test(text) ? wordsOfBits(BigInt(text)) : text.toUpperCase().split(',')) {
    const name = word.trim();
    if (name === '') continue;
    if (!WORDS.includes(name) || name === 'NOT_USED') throw refuse('WRONG_VALUE_FOR_VARIABLE', 'sql_mode', word.trim());
    if (NOT_BUILT.has(name)) throw refuse('NOT_SUPPORTED_DETAIL', `sql_mode ${name}`);
    for (const one of COMBINED[name] ?? [name]) wanted.add(one);
  }
  return WORDS.filter((it) => wanted.has(it)).join(',');
}

function wordsOfBits(bits: bigint): readonly string[] {
  if (bits >> BigInt(WORDS.length) !== 0n) throw refuse('WRONG_VALUE_FOR_VARIABLE', 'sql_mode', String(bits));
  return WORDS.filter((_, index) => ((bits >> BigInt(index)) & 1n) === 1n);
}

/** There are few different texts, and they are asked for with every statement. */
const READ = new Map<string, SqlModes>();

export function modesOf(text: string): SqlModes {
  let modes = READ.get(text);
  if (modes === undefined) {
    modes = readModes(new Set(text.split(',')));
    READ.set(text, modes);
  }
  return modes;
}

function readModes(words: ReadonlySet<string>): SqlModes {
  return {
    isStrict: words.has('STRICT_TRANS_TABLES') || words.has('STRICT_ALL_TABLES'),
    isStrictAll: words.has('STRICT_ALL_TABLES'),
    pipesAsConcat: words.has('PIPES_AS_CONCAT'),
    ansiQuotes: words.has('ANSI_QUOTES'),
    noBackslashEscapes: words.has('NO_BACKSLASH_ESCAPES'),
    fullGroupBy: words.has('ONLY_FULL_GROUP_BY'),
    noUnsignedSubtraction: words.has('NO_UNSIGNED_SUBTRACTION'),
    noZeroDate: words.has('NO_ZERO_DATE'),
    noZeroInDate: words.has('NO_ZERO_IN_DATE'),
    noAutoValueOnZero: words.has('NO_AUTO_VALUE_ON_ZERO'),
    errorForDivisionByZero: words.has('ERROR_FOR_DIVISION_BY_ZERO'),
  };
}
