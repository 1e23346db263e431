/** What the observer said is what the client hears: the packets of a result, and errors of observers, are relayed byte for byte. */

import { COM, ERR_MARK, OK_MARK } from '../../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../../proxy/wire/framing.ts';
import type { Link } from '../../world/gates.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import type { Life } from '../life.ts';

export const RELAYED_UNCHANGED: Invariant = {
  name: 'relayed-unchanged',
  why: 'A proxy relays: a result that differs by one byte from the observer’s is a wrong answer that nobody else would notice.',
  judge: (sight) => new RelayedUnchanged(sight),
};

/** A statement that is answered by an observer, and with a result: its first cell is its mark. */
const MARKED = /^SELECT 'm\d+'/;
/** Errors that no proxy has of its own. */
const OF_OBSERVERS: ReadonlySet<number> = new Set([1062, 1146, 1205, 1213, 1305, 6002]);
/** A row of the binary protocol begins as an OK does. The hunt's are short; the OKs of logins are not. */
const LONGEST_ROW = 200;

class RelayedUnchanged implements Judge {
  readonly #sight: Sight;
  /** By the number of a link: the packet that has begun in what the proxy hears on it, and in what it says. */
  readonly #heard = new Map<number, Begun>();
  readonly #said = new Map<number, Begun>();
  /** Every packet that an observer has sent but for long OKs, which a proxy changes, and ERRs that it may say itself. */
  readonly #sent = new Payloads();
  readonly #lives = new Map<number, Life>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  greeted(life: Life): void {
    this.#lives.set(life.link, life);
  }

  data(link: Link, chunk: Buffer): void {
    const fromProxy = link.from === 'proxy';
    const toClient = fromProxy && !link.to.startsWith('observer');
    if (!toClient && !(link.to === 'proxy' && link.from.startsWith('observer'))) return;
    const begun = fromProxy ? this.#said : this.#heard;
    const rest = begun.get(link.id);
    if (rest !== undefined && !completes(rest, chunk)) return;
    const bytes = rest === undefined ? chunk : Buffer.concat(rest.chunks);
    if (rest !== undefined) begun.delete(link.id);
    const request = toClient ? (this.#lives.get(link.id)?.request ?? null) : null;
    const marked = request !== null && MARKED.test(request.sql);
    // Where what begins as an OK does is looked at: it may be a row.
    const longest = !toClient || (marked && request.payload[0] === COM.STMT_EXECUTE) ? LONGEST_ROW : 0;
    let at = 0;
    for (;;) {
      const from = at + HEADER_SIZE;
      if (from > bytes.length) break;
      const to = from + (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16));
      if (to > bytes.length) break;
      at = to;
      if (bytes[from] === OK_MARK && to - from > longest) continue;
      const isError = bytes[from] === ERR_MARK;
      if (isError && !OF_OBSERVERS.has(bytes[from + 1]! | (bytes[from + 2]! << 8))) continue;
      if (!toClient) this.#sent.add(bytes, from, to);
      else if (request !== null && (marked || isError) && !this.#sent.has(bytes, from, to)) {
        const shown = bytes.toString('hex', from, Math.min(to, from + 40));
        this.#sight.blame(`${request.life.client} got a packet that no observer has sent: ${shown}`, request);
        return;
      }
    }
    if (at < bytes.length) begun.set(link.id, { chunks: [bytes.subarray(at)], size: bytes.length - at });
  }
}

/** The bytes so far of a packet that is not whole. */
interface Begun {
  readonly chunks: Buffer[];
  size: number;
}

/** Adds what has come; whether the packet is whole now, or its length not known yet. */
function completes(begun: Begun, chunk: Buffer): boolean {
  begun.chunks.push(chunk);
  begun.size += chunk.length;
  const [head] = begun.chunks;
  return head!.length < HEADER_SIZE || begun.size >= HEADER_SIZE + head!.readUIntLE(0, 3);
}

/** Payloads, each once, found by their bytes. */
class Payloads {
  /** By what `digest` makes of them; more than one at a number is rare. */
  readonly #all = new Map<number, Buffer[]>();

  add(bytes: Buffer, from: number, to: number): void {
    const digested = digest(bytes, from, to);
    const alike = this.#all.get(digested);
    if (alike !== undefined && holds(alike, bytes, from, to)) return;
    const payload = bytes.subarray(from, to);
    if (alike === undefined) this.#all.set(digested, [payload]);
    else alike.push(payload);
  }

  has(bytes: Buffer, from: number, to: number): boolean {
    const alike = this.#all.get(digest(bytes, from, to));
    return alike !== undefined && holds(alike, bytes, from, to);
  }
}

/** So many bytes at the end of a payload tell most apart: marks and values stand there. */
const DIGESTED = 64;

/** A whole number (FNV-1a) of a payload's length and its end. */
function digest(bytes: Buffer, from: number, to: number): number {
  let digested = to - from;
  for (let at = Math.max(from, to - DIGESTED); at < to; at += 1)
    digested = Math.imul(digested ^ bytes[at]!, 0x0100_0193);
  return digested;
}

function holds(alike: readonly Buffer[], bytes: Buffer, from: number, to: number): boolean {
  for (const it of alike) if (it.length === to - from && it.compare(bytes, from, to) === 0) return true;
  return false;
}
