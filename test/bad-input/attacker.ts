/**
 * Runs an attack on a real socket, and says what went otherwise than expected.
 *
 * Plain `node:net`, not our own adapter: what a bad client sees must not depend on it.
 */
import { Socket } from 'node:net';
import type { Address } from '../../proxy/ports.ts';
import type { Attack, Leaving, Step } from './attack.ts';
import { Hearing } from './hearing.ts';

/** Whatever is awaited comes long before this, or never; milliseconds. */
const PATIENCE = 10_000;
/** Longer than the proxy waits for the answer to its FIN (decisions.md 34). */
const LINGERED = 1200;

type Ending = 'open' | 'FIN' | 'RST' | 'closed';

/** Null: all as expected. */
export async function attack(it: Attack, target: Address): Promise<string | null> {
  const attacker = new Attacker(target);
  try {
    for (const step of it.steps) await attacker.take(step);
    return null;
  } catch (error) {
    if (!(error instanceof Disappointment)) throw error;
    return `${error.message}; it had heard ${JSON.stringify(attacker.said)}, and the connection was ${attacker.ending()}`;
  } finally {
    await attacker.go();
  }
}

class Disappointment extends Error {
  override name = 'Disappointment';
}

class Attacker {
  readonly #socket: Socket;
  readonly #hearing = new Hearing();
  #ending: Ending = 'open';
  #connected = false;
  #closed = false;
  /** How much of what was said has been expected. */
  #understood = 0;
  #wake: () => void = () => {};

  constructor({ host, port }: Address) {
    const socket = new Socket({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#connected = true;
      this.#wake();
    });
    socket.on('data', (chunk) => {
      this.#hearing.hear(chunk);
      this.#wake();
    });
    socket.on('end', () => {
      this.#ending = 'FIN';
      this.#wake();
    });
    socket.on('error', () => {
      this.#ending = 'RST';
      this.#wake();
    });
    socket.on('close', () => {
      this.#closed = true;
      if (this.#ending === 'open') this.#ending = 'closed';
      this.#wake();
    });
    socket.connect({ host, port, noDelay: true });
  }

  /** (No property: what is known of one does not change across an await, to the compiler.) */
  ending(): Ending {
    return this.#ending;
  }

  get said(): readonly string[] {
    return this.#hearing.said;
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'greeted':
        await this.#next(/^greeting \d+$/);
        return;
      case 'sends':
        this.#socket.write(step.bytes);
        return;
      case 'hears':
        await this.#next(step.answer);
        return;
      case 'stops reading':
        this.#socket.pause();
        return;
      case 'rests':
        await new Promise((resolve) => setTimeout(resolve, step.milliseconds));
        return;
      case 'closed':
        await this.#beClosed(step.answered);
        return;
      case 'leaves':
        await this.#leave(step.how);
    }
  }

  /** However it ended: nothing of it is left. */
  async go(): Promise<void> {
    this.#socket.destroy();
    await this.#until('its own end', () => this.#closed);
  }

  async #next(expected: string | RegExp): Promise<void> {
    await this.#until(String(expected), () => this.said.length > this.#understood || this.ending() !== 'open');
    const said = this.said[this.#understood];
    const right = typeof expected === 'string' ? said === expected : said !== undefined && expected.test(said);
    if (!right) throw new Disappointment(`${expected} was expected, not ${said}`);
    this.#understood += 1;
  }

  async #beClosed(answered: boolean): Promise<void> {
    await this.#until('FIN', () => this.ending() !== 'open' || this.said.length > this.#understood);
    this.#expectNothingMore('before the FIN');
    if (this.ending() !== 'FIN') throw new Disappointment(`FIN was expected, not ${this.ending()}`);
    if (answered) {
      this.#socket.end();
      await this.#until('the end of both sides', () => this.#closed);
    } else {
      await new Promise((resolve) => setTimeout(resolve, LINGERED));
      // By now nobody is there, and so a byte is answered with RST; behind a FIN only the next write tells.
      const writing = setInterval(() => this.#socket.write(Buffer.of(0)), 20);
      await this.#until('RST', () => this.#closed).finally(() => clearInterval(writing));
    }
  }

  async #leave(how: Leaving): Promise<void> {
    await this.#until('the connection', () => this.#connected || this.ending() !== 'open');
    if (this.ending() !== 'open') throw new Disappointment(`${this.ending()} before we left`);
    this.#expectNothingMore('before we left');
    if (how === 'FIN') {
      this.#socket.end();
      await this.#until('the answer to our FIN', () => this.#closed);
      if (this.ending() !== 'FIN') throw new Disappointment(`FIN was expected, not ${this.ending()}`);
      const err = this.said.slice(this.#understood).find((it) => it.startsWith('ERR'));
      if (err !== undefined) throw new Disappointment(`${err} after our FIN`);
    } else if (how === 'RST') {
      this.#socket.resetAndDestroy();
    } else {
      this.#socket.destroy();
    }
  }

  #expectNothingMore(when: string): void {
    const more = this.said[this.#understood];
    if (more !== undefined) throw new Disappointment(`nothing was expected ${when}, not ${more}`);
    if (this.#hearing.pending > 0) throw new Disappointment(`${this.#hearing.pending} bytes of a packet ${when}`);
  }

  /** Until it is so. */
  async #until(what: string, isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Disappointment(`${what}: nothing for ${PATIENCE} ms`)), PATIENCE);
      this.#wake = () => {
        if (isSo()) resolve();
      };
    }).finally(() => clearTimeout(timer));
  }
}
