/** One planted bug, as the lists of them write it. A type only. */

export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  /** The scenarios and the tests outside `test/property` and `test/hunt` pass with it. Not said: not measured. */
  readonly quiet?: boolean;
}
