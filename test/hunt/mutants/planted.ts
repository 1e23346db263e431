/**
 * Planted bugs: each is one exact text of the source, replaced in a temporary copy. Nothing of it is in a normal run.
 *
 * `quiet`: the scenarios and the tests outside `test/property` and `test/hunt` pass with it.
 */
export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly instead: string;
  readonly quiet?: boolean;
}

export const PLANTED: readonly Planted[] = [
  {
    name: 'user variables are not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'versions.user < mine.user ||',
    instead: 'false ||',
  },
  {
    name: 'a mark is executed two ticks late',
    file: 'proxy/session/sweep.ts',
    text: 'this.#arm(this.tickIn(0));\n  }\n\n  /** It is gone',
    instead: 'this.#arm(this.tickIn(0) + 2);\n  }\n\n  /** It is gone',
  },
  {
    name: 'the database is not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'return versions.database < this.versions.database ? this.database : null;',
    instead: 'return null;',
  },
];
