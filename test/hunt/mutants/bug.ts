/**
 * What a planted bug is: one exact text of the source, replaced in a temporary copy. Nothing of it is in a normal run.
 */
export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  /** The scenarios and the tests outside `test/property` and `test/hunt` pass with it. Not said: not measured. */
  readonly quiet?: boolean;
}
