/**
 * Character sets and collations that the simulated observer knows, by name and number.
 *
 * An observer also has gbk, gb18030 and utf16. Here all texts are UTF-8: what would be misread is unknown (ERROR 1115).
 *
 * A table and its look-ups. The wire value of a character set variable is the number of its default collation
 * (observer.md §5).
 */
import { refuse } from './refusal.ts';

interface Collation {
  readonly id: number;
  readonly name: string;
  readonly charset: string;
}

const COLLATIONS: readonly Collation[] = [
  { id: 45, name: 'utf8mb4_general_ci', charset: 'utf8mb4' },
  { id: 46, name: 'utf8mb4_bin', charset: 'utf8mb4' },
  { id: 224, name: 'utf8mb4_unicode_ci', charset: 'utf8mb4' },
  { id: 255, name: 'utf8mb4_0900_ai_ci', charset: 'utf8mb4' },
  { id: 63, name: 'binary', charset: 'binary' },
];

/** Other names of utf8mb4. */
const ALIASES: Readonly<Record<string, string>> = { utf8: 'utf8mb4', utf8mb3: 'utf8mb4' };

const BY_ID = new Map(COLLATIONS.map((it) => [it.id, it]));
const BY_NAME = new Map(COLLATIONS.map((it) => [it.name, it]));
/** The first collation listed of a character set is its default. */
const DEFAULTS = new Map([...COLLATIONS].reverse().map((it) => [it.charset, it]));

/** The collation of a number; null if the observer does not know it (the 33 and 8 of many clients, clients.md §8.1). */
export function collationById(id: number): Collation | null {
  return BY_ID.get(id) ?? null;
}

/** The collation of a name (`utf8_…` is `utf8mb4_…`), or of digits; null if unknown. */
export function collationByName(name: string): Collation | null {
  const small = name.toLowerCase();
  if (/^\d+$/.test(small)) return collationById(Number(small));
  const underscore = small.indexOf('_');
  const charset = underscore < 0 ? small : small.slice(0, underscore);
  return BY_NAME.get((ALIASES[charset] ?? charset) + (underscore < 0 ? '' : small.slice(underscore))) ?? null;
}

/** The default collation of the character set of this name, or of the number of one of its collations; null if unknown. */
export function defaultCollation(charset: string): Collation | null {
  const small = charset.toLowerCase();
  if (/^\d+$/.test(small)) {
    const found = collationById(Number(small));
    return found === null ? null : (DEFAULTS.get(found.charset) ?? null);
  }
  return DEFAULTS.get(ALIASES[small] ?? small) ?? null;
}

/** What a table or a column is kept in if nothing else is said. */
export const STANDARD_COLLATION = 'utf8mb4_general_ci';

/**
 * The collation that CHARACTER SET and COLLATE of a column or a table say together. A `Refusal` if there is none of the
 * name, or if they do not fit.
 */
export function collationOf(charset: string | null, collation: string | null): string {
  const standard = charset === null ? null : defaultCollation(charset);
  if (charset !== null && standard === null) throw refuse('UNKNOWN_CHARSET', charset);
  const said = collation === null ? standard : collationByName(collation);
  if (said === null) throw refuse('UNKNOWN_COLLATION', collation ?? '');
  if (standard !== null && said.charset !== standard.charset) {
    throw refuse('COLLATION_MISMATCH', said.name, standard.charset);
  }
  return said.name;
}

const DESCRIPTIONS: Readonly<Record<string, readonly [description: string, bytes: bigint]>> = {
  utf8mb4: ['UTF-8 Unicode', 4n],
  binary: ['Binary pseudo charset', 1n],
};

/** As SHOW CHARACTER SET lists them. */
export function charsetList(): (readonly [name: string, description: string, collation: string, bytes: bigint])[] {
  return Object.entries(DESCRIPTIONS).map(([name, [description, bytes]]) => {
    return [name, description, DEFAULTS.get(name)!.name, bytes] as const;
  });
}

/** As SHOW COLLATION lists them. */
export function collationList(): [string, string, bigint, string, string, bigint][] {
  return COLLATIONS.map((it) => {
    const isDefault = DEFAULTS.get(it.charset) === it;
    return [it.name, it.charset, BigInt(it.id), isDefault ? 'Yes' : '', 'Yes', 1n];
  });
}
