/**
 * The house test: the rules of `rules.ts` hold in the real tree – and each of them can fail, which small bad trees show.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { check, findingText, type Rule } from './rules.ts';
import { readSource } from './source.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** All TypeScript files below these folders, by their path from the root. */
function treeOf(...folders: string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }
  }
  return files;
}

/** Template literals within texts: written with `#{`, since the linter takes the true sign for a slip. */
function templated(text: string): string {
  return text.replaceAll('#{', '${');
}

const COMMENT = '/** What this is. */\n';

/** The findings in a tree of which only the bodies are given, as `path:line: rule`. */
function findings(files: Readonly<Record<string, string>>): string[] {
  const tree = new Map(Object.entries(files).map(([path, text]): [string, string] => [path, COMMENT + text]));
  return check(tree).map((it) => `${it.path}${it.line > 0 ? `:${it.line}` : ''}: ${it.rule}`);
}

test('the house is in order', () => {
  const tree = treeOf('proxy', 'simulator', 'test');
  expect(tree.has('proxy/wire/bytes.ts')).toBe(true);
  expect(check(tree).map(findingText)).toEqual([]);
});

describe('arrow', () => {
  test.each<[from: string, to: string]>([
    ['proxy/ports.ts', '../proxy/wire/bytes.ts'],
    ['proxy/config.ts', './wire/bytes.ts'],
    ['proxy/wire/ok.ts', '../sql/tokens.ts'],
    ['proxy/sql/tokens.ts', '../session/pool.ts'],
    ['proxy/session/pool.ts', '../command/kill.ts'],
    ['proxy/session/pool.ts', '../observe/log.ts'],
    ['proxy/command/kill.ts', '../route/leader.ts'],
    ['proxy/route/leader.ts', '../command/kill.ts'],
    ['proxy/command/kill.ts', '../observe/log.ts'],
    ['proxy/command/kill.ts', '../proxy.ts'],
    ['proxy/observe/log.ts', '../proxy.ts'],
    ['proxy/proxy.ts', './node/network.ts'],
    ['proxy/index.ts', './cli.ts'],
    ['proxy/node/network.ts', '../../simulator/world/world.ts'],
    ['proxy/node/network.ts', '../cli.ts'],
    ['simulator/world/world.ts', '../../proxy/node/network.ts'],
    ['simulator/hunt/seed.ts', '../../proxy/node/network.ts'],
    ['simulator/world/world.ts', '../client/client.ts'],
    ['simulator/observer/login.ts', '../client/client.ts'],
    ['simulator/client/client.ts', '../observer/login.ts'],
    ['simulator/client/client.ts', '../scenario/run.ts'],
    ['simulator/scenario/run.ts', '../hunt/seed.ts'],
    ['simulator/scenario/run.ts', '../../proxy/observe/log.ts'],
    ['simulator/hunt/seed.ts', '../../proxy/cli/run.ts'],
    ['proxy/wire/ok.ts', '../../test/wire/fixtures.ts'],
  ])('%s must not import %s', (from, to) => {
    expect(findings({ [from]: `import { a } from '${to}';` })).toEqual([`${from}:2: arrow`]);
  });

  test.each<[from: string, to: string]>([
    ['proxy/config.ts', './ports.ts'],
    ['proxy/sql/tokens.ts', '../wire/bytes.ts'],
    ['proxy/command/kill.ts', '../session/pool.ts'],
    ['proxy/command/kill.ts', './show.ts'],
    ['proxy/proxy.ts', './observe/log.ts'],
    ['proxy/node/network.ts', '../observe/log.ts'],
    ['simulator/world/world.ts', '../../proxy/ports.ts'],
    ['simulator/scenario/run.ts', '../client/client.ts'],
    ['simulator/hunt/seed.ts', '../scenario/run.ts'],
    ['simulator/scenario/run.ts', '../../proxy/proxy.ts'],
    ['proxy/cli/run.ts', '../../simulator/hunt/seed.ts'],
    ['proxy/cli.ts', './node/network.ts'],
    ['test/wire/ok.test.ts', '../../proxy/wire/ok.ts'],
  ])('%s may import %s', (from, to) => {
    expect(findings({ [from]: `import { a } from '${to}';` })).toEqual([]);
  });

  test.each([
    "import type { A } from '../sql/tokens.ts';",
    "import { type A } from '../sql/tokens.ts';",
    "import a, * as b from\n  '../sql/tokens.ts';",
    'import {\n  a,\n  b,\n} from "../sql/tokens.ts";',
    "import '../sql/tokens.ts';",
    "export * from '../sql/tokens.ts';",
    "export { a } from '../sql/tokens.ts';",
    "const a = import('../sql/tokens.ts');",
    "type A = import('../sql/tokens.ts').A;",
    "// from here\nconst a = /'/; import { b } from '../sql/tokens.ts'",
    templated("const a = `#{'}'}` + `#{`#{1}`}`;import { b } from '../sql/tokens.ts'"),
  ])('%j is an import', (text) => {
    const found = findings({ 'proxy/wire/ok.ts': text });
    expect(found.map((it) => it.replace(/:\d+/, ''))).toEqual(['proxy/wire/ok.ts: arrow']);
  });

  test.each([
    "// import { a } from '../sql/tokens.ts';",
    "/* import { a } from '../sql/tokens.ts'; */",
    'const a = "import { a } from \'../sql/tokens.ts\'";',
    "const a = `\nimport { a } from '../sql/tokens.ts';\n`;",
    "const a = Buffer.from('../sql/tokens.ts');",
    "const a = 1 / 2; // import b from '../sql/tokens.ts'",
  ])('%j is none', (text) => {
    expect(findings({ 'proxy/wire/ok.ts': text })).toEqual([]);
  });

  test('it says who stands where', () => {
    const tree = new Map([['proxy/wire/ok.ts', `${COMMENT}import '../sql/tokens.ts';`]]);
    expect(check(tree).map(findingText)).toEqual([
      'proxy/wire/ok.ts:2: arrow: wire imports proxy/sql/tokens.ts, but sql stands above it',
    ]);
  });
});

test('a file in no room', () => {
  expect(findings({ 'proxy/helper.ts': '' })).toEqual(['proxy/helper.ts: room']);
  expect(findings({ 'simulator/new/a.ts': '' })).toEqual(['simulator/new/a.ts: room']);
  expect(findings({ 'proxy/wire/ok.ts': "import '../new/a.ts';" })).toEqual(['proxy/wire/ok.ts:2: room']);
});

describe('circle', () => {
  test('of two, of one, of three with a type import', () => {
    const a = 'proxy/wire/a.ts';
    expect(findings({ [a]: "import './b.ts';", 'proxy/wire/b.ts': "import './a.ts';" })).toEqual([`${a}: circle`]);
    expect(findings({ [a]: "import './a.ts';" })).toEqual([`${a}: circle`]);
    const three = new Map([
      [a, `${COMMENT}import './b.ts';`],
      ['proxy/wire/b.ts', `${COMMENT}import type { C } from './c.ts';`],
      ['proxy/wire/c.ts', `${COMMENT}export * from './a.ts';`],
      ['proxy/wire/d.ts', `${COMMENT}import './a.ts'; import './c.ts';`],
    ]);
    expect(check(three).map(findingText)).toEqual([
      'proxy/wire/a.ts: circle: proxy/wire/a.ts → proxy/wire/b.ts → proxy/wire/c.ts → proxy/wire/a.ts',
    ]);
  });

  test('two ways to one file are none', () => {
    expect(
      findings({
        'proxy/wire/a.ts': "import './b.ts'; import './c.ts';",
        'proxy/wire/b.ts': "import './d.ts';",
        'proxy/wire/c.ts': "import './d.ts';",
        'proxy/wire/d.ts': '',
      }),
    ).toEqual([]);
  });
});

describe('node import', () => {
  const IMPORT = "import { readFileSync } from 'node:fs';";

  test.each([
    'proxy/wire/a.ts',
    'proxy/session/a.ts',
    'proxy/proxy.ts',
    'proxy/observe/a.ts',
    'simulator/world/a.ts',
    'simulator/client/a.ts',
    'simulator/scenario/a.ts',
    'simulator/hunt/a.ts',
  ])('not in %s', (path) => {
    expect(findings({ [path]: IMPORT })).toEqual([`${path}:2: node import`]);
    expect(findings({ [path]: "import type { Socket } from 'node:net';" })).toEqual([`${path}:2: node import`]);
  });

  test.each(['proxy/node/a.ts', 'proxy/cli.ts', 'proxy/cli/run.ts', 'test/wire/a.test.ts'])('but in %s', (path) => {
    expect(findings({ [path]: IMPORT })).toEqual([]);
  });

  test('and in a file or terminal edge of scenario and hunt, not elsewhere', () => {
    for (const comment of ['/**\n * Reads pages: the file edge.\n */\n', '/** The terminal\n * edge. */\n']) {
      expect(check(new Map([['simulator/scenario/read.ts', comment + IMPORT]]))).toEqual([]);
      expect(check(new Map([['simulator/hunt/read.ts', comment + IMPORT]]))).toEqual([]);
      expect(check(new Map([['simulator/client/read.ts', comment + IMPORT]])).length).toBe(1);
    }
    const later = `${COMMENT}/** the file edge */\n${IMPORT}`;
    expect(check(new Map([['simulator/scenario/read.ts', later]])).length).toBe(1);
  });
});

/** Runs each line alone in a file of the core and asks for just this rule, at line 2. */
function everyLine(rule: Rule, lines: readonly string[], path = 'proxy/session/a.ts'): void {
  for (const line of lines) expect(findings({ [path]: line }), line).toEqual([`${path}:2: ${rule}`]);
}

function noLine(lines: readonly string[], path = 'proxy/session/a.ts'): void {
  for (const line of lines) expect(findings({ [path]: line }), line).toEqual([]);
}

describe('outside world', () => {
  const OUTSIDE = [
    'const a = new Date();',
    'const a = Date.now();',
    'const a: Date = b;',
    'const a = Math.random();',
    'setTimeout(a, 1);',
    'const a = setInterval;',
    'setImmediate(a);',
    'queueMicrotask(a);',
    'const a = process.pid;',
    'const a = process?.env;',
    "console.log('a');",
    'const a = performance.now();',
    'const a = globalThis;',
    templated('const a = `#{Date.now()}`;'),
  ];
  const PROMISES = [
    'const a = new Promise(b);',
    'let a: Promise<void>;',
    'async function a() {}',
    'const a = async () => 1;',
    'const a = { async b() {} };',
    'await a;',
    'for await (const a of b) {}',
  ];

  test('not in the core', () => {
    everyLine('outside world', OUTSIDE);
    everyLine('outside world', OUTSIDE, 'simulator/observer/a.ts');
    everyLine('outside world', OUTSIDE, 'simulator/hunt/a.ts');
    everyLine('outside world', PROMISES);
  });

  test('promises may be in scenario and hunt', () => {
    noLine(PROMISES, 'simulator/scenario/a.ts');
    noLine(PROMISES, 'simulator/hunt/a.ts');
  });

  test('all of it in node, cli, tests and edges', () => {
    for (const path of ['proxy/node/a.ts', 'proxy/cli.ts', 'proxy/cli/a.ts', 'test/wire/a.ts']) {
      noLine([...OUTSIDE, ...PROMISES], path);
    }
    const edge = `/** The file edge. */\n${OUTSIDE.join('\n')}`;
    expect(check(new Map([['simulator/hunt/a.ts', edge]]))).toEqual([]);
  });

  test('words that only look so', () => {
    noLine([
      "const a = 'Date.now() and process.exit()';",
      '// Date.now(), Math.random(), await',
      'const a = b.Date;',
      'const a = TYPE.DATE;',
      'const a = UpDate.now();',
      'interface A { process(): void }',
      'this.process.next();',
      'const asynchronous = awaiting;',
      'const a = /Date/.test(b);',
      'const a = b / c; const d = "Date" + e / f;',
    ]);
  });
});

test('other bytes', () => {
  const lines = [
    'const a = Math.pow(2, 3);',
    'const a = Math.log(2);',
    'const a = Math.log10(2);',
    'const a = Math.sin(2);',
    'const a = new Intl.Collator();',
    'const a = b.toLocaleString();',
    'const a = b.localeCompare(c);',
    "const a = b.normalize('NFC');",
    'const a = /\\p{L}/u;',
    "const a = new RegExp('\\\\p{L}', 'u');",
  ];
  everyLine('other bytes', lines);
  everyLine('other bytes', lines, 'simulator/hunt/a.ts');
  noLine(lines, 'proxy/node/a.ts');
  noLine(['const a = Math.max(1, 2);', 'const a = Math.floor(b);', '// Math.pow', 'const a = this.#log(1);']);
});

test('any', () => {
  const lines = [
    'let a: any;',
    'let a: any = 1;',
    'let a: any[];',
    'const a = b as any;',
    'type A = Record<string, any>;',
    'type A<T = any> = T;',
    'function a(b: any): void {}',
    'type A = string | any;',
    'type A = (b: string) => any;',
    'type A = any extends B ? C : D;',
  ];
  everyLine('any', lines);
  everyLine('any', lines, 'test/wire/a.ts');
  everyLine('any', lines, 'proxy/node/a.ts');
  noLine(["const a = 'any';", '// any', 'const anyOrder = 1;', 'const a = { any: 1 };', 'const a = b.any;', 'any();']);
});

test('enum', () => {
  everyLine('enum', ['enum A { B }', 'export enum A { B }', 'const enum A { B }', 'declare enum A\n{ B }']);
  noLine(["const a = 'enum A {';", 'const a = { enum: 1 };']);
});

test('getter', () => {
  const lines = [
    'const a = { get b() { return 1; } };',
    'const a = { b, set c(d: number) { e = d; } };',
    'const a = { get b(): C { return d; } };',
    "return { get 'b'() { return 1; } };",
    'return { get [b]() { return 1; } };',
    'class A { b() { return { get c() { return 1; } }; } }',
    'class A { b = { get c() { return 1; } }; }',
  ];
  everyLine('getter', lines);
  everyLine('getter', lines, 'simulator/observer/a.ts');
  noLine(lines, 'proxy/cli/a.ts');
  noLine([
    'class A { get b() { return 1; } }',
    'export class A<T> extends B<T> implements C, D { readonly e = { f: 1 }; get g(): T { return h; } }',
    'class A { private static get b(): number { if (c) { d(); } return 1; } set e(f: number) { g = f; } }',
    'const a = class extends B { get c() { return 1; } };',
    'interface A { get(b: string): void }',
    'const a = { get(b: string) { return 1; } };',
    'const a = b.get(c); if (d) { e(); }',
    '// { get b() { return 1; } }',
  ]);
});

test('utils', () => {
  for (const path of [
    'proxy/wire/utils.ts',
    'proxy/wire/util.ts',
    'proxy/utils/a.ts',
    'test/wire/test-utils.ts',
    'simulator/hunt/seed.util.ts',
  ]) {
    const found = findings({ [path]: '' }).filter((it) => !it.endsWith(': room'));
    expect(found).toEqual([`${path}: utils`]);
  }
  expect(findings({ 'proxy/wire/utilisation.ts': '' })).toEqual([]);
});

test('first comment', () => {
  for (const text of ['', 'export {};\n/** Late. */', '// One line.\n', '/* Not this one. */\n', '\n/** Late. */']) {
    for (const path of ['proxy/wire/a.ts', 'simulator/hunt/a.ts', 'proxy/node/a.ts']) {
      expect(
        check(new Map([[path, text]])).map((it) => it.rule),
        text,
      ).toEqual(['first comment']);
    }
    expect(check(new Map([['test/wire/a.ts', text]]))).toEqual([]);
  }
  expect(check(new Map([['proxy/cli.ts', '#!/usr/bin/env node\n/** The command. */\n']]))).toEqual([]);
});

test('comments and texts are taken out, and everything stays at its place', () => {
  const text = [
    '/** One\n * two. */',
    "const a = 'it\\'s' /* b */ + \"c\"; // d",
    templated('const e = `f #{g + `h #{i} j`} k`;'),
    'const l = m / n / o; const p = /[/"]q/g.test(r);',
    'if (s) return /t/;',
  ].join('\n');
  const { code, texts, firstComment } = readSource(text);
  expect(code.length).toBe(text.length);
  expect(texts.length).toBe(text.length);
  expect(firstComment).toBe('One two.');
  expect(
    code
      .split('\n')
      .slice(2)
      .map((line) => line.replaceAll(/ +/g, ' ').trimEnd()),
  ).toEqual([
    'const a = \' \' + " ";',
    templated('const e = ` #{g + ` #{i} `} `;'),
    'const l = m / n / o; const p = / /g.test(r);',
    'if (s) return / /;',
  ]);
  expect(texts.replaceAll(/\s+/g, ' ').trim()).toBe('it\\\'s c f h j k [/"]q t');
});
