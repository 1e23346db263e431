/** Hosts behind gates, for the tests of what passes between them. */
import type { Address, Connection, ConnectionEvents, Network } from '../../proxy/ports.ts';
import { Gates, type Link, type Tap } from '../../simulator/world/gates.ts';
import type { TwoArmed } from './arms.ts';

/** A MySQL packet. */
export function packet(payload: string, sequence = 0): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, Buffer.from(payload, 'latin1')]);
}

/** One host's end: what it heard, in order, data joined. */
export class Peer implements ConnectionEvents {
  connection!: Connection;
  readonly signs: string[] = [];
  bytes = '';
  onData: (() => void) | undefined;

  data(chunk: Buffer): void {
    this.bytes += chunk.toString('latin1');
    this.onData?.();
  }

  /** The payloads of the whole packets heard, then `+` if a part of another was. */
  get packets(): string {
    const all = Buffer.from(this.bytes, 'latin1');
    const list: string[] = [];
    let at = 0;
    while (at + 4 <= all.length && at + 4 + all.readUIntLE(at, 3) <= all.length) {
      const end = at + 4 + all.readUIntLE(at, 3);
      list.push(all.toString('latin1', at + 4, end));
      at = end;
    }
    return list.join(' ') + (at < all.length ? '+' : '');
  }

  drain(): void {}
  flushed(): void {}

  opened(): void {
    this.signs.push('opened');
  }

  refused(): void {
    this.signs.push('refused');
  }

  end(): void {
    this.signs.push('end');
  }

  reset(): void {
    this.signs.push('reset');
  }

  closed(): void {
    this.signs.push('closed');
  }
}

/** Three hosts: alice and bob connect to the proxy. */
export class Stage {
  readonly arm: TwoArmed;
  readonly gates: Gates;
  readonly trace: string[] = [];
  readonly accepted: Peer[] = [];
  address!: Address;

  constructor(arm: TwoArmed) {
    this.arm = arm;
    this.gates = new Gates(arm.network, arm.clock, { tap: this.#tap() });
  }

  #tap(): Tap {
    const { trace } = this;
    return {
      connected(link: Link) {
        trace.push(`${link.id} ${link.from} > ${link.to} connected`);
      },
      refused(link: Link) {
        trace.push(`${link.id} ${link.from} > ${link.to.replace(/^[\d.]+:\d+$/, 'nobody')} refused`);
      },
      data(link: Link, chunk: Buffer) {
        trace.push(`${link.id} ${link.from} > ${link.to} ${chunk.length}`);
      },
      fin(link: Link) {
        trace.push(`${link.id} ${link.from} > ${link.to} fin`);
      },
      rst(link: Link) {
        trace.push(`${link.id} ${link.from} > ${link.to} rst`);
      },
    };
  }

  async open(): Promise<void> {
    const { accepted } = this;
    this.gates.host('proxy').listen(this.arm.address, {
      listening: (address) => {
        this.address = address;
      },
      failed() {},
      closed() {},
      accept(connection) {
        const peer = new Peer();
        peer.connection = connection;
        accepted.push(peer);
        return peer;
      },
    });
    await this.arm.settle();
  }

  connect(host: string): Peer {
    const network: Network = this.gates.host(host);
    const peer = new Peer();
    peer.connection = network.connect(this.address, peer);
    return peer;
  }

  async joined(host: string): Promise<{ client: Peer; server: Peer }> {
    const client = this.connect(host);
    await this.arm.settle();
    return { client, server: this.accepted.at(-1)! };
  }
}

export async function staged(make: () => TwoArmed): Promise<Stage> {
  const stage = new Stage(make());
  await stage.open();
  return stage;
}
