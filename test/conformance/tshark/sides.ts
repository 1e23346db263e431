/**
 * What Wireshark reads before the proxy against what it reads behind it, packet by packet and field by field, but for what
 * the proxy is documented to change.
 */
import { CAP } from '../../../proxy/wire/constants.ts';
import { type Dissected, type Field, lineOf } from './dissection.ts';

/** A flag that one side has and the other has not. */
interface FlagChange {
  readonly name: string;
  /** Wireshark's field of 16 flags, and which of them. */
  readonly field: string;
  readonly flag: number;
  /** Whether it is set before the client; on the server's side it is the other way round. */
  readonly atClient: boolean;
}

const UPPER = 16;

/** Before a MariaDB server (decisions.md 18, `agreement.ts`); the login's are flags that the client sets unasked. */
const FLAG_CHANGES: readonly FlagChange[] = [
  { name: 'compression is not offered', field: 'caps.server', flag: CAP.COMPRESS, atClient: false },
  { name: 'compression is not asked for', field: 'caps.client', flag: CAP.COMPRESS, atClient: true },
  {
    name: 'left-out column definitions are not asked for',
    field: 'extcaps.client',
    flag: CAP.OPTIONAL_RESULTSET_METADATA >>> UPPER,
    atClient: true,
  },
];

/** Flags that a client may set although nobody offers them: the proxy takes them out of its login. */
export const UNASKED = CAP.COMPRESS | CAP.OPTIONAL_RESULTSET_METADATA;

/** What the proxy answers itself (decisions.md 18): the server sees nothing of it. */
const OWN = /\bPROXYSESSION\b/;

/** Where the two differ without a documented reason; empty if they do not. `client`, `server`: whose side of the proxy. */
export function differences(client: readonly Dissected[], server: readonly Dissected[], unasked: number): string[] {
  const forwarded = withoutOwnAnswers(client).map(lineOf);
  const expected = server.map((packet) => lineOf(atClient(packet, unasked)));
  return linesThatDiffer(forwarded, expected);
}

/** Up to `MOST` of them, each with its place and what stands on either side. */
export function linesThatDiffer(left: readonly string[], right: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length) && found.length < MOST; i += 1) {
    if (left[i] !== right[i]) found.push(`packet ${i}\n  ${shown(left[i])}\n  ${shown(right[i])}`);
  }
  return found;
}

const MOST = 5;
const WIDTH = 700;

function shown(line: string | undefined): string {
  return line === undefined ? '(nothing)' : line.slice(0, WIDTH);
}

/** How many of the client's commands the proxy answered itself. */
export function ownAnswers(client: readonly Dissected[]): number {
  return client.filter(isOwn).length;
}

function withoutOwnAnswers(client: readonly Dissected[]): Dissected[] {
  let own = false;
  return client.filter((packet) => {
    if (packet.from === 'client') own = isOwn(packet);
    return !own;
  });
}

function isOwn({ fields }: Dissected): boolean {
  return fields.some(({ name, text }) => name === 'query' && OWN.test(text));
}

/** A packet of the server's side as it must be on the client's. */
function atClient(packet: Dissected, unasked: number): Dissected {
  return { ...packet, fields: packet.fields.map((field) => changed(field, unasked)) };
}

function changed(field: Field, unasked: number): Field {
  const changes = FLAG_CHANGES.filter((it) => it.field === field.name && (!it.atClient || isSet(it, unasked)));
  if (changes.length === 0) return field;
  const value = changes.reduce((flags, it) => (it.atClient ? flags | it.flag : flags & ~it.flag), Number(field.text));
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return { ...field, text: `0x${value.toString(16).padStart(4, '0')}`, bytes: bytes.toString('hex') };
}

/** Among flags of 32 bits, of which a field has the upper or the lower half. */
function isSet({ field, flag }: FlagChange, flags: number): boolean {
  return ((field === 'extcaps.client' ? flags >>> UPPER : flags) & flag) !== 0;
}
