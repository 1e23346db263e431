/**
 * The verbs of a page, `! word …`: one row of the table for each, with the pattern of its arguments.
 *
 * Says what a line means; `runner.ts` does it.
 */
import { CLUSTER_VERBS } from './cluster-verbs.ts';
import { readDuration } from './duration.ts';
import type { FrontMatter } from './front-matter.ts';
import { listed } from './mistakes.ts';
import { isNeed, NEEDS, noNeed } from './need-names.ts';
import { readLink } from './places.ts';
import { mistake, type Verb, type VerbRow } from './verb-row.ts';

function clientVerb(kind: 'open' | 'login' | 'close' | 'half-close' | 'reset' | 'stall' | 'read'): VerbRow {
  return {
    form: `! ${kind} NAME`,
    pattern: new RegExp(String.raw`^${kind}\s+(\S+)$`),
    read(match, front) {
      const name = match[1]!.toLowerCase();
      if (front.clients.some((client) => client.name === name)) return { kind, client: name };
      return mistake(noClient(match[1]!, front));
    },
  };
}

function noClient(written: string, { clients }: FrontMatter): string {
  return `\`${written}\` is no client; declared are ${listed(clients.map(({ name }) => name))}`;
}

function noTime(written: string): string {
  return `\`${written}\` is no time; write \`500ms\`, \`1s\` or \`2m\``;
}

const ROWS: Readonly<Record<string, VerbRow>> = {
  advance: {
    form: '! advance TIME',
    pattern: /^advance\s+(\S+)$/,
    read(match) {
      const milliseconds = readDuration(match[1]!);
      if (milliseconds === null) return mistake(noTime(match[1]!));
      return { kind: 'advance', milliseconds };
    },
  },
  open: clientVerb('open'),
  login: clientVerb('login'),
  close: clientVerb('close'),
  'half-close': clientVerb('half-close'),
  reset: clientVerb('reset'),
  stall: clientVerb('stall'),
  read: clientVerb('read'),
  jump: {
    form: '! jump NAME TIME',
    pattern: /^jump\s+(\S+)\s+(\S+)$/,
    read(match, front) {
      const client = match[1]!.toLowerCase();
      const spec = front.clients.find(({ name }) => name === client);
      if (spec === undefined) return mistake(noClient(match[1]!, front));
      const milliseconds = readDuration(match[2]!);
      if (milliseconds === null) return mistake(noTime(match[2]!));
      if (spec.readTimeout !== null) return { kind: 'jump', client, milliseconds };
      return mistake(`${client} measures no time; give it a \`read_timeout\` in the front matter`);
    },
  },
  hold: {
    form: '! hold A -> B [after N packets|bytes]',
    pattern: /^hold\s+(.+?)\s*->\s*(.+?)(?:\s+after\s+(\d+)\s+(packet|byte)s?)?$/,
    read(match, front) {
      const link = readLink(match[1]!, match[2]!, front);
      if (typeof link === 'string') return mistake(link);
      return { kind: 'hold', ...link, after: Number(match[3] ?? 0), unit: match[4] === 'byte' ? 'bytes' : 'packets' };
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
  ...CLUSTER_VERBS,
  needs: {
    form: `! needs ${Object.keys(NEEDS).join('|')}`,
    pattern: /^needs\s+(.+)$/,
    read(match) {
      const words = match[1]!.split(/[\s,]+/);
      const wrong = words.find((word) => !isNeed(word));
      return wrong === undefined ? { kind: 'needs', what: words.filter(isNeed) } : mistake(noNeed(wrong));
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
