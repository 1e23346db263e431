/**
 * What is on its way to one end of a connection in memory, in order: first the sign that opens it, then bytes, then FIN
 * or RST. It says when the first of it can be handed over; it must never know the other lanes, nor who its receiver is.
 */
import type { Choices } from '../../proxy/ports.ts';

/** Bytes the system takes off a sender whose peer does not read: its send buffer and the peer's receive buffer. */
export const WINDOW = 64 * 1024;

/** Sockets hand over at most this much at a time; what is written in one piece beyond it arrives in several. */
export const CHUNK = 64 * 1024;

/** At most this many chunks are joined into one, and at most this many ways to cut one are offered. */
const MERGES = 8;
const CUTS = 64;

/** What a lane needs of its network. */
export interface LaneWires {
  readonly choices: Choices;
  stamp(): number;
  /** When what is sent now arrives: never before `last`, which was sent before it. 0 where links take no time. */
  arrival(last: number): number;
  /** Whether that moment has come. */
  arrived(due: number): boolean;
  place(lane: Lane): void;
}

/** The end that a lane leads to. */
export interface Receiver {
  readonly gone: boolean;
  readonly paused: boolean;
  receive(chunk: Buffer): void;
  receiveSign(sign: Sign): void;
}

export type Sign = 'syn' | 'open' | 'refused' | 'fin' | 'rst';

interface Item {
  /** Its place among all items of the network. */
  readonly stamp: number;
  /** When it arrives; before that it cannot be delivered. */
  readonly due: number;
  readonly what: Sign | Buffer;
}

export class Lane {
  /** Kept by the network: whether it stands among the ready lanes. */
  ready = false;
  /** Kept by the network: when it looks again for a first item that is still under way; −1 when it does not. */
  awaited = -1;
  /** Bytes of data in it. */
  bytes = 0;
  readonly #wires: LaneWires;
  readonly #to: Receiver;
  #items: Item[] = [];
  #fin = false;
  #lastDue = 0;

  constructor(wires: LaneWires, to: Receiver) {
    this.#wires = wires;
    this.#to = to;
  }

  /** Whether the first item can be handed over now. Data waits for a paused reader; a gone one takes (and drops) all. */
  get deliverable(): boolean {
    const first = this.#items[0];
    if (first === undefined || !this.#wires.arrived(first.due)) return false;
    return typeof first.what === 'string' || this.#to.gone || !this.#to.paused;
  }

  /** When the first item arrives; 0 when there is none. */
  get firstDue(): number {
    return this.#items[0]?.due ?? 0;
  }

  get firstStamp(): number {
    return this.#items[0]!.stamp;
  }

  add(what: Sign | Buffer): void {
    if (typeof what !== 'string') this.bytes += what.length;
    else if (what === 'fin') this.#fin = true;
    this.#lastDue = this.#wires.arrival(this.#lastDue);
    this.#items.push({ stamp: this.#wires.stamp(), due: this.#lastDue, what });
    if (what === 'rst') this.letResetPass();
    else if (this.#items.length === 1) this.#wires.place(this);
  }

  /** The sender stops for good: of its bytes only the first `keep`, which the system has, still travel. A FIN stays. */
  cut(keep: number): void {
    if (this.bytes <= keep) return;
    const items: Item[] = [];
    let left = keep;
    for (const item of this.#items) {
      if (typeof item.what === 'string') {
        items.push(item);
      } else if (left > 0) {
        const part = item.what.subarray(0, left);
        items.push({ ...item, what: part });
        left -= part.length;
      }
    }
    this.#items = items;
    this.bytes = keep;
    this.#wires.place(this);
  }

  /** The receiver is gone: all bytes and FIN fall away; what opens a connection, and RST, do no harm. */
  drop(): void {
    this.#items = this.#items.filter(({ what }) => what === 'syn' || what === 'rst');
    this.bytes = 0;
    this.#fin = false;
    this.#wires.place(this);
  }

  /**
   * A RST is heard by a paused end at once, and what it has not read is lost – as long as it listens at all: behind a
   * FIN, or with its buffer full, it is deaf and hears the RST in its turn.
   */
  letResetPass(): void {
    if (this.#to.paused && !this.#fin && this.bytes < WINDOW && this.#items.at(-1)?.what === 'rst') this.overtake();
    else this.#wires.place(this);
  }

  /** A RST passes all that is on its way, which is lost. */
  overtake(): void {
    this.#items = this.#items.filter(({ what }) => typeof what === 'string' && what !== 'fin');
    this.bytes = 0;
    this.#fin = false;
    this.#wires.place(this);
  }

  /** Bytes that were handed over together with others that came before them: they are handed over next. */
  giveBack(rest: Buffer): void {
    this.#items.unshift({ stamp: this.#wires.stamp(), due: 0, what: rest });
    this.bytes += rest.length;
    this.#wires.place(this);
  }

  deliver(): void {
    const { what } = this.#items[0]!;
    if (typeof what === 'string') {
      this.#items.shift();
      this.#wires.place(this);
      this.#to.receiveSign(what);
      return;
    }
    if (!this.#to.gone) this.#join();
    const { stamp, due, what: first } = this.#items[0]! as Item & { what: Buffer };
    const place = this.#to.gone ? 0 : this.#wires.choices.choose('net.split', Math.min(first.length, CUTS));
    let chunk = first;
    if (place === 0) {
      this.#items.shift();
    } else {
      const at = cutAt(first.length, place);
      chunk = first.subarray(0, at);
      this.#items[0] = { stamp, due, what: first.subarray(at) };
    }
    this.bytes -= chunk.length;
    this.#wires.place(this);
    this.#to.receive(chunk);
  }

  /** Several small chunks may arrive as one: as many as are behind the first and fit one read. */
  #join(): void {
    let count = 1;
    let length = (this.#items[0]!.what as Buffer).length;
    for (; count < MERGES; count++) {
      const next = this.#items[count];
      if (next === undefined || typeof next.what === 'string' || length + next.what.length > CHUNK) break;
      if (!this.#wires.arrived(next.due)) break;
      length += next.what.length;
    }
    if (count === 1) return;
    const joined = this.#wires.choices.choose('net.merge', count);
    if (joined === 0) return;
    const taken = this.#items.splice(0, joined + 1);
    this.#items.unshift({ ...taken[0]!, what: Buffer.concat(taken.map(({ what }) => what as Buffer)) });
  }
}

/** Where decision `place` (from 1 on) cuts a chunk: near the front, where headers are, anywhere, or near the end. */
function cutAt(length: number, place: number): number {
  if (length <= CUTS || place <= CUTS / 4) return place;
  if (place >= (CUTS * 3) / 4) return length - (CUTS - place);
  return Math.floor((length * (place - CUTS / 4)) / (CUTS / 2));
}
