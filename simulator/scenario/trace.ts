/**
 * What travelled, a line each: every packet, FIN and RST with the virtual time at which it was received.
 *
 * Looks on through a gate's tap; between the packets stand the steps of the page that caused them.
 */
import type { Clock } from '../../proxy/ports.ts';
import { Conversation, type Speaker } from '../../proxy/wire/describe.ts';
import type { Link, Tap } from '../world/gates.ts';
import type { Step } from './scenario.ts';

/** Room for the two ends of a link. */
const LINK_WIDTH = 28;

export class Trace implements Tap {
  readonly lines: string[] = [];
  readonly #source: readonly string[];
  readonly #conversations = new Map<number, Conversation>();
  #clock: Clock | null = null;
  #start = 0;

  /** `source`: the lines of the page. */
  constructor(source: readonly string[]) {
    this.#source = source;
  }

  /** From here on time is counted. */
  begin(clock: Clock): void {
    this.#clock = clock;
    this.#start = clock.now();
  }

  step(step: Step): void {
    this.lines.push(`${String(step.line).padStart(5)}: ${this.#source[step.line - 1]?.trim() ?? ''}`);
  }

  connected(link: Link): void {
    this.#add(link, 'connected');
  }

  refused(link: Link): void {
    this.#add(link, 'refused');
  }

  data(link: Link, chunk: Buffer): void {
    let conversation = this.#conversations.get(link.id);
    if (conversation === undefined) {
      const lower = Math.min(rank(link.from), rank(link.to));
      conversation = new Conversation(lower === 0 && rank(link.from) + rank(link.to) === 1);
      this.#conversations.set(link.id, conversation);
    }
    for (const text of conversation.feed(speakerOf(link), chunk)) this.#add(link, text);
  }

  fin(link: Link): void {
    // What was cut off in the middle of a packet is told before it.
    for (const text of this.#conversations.get(link.id)?.end(speakerOf(link)) ?? []) this.#add(link, text);
    this.#add(link, 'FIN');
  }

  secured(link: Link): void {
    this.#conversations.get(link.id)?.secured();
    this.#add(link, 'TLS');
  }

  rst(link: Link): void {
    this.#add(link, 'RST');
  }

  #add(link: Link, what: string): void {
    const time = this.#clock === null ? 0 : (this.#clock.now() - this.#start) / 1000;
    const ends = `${link.from} → ${link.to} #${link.id}`.padEnd(LINK_WIDTH);
    this.lines.push(`${time.toFixed(3).padStart(12)}  ${ends} ${what}`);
  }
}

/** Observers are connected to, clients connect, the proxy does both. */
function rank(host: string): number {
  if (host.startsWith('observer ')) return 0;
  return host === 'proxy' ? 1 : 2;
}

function speakerOf(link: Link): Speaker {
  return rank(link.from) > rank(link.to) ? 'client' : 'server';
}
