/**
 * What a planted bug is: one exact text of the source, replaced in a temporary copy. Nothing of it is in a normal run.
 */
export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  /**
   * Nothing but a hunt notices it: all scenarios and the tests outside `test/property` and `test/hunt` have been seen to pass with
   * it (`quiet.ts`), alone or with others in the same copy. Left out: noticed, or not shown.
   */
  readonly quiet?: 'alone' | 'in company';
}
