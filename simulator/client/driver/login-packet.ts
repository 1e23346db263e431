/**
 * The login packet of a driver, byte for byte as measured (clients.md §8.1).
 *
 * What depends on the greeting is said here; everything else is the dialect's data.
 */
import { CAP } from '../../../proxy/wire/constants.ts';
import { HEADER_SIZE, PacketWriter } from '../../../proxy/wire/framing.ts';
import type { Greeting } from '../../../proxy/wire/greeting.ts';
import { attribute, FILLER_SIZE, writeLogin } from '../../../proxy/wire/login.ts';
import { NATIVE_PASSWORD, nativePassword, type Sha1 } from '../../../proxy/wire/scramble.ts';
import type { LoginForm } from './dialect.ts';

/** What a driver tells a server of the machine it runs on. */
export interface Machine {
  readonly pid: number;
  readonly hostName: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
}

/** What the attributes may name besides the machine. */
export interface Ends {
  readonly server: string;
  readonly ip: string;
  readonly port: number;
}

/** Only claimed where the server offers it; PLUGIN_AUTH_LENENC is claimed anyway by those that have it (clients.md §8.1). */
const IF_OFFERED = CAP.SESSION_TRACK | CAP.CONNECT_ATTRS | CAP.PLUGIN_AUTH;

const FILLER: Buffer = Buffer.alloc(FILLER_SIZE);

/** Flags of a session of this driver with that server. */
export function sessionFlags(form: LoginForm, greeting: Greeting, database: string | null): number {
  const offered = greeting.capabilities | ~IF_OFFERED;
  const named = form.alwaysDatabase || database !== null ? CAP.CONNECT_WITH_DB : 0;
  return ((form.capabilities & offered) | named) >>> 0;
}

export function loginPacket(
  form: LoginForm,
  greeting: Greeting,
  who: Credentials,
  machine: Machine,
  ends: Ends,
  sha1: Sha1,
): Buffer {
  const out = new PacketWriter(1, 512);
  writeLogin(out, {
    capabilities: sessionFlags(form, greeting, who.database),
    maxPacket: form.maxPacket,
    charset: form.charset === 'greeting' ? greeting.charset : form.charset,
    filler: FILLER,
    user: who.user,
    authResponse: nativePassword(sha1, who.password, greeting.scramble),
    database: who.database,
    plugin: NATIVE_PASSWORD,
    attributes: form.attributes.map(([name, value]) => attribute(name, valueIn(value, machine, ends))),
  });
  const packet = Buffer.from(out.view());
  return form.longBlock ? withLongBlock(packet, form, machine, ends) : packet;
}

function valueIn(value: string, machine: Machine, ends: Ends): string {
  switch (value) {
    case '%pid':
      return String(machine.pid);
    case '%host':
      return machine.hostName;
    case '%server':
      return ends.server;
    case '%ip':
      return ends.ip;
    case '%port':
      return String(ends.port);
    default:
      return value;
  }
}

/** The same packet with the length of its attribute block in three bytes. */
function withLongBlock(packet: Buffer, form: LoginForm, machine: Machine, ends: Ends): Buffer {
  let size = 0;
  for (const [name, value] of form.attributes) {
    size += 2 + Buffer.byteLength(name) + Buffer.byteLength(valueIn(value, machine, ends));
  }
  const at = packet.length - size - 1;
  // Longer than 250 bytes it has three already; without the block there is nothing to do.
  if (at < HEADER_SIZE || packet[at] !== size || size > 250) return packet;
  const whole = Buffer.concat([packet.subarray(0, at), Buffer.of(0xfc, size, 0), packet.subarray(at + 1)]);
  whole.writeUIntLE(whole.length - HEADER_SIZE, 0, 3);
  return whole;
}
