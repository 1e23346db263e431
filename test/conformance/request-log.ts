/**
 * What each client has asked the proxy, or an observer itself, in order: its requests as `COM_QUERY SELECT 1`, one list a
 * connection.
 *
 * A tap of the gates; the login packet is written as `login`, with the database it names.
 */
import { COM } from '../../proxy/wire/constants.ts';
import { PacketReader } from '../../proxy/wire/framing.ts';
import { readLogin } from '../../proxy/wire/login.ts';
import type { Link, Tap } from '../../simulator/world/gates.ts';

const NAMES = new Map(Object.entries(COM).map(([name, byte]) => [byte as number, `COM_${name}`]));

export class RequestLog implements Tap {
  /** By connection, in the order in which they came. */
  readonly connections: string[][] = [];
  readonly #readers = new Map<number, { readonly reader: PacketReader; readonly lines: string[] }>();

  data(link: Link, chunk: Buffer): void {
    // A client is called by its address; all other links lead from a named host.
    if (!link.from.includes(':')) return;
    let known = this.#readers.get(link.id);
    if (known === undefined) {
      known = { reader: new PacketReader(), lines: [] };
      this.#readers.set(link.id, known);
      this.connections.push(known.lines);
    }
    const { reader, lines } = known;
    // The reader keeps views; the chunk is the proxy's.
    reader.push(Buffer.from(chunk));
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      lines.push(lines.length === 0 ? loginLine(packet.payload) : requestLine(packet.payload));
    }
  }
}

function loginLine(payload: Buffer): string {
  return `login ${readLogin(payload).database ?? ''}`.trimEnd();
}

function requestLine(payload: Buffer): string {
  const name = NAMES.get(payload[0]!) ?? `command ${payload[0]}`;
  return `${name} ${payload.toString('utf8', 1).replaceAll('\0', '')}`.trimEnd();
}
