/**
 * A sheet of a specification: its sections, and their rows in their order. A pair says why a row has no scenario.
 */
/** A document, and the rows of its sections. */
export interface Sheet {
  readonly name: string;
  readonly tables: Readonly<Record<string, readonly (string | readonly [what: string, out: string])[]>>;
}
