/**
 * A run as a short string: `h1/HEAD/STEPS/WORLD`, the plan's numbers and the world's decisions that were not 0.
 *
 * `h1/2.3.5/1.0.2,22/d4.3,s0.17`: numbers parted by dots, steps and decisions by commas. A decision is the letter of its
 * site, which of that site's decisions it was, and what was decided; a site without a letter is written `(name)`. Trailing
 * zeros of a step are left out. The format's number goes up whenever the same string would mean another run
 * (`test/hunt/replay-string.test.ts` holds the vocabulary to it).
 */
import type { Choice } from '../world/choices.ts';
import type { Plan } from './plan.ts';

export const FORMAT = 'h1';

const LETTERS: readonly (readonly [letter: string, site: string])[] = [
  ['d', 'net.delay'],
  ['m', 'net.merge'],
  ['n', 'net.next'],
  ['r', 'net.rst'],
  ['s', 'net.split'],
  ['l', 'route.login'],
  ['k', 'locks.next'],
];

export interface Recorded {
  readonly plan: Plan;
  readonly world: readonly Choice[];
}

export function printReplay({ plan, world }: Recorded): string {
  const steps = plan.steps.map(numbers).join(',');
  return [FORMAT, numbers(plan.head), steps, world.map(printed).join(',')].join('/');
}

function numbers(list: readonly number[]): string {
  let length = list.length;
  while (length > 1 && list[length - 1] === 0) length -= 1;
  return list.slice(0, length).join('.');
}

function printed({ site, index, value }: Choice): string {
  const letter = LETTERS.find(([, name]) => name === site)?.[0] ?? `(${site})`;
  return `${letter}${index}.${value}`;
}

/** A string that is none, with what is wrong. */
export class NoReplay extends Error {
  override name = 'NoReplay';
}

const NUMBERS = /^\d{1,9}(?:\.\d{1,9})*$/;
const DECISION = /^(?:([a-z])|\(([\w.]+)\))(\d{1,15})\.(\d{1,10})$/;

/** Reads what `printReplay` wrote. Throws `NoReplay`. */
export function parseReplay(text: string): Recorded {
  const [format = '', head = '', steps = '', world = '', ...rest] = text.trim().split('/');
  if (!/^h\d+$/.test(format) || rest.length > 0) {
    throw new NoReplay(
      `a replay string is ${FORMAT}/HEAD/STEPS/WORLD, as odplab hunt prints it; this is none: ${cut(text)}`,
    );
  }
  if (format !== FORMAT) {
    throw new NoReplay(
      `this replay string has the format ${format}, and this odplab replays ${FORMAT}: replay it with the odplab that printed it`,
    );
  }
  return {
    plan: { head: list(head), steps: steps === '' ? [] : steps.split(',').map(list) },
    world: world === '' ? [] : world.split(',').map(decision),
  };
}

function list(text: string): number[] {
  if (!NUMBERS.test(text)) throw new NoReplay(`whole numbers parted by dots are wanted, not \`${cut(text)}\``);
  return text.split('.').map(Number);
}

function decision(text: string): Choice {
  const match = DECISION.exec(text);
  const site = match?.[2] ?? LETTERS.find(([letter]) => letter === match?.[1])?.[1];
  if (match === null || site === undefined) {
    throw new NoReplay(`a decision is a letter and two numbers, d4.3, not \`${cut(text)}\``);
  }
  return { site, index: Number(match[3]), value: Number(match[4]) };
}

const SHOWN = 40;

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
