/**
 * The verbs of a page, `! word …`: one row of the table for each, with the pattern of its arguments.
 *
 * Says what a line means; `runner.ts` does it.
 */
import { TOPOLOGIES } from '../world/topology.ts';
import { readDuration } from './duration.ts';
import type { FrontMatter } from './front-matter.ts';
import { listed } from './mistakes.ts';
import type { Action, Place } from './scenario.ts';

export type Verb = Action | { readonly kind: 'any order' } | { readonly kind: 'mistake'; readonly what: string };

interface Row {
  /** How it is written, for messages. */
  readonly form: string;
  readonly pattern: RegExp;
  read(match: RegExpExecArray, front: FrontMatter): Verb;
}

function mistake(what: string): Verb {
  return { kind: 'mistake', what };
}

function clientVerb(kind: 'open' | 'login' | 'close' | 'reset' | 'stall' | 'read'): Row {
  return {
    form: `! ${kind} NAME`,
    pattern: new RegExp(String.raw`^${kind}\s+(\S+)$`),
    read(match, front) {
      const name = match[1]!.toLowerCase();
      const declared = front.clients.map((client) => client.name);
      if (declared.includes(name)) return { kind, client: name };
      return mistake(`\`${match[1]}\` is no client; declared are ${listed(declared)}`);
    },
  };
}

/** How many observers there are in a topology; they are numbered from 1 through all its clusters. */
export function observerCount(front: FrontMatter): number {
  return TOPOLOGIES[front.cluster].clusters.reduce((sum, cluster) => sum + cluster.servers.length, 0);
}

function readPlace(text: string, front: FrontMatter): Place | string {
  const word = text.trim().toLowerCase();
  if (word === 'proxy') return { kind: 'proxy' };
  const observer = /^observer\s+(\d+)$/.exec(word);
  if (observer !== null) {
    const number = Number(observer[1]);
    const count = observerCount(front);
    if (number >= 1 && number <= count) return { kind: 'observer', number };
    return `there is no observer ${number}; they are numbered 1 to ${count}`;
  }
  if (front.clients.some((client) => client.name === word)) return { kind: 'client', name: word };
  return `\`${text.trim()}\` is no end of a link; write a client, \`proxy\` or \`observer N\``;
}

/** The two ends of a link; a text says what is wrong. */
function readLink(from: string, to: string, front: FrontMatter): { from: Place; to: Place } | string {
  const a = readPlace(from, front);
  if (typeof a === 'string') return a;
  const b = readPlace(to, front);
  if (typeof b === 'string') return b;
  if (a.kind === 'proxy' ? b.kind !== 'proxy' : b.kind === 'proxy') return { from: a, to: b };
  return 'a link has the proxy on one end, and a client or an observer on the other';
}

const ROWS: Readonly<Record<string, Row>> = {
  advance: {
    form: '! advance TIME',
    pattern: /^advance\s+(\S+)$/,
    read(match) {
      const milliseconds = readDuration(match[1]!);
      if (milliseconds === null) return mistake(`\`${match[1]}\` is no time; write \`500ms\`, \`1s\` or \`2m\``);
      return { kind: 'advance', milliseconds };
    },
  },
  open: clientVerb('open'),
  login: clientVerb('login'),
  close: clientVerb('close'),
  reset: clientVerb('reset'),
  stall: clientVerb('stall'),
  read: clientVerb('read'),
  hold: {
    form: '! hold A -> B [after N packets]',
    pattern: /^hold\s+(.+?)\s*->\s*(.+?)(?:\s+after\s+(\d+)\s+packets?)?$/,
    read(match, front) {
      const link = readLink(match[1]!, match[2]!, front);
      return typeof link === 'string' ? mistake(link) : { kind: 'hold', ...link, after: Number(match[3] ?? 0) };
    },
  },
  release: {
    form: '! release A -> B',
    pattern: /^release\s+(.+?)\s*->\s*(.+?)$/,
    read(match, front) {
      const link = readLink(match[1]!, match[2]!, front);
      return typeof link === 'string' ? mistake(link) : { kind: 'release', ...link };
    },
  },
  any: {
    form: '! any order',
    pattern: /^any\s+order$/,
    read() {
      return { kind: 'any order' };
    },
  },
};

/** Reads what stands behind the `!`. */
export function readVerb(text: string, front: FrontMatter): Verb {
  const words = text.trim();
  const word = words.split(/\s+/)[0] ?? '';
  const row = Object.hasOwn(ROWS, word) ? ROWS[word]! : undefined;
  if (row === undefined) {
    return mistake(`\`! ${word}\` is no verb; there are ${listed(Object.values(ROWS).map(({ form }) => form))}`);
  }
  const match = row.pattern.exec(words);
  return match === null
    ? mistake(`this is not how the verb is written; write \`${row.form}\``)
    : row.read(match, front);
}
