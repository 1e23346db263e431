/**
 * A group of statements, run in order on a fresh session and in a fresh database of its own.
 */
export interface Group {
  readonly name: string;
  readonly statements: readonly string[];
}

/** A statement without its constants: two that have the same one are alike. */
export function withoutConstants(sql: string): string {
  return sql
    .replaceAll(/'(?:[^'\\]|\\.|'')*'/g, '?')
    .replaceAll(/\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, '?')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();
}
