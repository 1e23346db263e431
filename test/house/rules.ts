/**
 * The rules of the house (design, "Rooms" and "Style"), as a pure function over a tree of files: path → text.
 *
 * Who adds a room adds it to `ROOMS`; who needs an exception writes it here, with its reason.
 */
import { lineOf, readSource, type Source } from './source.ts';

/** The rules by name. */
export type Rule =
  | 'room'
  | 'arrow'
  | 'circle'
  | 'node import'
  | 'outside world'
  | 'other bytes'
  | 'any'
  | 'enum'
  | 'utils'
  | 'getter'
  | 'first comment';

export interface Finding {
  readonly rule: Rule;
  readonly path: string;
  /** 0 if the finding is about the whole file. */
  readonly line: number;
  readonly message: string;
}

/** `proxy/wire/ok.ts:12: arrow: …`, as an editor understands it. */
export function findingText({ path, line, rule, message }: Finding): string {
  return `${path}${line > 0 ? `:${line}` : ''}: ${rule}: ${message}`;
}

/** A file may import what stands in its own room or on a lower floor. The first pattern that fits is the room. */
const ROOMS: readonly (readonly [pattern: RegExp, room: string, floor: number])[] = [
  [/^proxy\/(?:ports|config)\.ts$/, 'ports', 0],
  [/^proxy\/wire\//, 'wire', 1],
  [/^proxy\/sql\//, 'sql', 2],
  [/^proxy\/session\//, 'session', 3],
  [/^proxy\/command\//, 'command', 4],
  [/^proxy\/route\//, 'route', 4],
  [/^proxy\/observe\//, 'observe', 4],
  [/^proxy\/(?:proxy|index|config-items)\.ts$/, 'proxy', 5],
  [/^proxy\/node\//, 'node', 6],
  [/^simulator\/world\//, 'world', 6],
  [/^simulator\/observer\//, 'simulated observer', 7],
  [/^simulator\/client\//, 'simulated client', 7],
  [/^simulator\/scenario\//, 'scenario', 8],
  [/^simulator\/hunt\//, 'hunt', 9],
  [/^simulator\/[^/]+\.ts$/, 'simulator', 10],
  [/^proxy\/(?:cli\.ts$|cli\/)/, 'cli', 11],
  [/^test\//, 'test', 12],
];

/** Arrows that point down and are forbidden all the same. */
function forbidden(from: string, to: string, path: string): string | null {
  if (to === 'observe' && !['observe', 'proxy', 'node', 'cli', 'test'].includes(from)) {
    return 'only proxy.ts, node and cli import observe';
  }
  if (to === 'node' && path.startsWith('simulator/')) return 'arms are handed in, the simulator knows no sockets';
  return null;
}

/** Everything that must do no I/O and know no promise (design, "The one idea"). */
const OUTSIDE: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/(?<![.\w$#])Date\b/g, 'the time comes from the clock port'],
  [/\bMath\s*\.\s*random\b/g, 'random decisions come from the choices port'],
  [/(?<![.\w$#])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g, 'timers come from the clock port'],
  [/(?<![.\w$#])(?:process|console|performance)\s*(?:\??\.|\[)/g, 'the core has no such thing; have it handed in'],
  [/(?<![.\w$#])globalThis\b/g, 'the core has no such thing; have it handed in'],
];

const PROMISES: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/(?<![.\w$#])Promise\b/g, 'the core is made of synchronous machines'],
  [/(?<![.\w$#])async\s+[\w$(*[<]/g, 'the core is made of synchronous machines'],
  [/(?<![.\w$#])await\b/g, 'the core is made of synchronous machines'],
];

/** What differs between Node versions or machines (design, "Same bytes on every Node"). */
const OTHER_BYTES: readonly RegExp[] = [
  /\bMath\s*\.\s*(?:pow|log\w*|exp\w*|cbrt|hypot|a?(?:sin|cos|tan)h?|atan2)\b/g,
  /(?<![.\w$#])Intl\b/g,
  /\btoLocale\w*/g,
  /\blocaleCompare\b/g,
  /\.\s*normalize\s*\(/g,
];
const UNICODE_PROPERTY = /\\[pP]\{/g;

/**
 * In an object literal, an accessor gives each object a hidden class of its own, which holds the accessor's closure: all
 * that this can reach outlives every young collection, and who reads the object meets a new shape each time.
 */
const ACCESSOR = /(?<![.\w$#])(?:get|set)\s+(?:[\w$#]+|\[[^\]]*\]|'[^']*'|"[^"]*")\s*\([^)]*\)\s*(?::[^={;]*)?\{/g;
const CLASS = /\bclass\b[^;{}]*$/;

const ANY = /(?<![.\w$#])any\b(?!\s*(?:\(|\??:))/g;
const ENUM = /(?<![.\w$#])enum\s+[\w$]+\s*\{/g;
const UTILS = /(?:^|[/._-])utils?(?:[/._-]|$)/i;
const EDGE = /\b(?:file|terminal) edge\b/i;

export function check(files: ReadonlyMap<string, string>): Finding[] {
  return new Inspection(files).run();
}

class Inspection {
  readonly #files: ReadonlyMap<string, string>;
  readonly #sources = new Map<string, Source>();
  readonly #findings: Finding[] = [];

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
    for (const [path, text] of files) this.#sources.set(path, readSource(text));
  }

  run(): Finding[] {
    for (const [path, source] of this.#sources) {
      if (path.startsWith('proxy/') || path.startsWith('simulator/')) {
        this.#rooms(path, source);
        this.#nodeImports(path, source);
        if (isCore(path, source)) this.#core(path, source);
        if (!/^(?:#!.*\n)?\/\*\*/.test(this.#files.get(path)!)) {
          this.#add('first comment', path, 0, 'starts with no /** comment that says what the file is');
        }
      }
      this.#language(path, source);
    }
    this.#circles();
    return this.#findings;
  }

  #add(rule: Rule, path: string, line: number, message: string): void {
    this.#findings.push({ rule, path, line, message });
  }

  #rooms(path: string, { imports }: Source): void {
    const from = roomOf(path);
    if (from === null) {
      this.#add('room', path, 0, 'stands in no room of the house (ROOMS in test/house/rules.ts)');
      return;
    }
    for (const { specifier, line } of imports) {
      const target = resolve(path, specifier);
      if (target === null) continue;
      const to = roomOf(target);
      if (to === null) {
        this.#add('room', path, line, `imports ${target}, which stands in no room of the house`);
      } else if (to.name !== from.name && to.floor >= from.floor) {
        const how = to.floor === from.floor ? 'beside' : 'above';
        this.#add('arrow', path, line, `${from.name} imports ${target}, but ${to.name} stands ${how} it`);
      } else {
        const why = forbidden(from.name, to.name, path);
        if (why !== null) this.#add('arrow', path, line, `${from.name} imports ${target}, but ${why}`);
      }
    }
  }

  #nodeImports(path: string, source: Source): void {
    if (/^proxy\/(?:node\/|cli\.ts$|cli\/)/.test(path) || isEdge(path, source)) return;
    for (const { specifier, line } of source.imports) {
      if (!specifier.startsWith('node:')) continue;
      this.#add('node import', path, line, `${specifier} outside proxy/node, cli and the file and terminal edges`);
    }
  }

  #core(path: string, { code, texts }: Source): void {
    for (const [pattern, instead] of OUTSIDE) this.#each('outside world', path, code, pattern, instead);
    if (!/^simulator\/(?:scenario|hunt)\//.test(path)) {
      for (const [pattern, instead] of PROMISES) this.#each('outside world', path, code, pattern, instead);
    }
    for (const match of code.matchAll(ACCESSOR)) {
      if (CLASS.test(code.slice(0, openBraceBefore(code, match.index)))) continue;
      const what = match[0].slice(0, match[0].indexOf('(')).replaceAll(/\s+/g, ' ');
      this.#add(
        'getter',
        path,
        lineOf(code, match.index),
        `\`${what}\`: an object with an accessor is made by a class`,
      );
    }
    const differs = 'is not the same on every Node';
    for (const pattern of OTHER_BYTES) this.#each('other bytes', path, code, pattern, differs);
    this.#each('other bytes', path, texts, UNICODE_PROPERTY, differs);
  }

  #language(path: string, { code }: Source): void {
    this.#each('any', path, code, ANY, 'say which type, or `unknown`');
    this.#each('enum', path, code, ENUM, 'use a union or a table `as const`');
    if (UTILS.test(path)) this.#add('utils', path, 0, 'name it after what it holds');
  }

  #each(rule: Rule, path: string, text: string, pattern: RegExp, message: string): void {
    for (const match of text.matchAll(pattern)) {
      const what = match[0].trim().replaceAll(/\s+/g, ' ');
      this.#add(rule, path, lineOf(text, match.index), `\`${what}\`: ${message}`);
    }
  }

  /** Each circle once: a walk in depth that finds its way back to a file it is still in. */
  #circles(): void {
    const done = new Set<string>();
    const trail: string[] = [];
    for (const path of this.#sources.keys()) this.#walk(path, trail, done);
  }

  #walk(path: string, trail: string[], done: Set<string>): void {
    const start = trail.indexOf(path);
    if (start >= 0) {
      this.#add('circle', path, 0, [...trail.slice(start), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const { specifier } of this.#sources.get(path)!.imports) {
      const target = resolve(path, specifier);
      if (target !== null && this.#sources.has(target)) this.#walk(target, trail, done);
    }
    trail.pop();
    done.add(path);
  }
}

/** Where the brace stands inside which this place is. */
function openBraceBefore(code: string, place: number): number {
  let closed = 0;
  let at = place - 1;
  for (; at >= 0; at -= 1) {
    if (code[at] === '}') closed += 1;
    else if (code[at] === '{') {
      if (closed === 0) break;
      closed -= 1;
    }
  }
  return at;
}

function roomOf(path: string): { name: string; floor: number } | null {
  for (const [pattern, name, floor] of ROOMS) if (pattern.test(path)) return { name, floor };
  return null;
}

/** A file of scenario or hunt that says of itself that it touches files or the terminal. */
function isEdge(path: string, { firstComment }: Source): boolean {
  return /^simulator\/(?:scenario|hunt)\//.test(path) && EDGE.test(firstComment);
}

function isCore(path: string, source: Source): boolean {
  return !/^proxy\/(?:node\/|cli\.ts$|cli\/)/.test(path) && !isEdge(path, source);
}

/** The path a relative import means; null for packages. */
function resolve(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
