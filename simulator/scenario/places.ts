/**
 * The places that verbs name: a client, the proxy, an observer, a link between two of them. A text for an answer says what
 * is wrong.
 */
import { type ClusterSpec, type ServerSpec, TOPOLOGIES } from '../world/topology.ts';
import type { FrontMatter } from './front-matter.ts';
import type { Place } from './scenario.ts';

/** An observer, and the cluster that it is part of. */
export interface ObserverPlace {
  readonly number: number;
  readonly cluster: ClusterSpec;
  readonly server: ServerSpec;
}

/** The observer of a number; they are numbered from 1 through all clusters of a topology, by server id. */
export function readObserver(digits: string, front: FrontMatter): ObserverPlace | string {
  const all: ObserverPlace[] = [];
  for (const cluster of TOPOLOGIES[front.cluster].clusters) {
    for (const server of [...cluster.servers].sort((a, b) => a.id - b.id)) {
      all.push({ number: all.length + 1, cluster, server });
    }
  }
  return all[Number(digits) - 1] ?? `there is no observer ${digits}; they are numbered 1 to ${all.length}`;
}

function readPlace(text: string, front: FrontMatter): Place | string {
  const word = text.trim().toLowerCase();
  if (word === 'proxy') return { kind: 'proxy' };
  const observer = /^observer\s+(\d+)$/.exec(word);
  if (observer !== null) {
    const place = readObserver(observer[1]!, front);
    return typeof place === 'string' ? place : { kind: 'observer', number: place.number };
  }
  if (front.clients.some((client) => client.name === word)) return { kind: 'client', name: word };
  return `\`${text.trim()}\` is no end of a link; write a client, \`proxy\` or \`observer N\``;
}

/** The two ends of a link. */
export function readLink(from: string, to: string, front: FrontMatter): { from: Place; to: Place } | string {
  const a = readPlace(from, front);
  if (typeof a === 'string') return a;
  const b = readPlace(to, front);
  if (typeof b === 'string') return b;
  if (a.kind === 'proxy' ? b.kind !== 'proxy' : b.kind === 'proxy') return { from: a, to: b };
  return 'a link has the proxy on one end, and a client or an observer on the other';
}
