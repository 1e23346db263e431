/** The three reports, and the trace. */
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../simulator/scenario/markdown.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { JUnitReporter } from '../../simulator/scenario/report-junit.ts';
import { SpecReporter } from '../../simulator/scenario/report-spec.ts';
import { TapReporter } from '../../simulator/scenario/report-tap.ts';
import { type Reporter, runSuite } from '../../simulator/scenario/suite.ts';
import { Trace } from '../../simulator/scenario/trace.ts';
import { sha1 } from '../client/fake-server.ts';
import { deployFake } from './fake-deployment.ts';
import { HEAD, read } from './running.ts';

const PAGE = `${HEAD}## Good
\`\`\`odplab
alice> SELECT 1;
Query OK, 0 rows affected
\`\`\`
## Bad & "odd" <one> #1
\`\`\`odplab
alice> SELCT ']]>' & '\u{1f600}';
nothing
\`\`\`
`;

async function report(reporter: Reporter, traced = false): Promise<string> {
  let text = '';
  let ticks = 0;
  const options = {
    arms: [MEMORY, MEMORY],
    deploy: deployFake,
    sha1,
    stopwatch() {
      ticks += 1;
      return ticks;
    },
    trace: traced ? () => new Trace(splitLines(PAGE)) : null,
  };
  const summary = await runSuite(read(PAGE).scenarios, options, reporter, (more) => {
    text += more;
  });
  expect(summary).toMatchObject({ scenarios: 2, cases: 4, failed: 2 });
  return text;
}

it('spec', async () => {
  const text = await report(new SpecReporter((_colour, it) => it));
  expect(text.split('\n')).toEqual([
    'page.md',
    '  ✓ Good  memory 1 ms, memory 1 ms',
    '  ✗ Bad & "odd" <one> #1  memory 1 ms, memory 1 ms',
    '    page.md:14: the answer is another (memory)',
    '       15 - nothing',
    "          + ERROR 1064 (42000): near 'SELCT ']]>' & '😀''",
    '    page.md:14: the answer is another (memory)',
    '       15 - nothing',
    "          + ERROR 1064 (42000): near 'SELCT ']]>' & '😀''",
    '',
    '2 scenarios, 2 runs passed, 2 failed in 0.0 s',
    '',
  ]);
});

it('spec paints marks and differences', async () => {
  const text = await report(new SpecReporter((colour, it) => `<${colour}>${it}</>`));
  expect(text).toContain('<green>✓</> Good');
  expect(text).toContain('<red>   15 - nothing</>');
  expect(text).toContain('2 scenarios, <green>2 runs passed</>, <red>2 failed</> in');
});

it('tap', async () => {
  const text = await report(new TapReporter(2));
  expect(text.split('\n').slice(0, 16)).toEqual([
    'TAP version 14',
    '1..4',
    'ok 1 - page.md: Good (memory)',
    'ok 2 - page.md: Good (memory)',
    'not ok 3 - page.md: Bad & "odd" <one> \\#1 (memory)',
    '  ---',
    '  message: "the answer is another"',
    '  severity: fail',
    '  duration_ms: 1.000',
    '  at:',
    '    file: "page.md"',
    '    line: 14',
    '  difference: |2',
    '       15 - nothing',
    "          + ERROR 1064 (42000): near 'SELCT ']]>' & '😀''",
    '  ...',
  ]);
});

describe('junit', () => {
  it('is well-formed, and says what failed', async () => {
    const text = await report(new JUnitReporter('2026-01-02T03:04:05'), true);
    const elements = parseXml(text);
    expect(elements.filter(({ name }) => name === 'testcase')).toHaveLength(4);
    expect(elements[0]).toMatchObject({ name: 'testsuites', attributes: { tests: '4', failures: '2' } });
    expect(elements[1]).toMatchObject({
      name: 'testsuite',
      attributes: { name: 'page.md', timestamp: '2026-01-02T03:04:05' },
    });
    const failure = elements.find(({ name }) => name === 'failure')!;
    expect(failure.attributes.message).toBe('page.md:14: the answer is another');
    expect(failure.text).toContain("near 'SELCT ']]>' & '😀''");
    const named = elements.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes.name);
    expect(named[2]).toBe('Bad & "odd" <one> #1 (memory)');
    expect(elements.find(({ name }) => name === 'system-out')!.text).toContain('COM_QUERY');
  });

  it('holds no character that XML forbids', () => {
    const reporter = new JUnitReporter('t');
    const [scenario] = read(PAGE).scenarios;
    const failures = [{ line: 1, title: 'a\u0000\u001b\n"', detail: ['\u0007\ud800x\uffff'], blessable: false }];
    reporter.scenario([{ scenario: scenario!, arm: 'memory', failures, skipped: null, milliseconds: 1, trace: [] }]);
    const text = reporter.end({ scenarios: 1, cases: 1, failed: 1, skipped: 0, milliseconds: 1 });
    expect(text).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\uffff]/);
    expect(parseXml(text).find(({ name }) => name === 'failure')!.text).toBe('\\u0007\\ud800x\\uffff');
  });
});

it('the trace: steps, packets, FIN, with their time', async () => {
  const text = await report(new SpecReporter((_colour, it) => it), true);
  const lines = text.split('\n').filter((line) => line.startsWith('    memory'));
  expect(lines.slice(0, 4).map((line) => line.replace(/ +/g, ' '))).toEqual([
    ' memory 9: alice> SELECT 1;',
    ' memory 0.000 alice → proxy #1 connected',
    ' memory 0.000 proxy → alice #1 greeting 5.6.25 thread 56932',
    ' memory 0.000 alice → proxy #1 login app@shop#obdemo attributes=3',
  ]);
  expect(lines.some((line) => line.endsWith('alice → proxy #1             FIN'))).toBe(true);
});

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#10': '\n',
  '#9': '\t',
  '#13': '\r',
};

function decode(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|#10|#9|#13);)/.test(text)) throw new Error(`a bare & in ${text}`);
  return text.replace(/&([^;]+);/g, (_all, name: string) => ENTITIES[name]!);
}

/** A parser that takes well-formed XML only: elements in document order, each with its own text. */
function parseXml(text: string): Element[] {
  const found: Element[] = [];
  const open: Element[] = [];
  let at = text.indexOf('?>') + 2;
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const between = text.slice(at, next < 0 ? text.length : next);
    if (between.includes('>')) throw new Error(`a bare > in ${between}`);
    if (open.length > 0) open.at(-1)!.text += decode(between);
    else if (between.trim() !== '') throw new Error(`text outside: ${between}`);
    if (next < 0) break;
    const tag = /^<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/.exec(text.slice(next));
    if (tag === null) throw new Error(`no tag at ${text.slice(next, next + 60)}`);
    at = next + tag[0].length;
    if (tag[1] === '/') {
      if (open.pop()?.name !== tag[2]) throw new Error(`</${tag[2]}> closes another`);
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, key, value] of tag[3]!.matchAll(/ ([a-z]+)="([^"]*)"/g)) attributes[key!] = decode(value!);
    const element = { name: tag[2]!, attributes, text: '' };
    found.push(element);
    if (tag[4] !== '/') open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)!.name}> is never closed`);
  return found;
}
