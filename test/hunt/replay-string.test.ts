/** A run as a string: what is printed is read back, what is not ours is refused, and a string never means another run. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, MOST_APPLICATIONS, NAMES } from '../../simulator/hunt/cast.ts';
import { GAPS, HEAD_CASES, latencyOf, type Plan, scriptOf } from '../../simulator/hunt/plan.ts';
import { FORMAT, NoReplay, parseReplay, printReplay } from '../../simulator/hunt/replay-string.ts';
import { WORDS } from '../../simulator/hunt/vocabulary.ts';

const NUMBER = fc.nat({ max: 999_999_999 });
/** A list is written without its trailing zeros, which mean nothing. */
const LIST = fc
  .array(NUMBER, { minLength: 1, maxLength: 6 })
  .map((list) => list.slice(0, Math.max(1, list.findLastIndex((it) => it !== 0) + 1)));
const SITE = fc.constantFrom('net.delay', 'net.merge', 'net.next', 'net.rst', 'net.split', 'route.login', 'locks.next');
const CHOICE = fc.record({
  site: fc.oneof(SITE, fc.stringMatching(/^[a-z]{1,6}\.[a-z]{1,6}$/)),
  index: fc.nat({ max: 2 ** 31 - 1 }),
  value: fc.nat({ max: 2 ** 31 - 1 }),
});
const RECORDED = fc.record({
  plan: fc.record({ head: LIST, steps: fc.array(LIST, { maxLength: 70, size: 'max' }) }),
  world: fc.array(CHOICE, { maxLength: 200, size: 'max' }),
});

/** What is wrong with a string. */
function refusal(text: string): string {
  try {
    parseReplay(text);
  } catch (error) {
    if (error instanceof NoReplay) return error.message;
    throw error;
  }
  return 'read';
}

describe('a replay string', () => {
  it('is read back as it was printed', () => {
    fc.assert(
      fc.property(RECORDED, (recorded) => {
        const text = printReplay(recorded);
        expect(text).toMatch(/^[\w./,()]+$/);
        expect(parseReplay(text)).toEqual(recorded);
        expect(printReplay(parseReplay(` ${text}\n`))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('leaves out trailing zeros of a step, and keeps a step of zeros', () => {
    expect(
      printReplay({
        plan: {
          head: [2, 3, 0],
          steps: [
            [1, 0, 2, 0, 0],
            [0, 0],
          ],
        },
        world: [],
      }),
    ).toBe(`${FORMAT}/2.3/1.0.2,0/`);
  });

  it('of another version is refused, and told what would read it', () => {
    for (const version of ['h0', 'h999']) {
      expect(refusal(`${version}/2.3/1/`)).toBe(
        `this replay string has the format ${version}, and this odplab replays ${FORMAT}: replay it with the odplab that printed it`,
      );
    }
  });

  it.each([
    ['', 'a replay string is h1/HEAD/STEPS/WORLD'],
    ['hello', 'a replay string is h1/HEAD/STEPS/WORLD'],
    ['h1/1/2/d1.2/more', 'a replay string is h1/HEAD/STEPS/WORLD'],
    ['x'.repeat(1000), 'a replay string is h1/HEAD/STEPS/WORLD'],
    ['h1', 'whole numbers parted by dots are wanted, not ``'],
    ['h1/1.-2/3/', 'whole numbers parted by dots are wanted, not `1.-2`'],
    ['h1/1/2,,3/', 'whole numbers parted by dots are wanted, not ``'],
    ['h1/1/2.1e3/', 'whole numbers parted by dots are wanted, not `2.1e3`'],
    ['h1/1/9999999999/', 'whole numbers parted by dots are wanted, not `9999999999`'],
    ['h1/1/2/q1.2', 'a decision is a letter and two numbers, d4.3, not `q1.2`'],
    ['h1/1/2/d1', 'a decision is a letter and two numbers, d4.3, not `d1`'],
    ['h1/1/2/(net delay)1.2', 'a decision is a letter and two numbers, d4.3, not `(net delay)1.2`'],
  ])('that is broken is refused in a line: %s', (text, what) => {
    const said = refusal(text.replace('h1', FORMAT));
    expect(said).toContain(what.replace('h1', FORMAT));
    expect(said.length).toBeLessThan(200);
    expect(said).not.toContain('\n');
  });

  it('is refused or read, whatever it is', () => {
    const alphabet = fc.constantFrom(...'h1/.,dmnrslk()09 a');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => {
        expect(refusal(text)).not.toBe('');
        expect(refusal(`${FORMAT}/${text}`)).not.toBe('');
      }),
    );
  });
});

/**
 * What the numbers of a string stand for, as text. Every word is said in its every case, so that a changed statement
 * counts, too; only its weight does not, which is no part of a string's meaning.
 */
function meaning(): string {
  const lines = [`gaps ${GAPS}`, `head ${HEAD_CASES}`, `cast ${MOST_APPLICATIONS} ${NAMES} ${DIALECT_NAMES}`];
  for (let latency = 0; latency < HEAD_CASES[4]; latency += 1) {
    lines.push(`latency ${latency} ${latencyOf({ head: [0, 0, 0, 0, latency], steps: [] })}`);
  }
  for (let cluster = 0; cluster < HEAD_CASES[0]; cluster += 1) {
    const head = [cluster, MOST_APPLICATIONS - 1, 5, 40, 0];
    lines.push(`cluster ${cluster} ${JSON.stringify(scriptOf({ head, steps: [] }).front)}`);
    for (const [index, { name, cases }] of WORDS.entries()) {
      for (let a = 0; a < cases[0]; a += 1) {
        for (let b = 0; b < cases[1]; b += 1) {
          const plan: Plan = { head, steps: [[index, 1, 2, a, b]] };
          lines.push(`${name} ${cases} ${a} ${b} ${JSON.stringify(scriptOf(plan).steps)}`);
        }
      }
    }
  }
  return lines.join('\n');
}

it('the format is another whenever a string would mean another run', () => {
  const digest = createHash('sha256').update(meaning()).digest('hex').slice(0, 16);
  // Words, their cases and statements, gaps, delays or clusters have changed: raise FORMAT in replay-string.ts, then
  // write both here. Strings that were printed before are refused from then on, and not replayed as something else.
  expect({ format: FORMAT, digest }).toEqual({ format: 'h1', digest: 'b9d6253e878d122f' });
});
