/**
 * Words of a command line, with values that begin with a dash joined to their flags: `--seed=-1`, `-p-1`.
 *
 * Else Node takes three lines to say that it does not know whether that is a value, where the command knows why it cannot be
 * one. Knows of flags only which of them take a value.
 */
import type { ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Behind this word nothing is a flag. */
const NO_FLAGS = '--';

/** Throws where a flag follows in place of a value, as `parseArgs` does: with one line that says so. */
export function joinedFlags(args: readonly string[], options: Options): string[] {
  const words: string[] = [];
  for (const [index, arg] of args.entries()) {
    const flag = words.at(-1);
    if (arg === NO_FLAGS) return [...words, ...args.slice(index)];
    if (flag === undefined || !arg.startsWith('-') || !takesValue(flag, options)) words.push(arg);
    else if (arg.startsWith('--')) throw new Error(`${flag}: its value is missing; ${arg} follows`);
    else words[words.length - 1] = flag.startsWith('--') ? `${flag}=${arg}` : `${flag}${arg}`;
  }
  return words;
}

function takesValue(word: string, options: Options): boolean {
  return Object.entries(options).some(([name, { type, short }]) => {
    return type === 'string' && (word === `--${name}` || (short !== undefined && word === `-${short}`));
  });
}
