/**
 * What a planted bug is: one exact text of the source, replaced in a temporary copy. Nothing of it is in a normal run.
 */
export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  /** True: all scenarios and the tests of its room have been seen to pass with it. Else that was not shown. */
  readonly quiet?: boolean;
}
