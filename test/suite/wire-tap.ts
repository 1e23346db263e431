/** One hash over all that is ever delivered: which link, which bytes, FIN and RST. */
import { createHash } from 'node:crypto';
import type { Link, Tap } from '../../simulator/world/gates.ts';

export class WireTap implements Tap {
  readonly #hash = createHash('sha256');
  #events = 0;
  #bytes = 0;

  /** Beside what is delivered. */
  note(text: string): void {
    this.#hash.update(`${text}\n`);
  }

  /** As JSON: the hash, and how much it is of. */
  report(): string {
    return JSON.stringify({ hash: this.#hash.digest('hex'), events: this.#events, bytes: this.#bytes });
  }

  #event(what: string, { id, from, to }: Link): void {
    this.#events += 1;
    this.note(`${what} ${id} ${from} ${to}`);
  }

  connected(link: Link): void {
    this.#event('connected', link);
  }

  refused(link: Link): void {
    this.#event('refused', link);
  }

  data(link: Link, chunk: Buffer): void {
    this.#event(`data ${chunk.length}`, link);
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
  }

  fin(link: Link): void {
    this.#event('FIN', link);
  }

  rst(link: Link): void {
    this.#event('RST', link);
  }
}
