/** REGEXP: what a pattern matches, and that none takes longer than its text is long. */
import { describe, expect, it } from 'vitest';
import { Effort } from '../../simulator/observer/effort.ts';
import { Regexp } from '../../simulator/observer/sql/regexp.ts';

const EFFORT = new Effort({ queryTimeout: 0 });

function matches(text: string, pattern: string, exact = false): boolean {
  EFFORT.begin();
  return new Regexp(pattern, exact).test(text, EFFORT);
}

describe('a pattern', () => {
  const yes: readonly (readonly [text: string, pattern: string])[] = [
    ['banana', 'an'],
    ['banana', '^ban'],
    ['banana', 'ana$'],
    ['banana', '^(b|x)(an)+a$'],
    ['banana', '^b(an){2}a$'],
    ['banana', '^b(an){1,}a$'],
    ['banana', '^b(an){0,2}a$'],
    ['Banana', 'bANAN'],
    ['abc', '^[a-c]+$'],
    ['a]c', '^[]a-c]+$'],
    ['x-y', '^[x-]+y$'],
    ['xyz', '^[^a-c]+$'],
    ['a1 B', '^[[:alnum:][:space:]]+$'],
    ['ABC', '^[[:lower:]]+$'],
    ['the word here', '[[:<:]]word[[:>:]]'],
    ['a\nb', 'a.b'],
    ['', '^$'],
    ['abc', ''],
    ['42', '^\\d+$'],
    ['a.b', 'a\\.b'],
    ['aX', '\\a\\x'],
    ['a{b', 'a{b'],
    ['aaa', '^a+?$'],
    ['Éclair', '^ecl'],
    ['a😀b', '^a.b$'],
    ['', '(a*)*'],
    ['b', '^(a|b|c|)$'],
    ['fo', '^(?:f|o)+$'],
  ];
  for (const [text, pattern] of yes) {
    it(`${JSON.stringify(pattern)} matches ${JSON.stringify(text)}`, () => {
      expect(matches(text, pattern)).toBe(true);
    });
  }

  const no: readonly (readonly [text: string, pattern: string])[] = [
    ['banana', '^an'],
    ['banana', '^b(an){3}a$'],
    ['swordfish', '[[:<:]]word[[:>:]]'],
    ['abc', '[^a-c]'],
    ['a\n', 'a$'],
    ['ab', '^a{2}'],
    ['x', '^$'],
  ];
  for (const [text, pattern] of no) {
    it(`${JSON.stringify(pattern)} does not match ${JSON.stringify(text)}`, () => {
      expect(matches(text, pattern)).toBe(false);
    });
  }

  it('of bytes tells case apart', () => {
    expect(matches('ABC', '^abc$', true)).toBe(false);
    expect(matches('ABC', '^[[:lower:]]+$', true)).toBe(false);
    expect(matches('abc', '^[[:lower:]]+$', true)).toBe(true);
  });

  for (const pattern of [
    '(',
    ')',
    '[a',
    '*a',
    'a{2,1}',
    'a{256}',
    'a\\',
    '[[:nothing:]]',
    '[z-a]',
    '(a)\\1',
    '(?=a)',
  ]) {
    it(`${pattern} is none`, () => {
      expect(() => matches('a', pattern)).toThrow(/^Got error '.+' from regexp$/);
    });
  }
});

describe('a pattern that has many ways to fail', () => {
  for (const pattern of ['(a+)+$b', '^(a|a)*b', '(a*)*b', '((a*)*)*b', '(a|aa)+b', 'a{0,200}a{0,200}b']) {
    it(`fails soon: ${pattern}`, () => {
      EFFORT.begin();
      expect(new Regexp(pattern, false).test('a'.repeat(2000), EFFORT)).toBe(false);
    });
  }

  it('is refused if it has too many states', () => {
    expect(() => matches('a', '(((a{255}){255}){255}){255}')).toThrow(/out of memory/);
  });

  it('takes what it has, and no more', () => {
    EFFORT.begin();
    expect(() => new Regexp('(a{0,255}){20}b', false).test('a'.repeat(100_000), EFFORT)).toThrow(/query timeout/);
  });
});
