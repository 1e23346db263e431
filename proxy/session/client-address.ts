/**
 * Where a client really comes from, if its load balancer says so by the PROXY protocol (odp-relay.md §2.2): the first bytes
 * of a connection are looked at before the session that they are for, which then has them without the header.
 *
 * ODP believes whoever begins with such a header. Here nobody is believed but the addresses in `proxy_protocol_networks`,
 * which is empty unless somebody fills it (≠ODP): else every client could say to be any other, and pass the white list.
 * From there a connection may begin with a header or without one, as in ODP and MariaDB. The header comes before TLS, and
 * before the login on any kind of session; the greeting does not wait for it.
 */
import type { ConfigItems } from '../config.ts';
import type { Address, Connection, ConnectionEvents } from '../ports.ts';
import { readProxyHeader } from '../wire/proxy-header.ts';
import type { Cause } from './cause.ts';
import { isAmong, type Networks, parseNetworks } from './networks.ts';

/** The session behind, whatever its kind. */
export interface AddressedSession extends ConnectionEvents {
  readonly connection: Connection;
  /** From where its client comes; of its connection until a header says another. */
  client: Address;
  stop(cause: Cause): void;
}

/** Whoever gets the events of a new connection: the session itself, or what looks at its first bytes before. */
export function withItsAddress(session: AddressedSession, items: ConfigItems): ConnectionEvents {
  return maySpeakProxyProtocol(session.connection.remote.host, items) ? new HeaderReader(session) : session;
}

function maySpeakProxyProtocol(host: string, items: ConfigItems): boolean {
  if (items.proxy_protocol_networks === '') return false;
  const networks: Networks | null = parseNetworks(items.proxy_protocol_networks);
  return networks !== null && isAmong(host, networks);
}

class HeaderReader implements ConnectionEvents {
  readonly #session: AddressedSession;
  /** What has come of a header that is not whole; null once there is none to wait for. */
  #begun: Buffer | null = Buffer.alloc(0);

  constructor(session: AddressedSession) {
    this.#session = session;
  }

  data(chunk: Buffer): void {
    if (this.#begun === null) this.#session.data(chunk);
    else this.#look(this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk]));
  }

  #look(bytes: Buffer): void {
    const reading = readProxyHeader(bytes);
    switch (reading.kind) {
      case 'more':
        this.#begun = Buffer.from(bytes);
        break;
      case 'none':
        this.#begun = null;
        this.#session.data(bytes);
        break;
      case 'header': {
        this.#begun = null;
        if (reading.client !== null) this.#session.client = reading.client;
        const rest = bytes.subarray(reading.size);
        if (rest.length > 0) this.#session.data(rest);
        break;
      }
      case 'bad':
        this.#begun = null;
        this.#session.stop({ kind: 'bad PROXY header', why: reading.why });
    }
  }

  drain(): void {
    this.#session.drain();
  }

  flushed(): void {
    this.#session.flushed();
  }

  end(): void {
    this.#session.end();
  }

  reset(): void {
    this.#session.reset();
  }

  secured(): void {
    this.#session.secured?.();
  }

  tlsFailed(why: string): void {
    this.#session.tlsFailed?.(why);
  }

  closed(): void {
    this.#session.closed();
  }
}
