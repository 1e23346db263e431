/**
 * Mutations of a good packet: flipped bytes, cut tails, more at the end, lengths that point past it.
 */
import { HEADER_SIZE } from '../../proxy/wire/framing.ts';
import type { Dice } from './dice.ts';

type Mutation = (packet: Buffer, dice: Dice) => Buffer;

/** A header of 4, flags, packet size, charset, filler of 23: behind it the user name. */
const USER_AT = HEADER_SIZE + 32;

/** One or two mutations of a login packet. */
export function mutatedLogin(packet: Buffer, dice: Dice): Buffer {
  let mutated = dice.pick(MUTATIONS)(Buffer.from(packet), dice);
  if (dice.below(3) === 0) mutated = dice.pick(MUTATIONS)(mutated, dice);
  return mutated;
}

const MUTATIONS: readonly Mutation[] = [
  // Any bytes become others.
  (packet, dice) => {
    const copy = Buffer.from(packet);
    for (let left = dice.between(1, 4); left > 0; left -= 1) copy[dice.below(copy.length)] = dice.below(256);
    return copy;
  },
  // One bit of the flags.
  (packet, dice) => {
    const copy = Buffer.from(packet);
    const at = HEADER_SIZE + dice.below(4);
    if (at < copy.length) copy[at] = copy[at]! ^ (1 << dice.below(8));
    return copy;
  },
  // One character of the user name: parting marks, NUL, half a character of several bytes.
  (packet, dice) => {
    const copy = Buffer.from(packet);
    const end = copy.indexOf(0, USER_AT);
    if (end > USER_AT)
      copy[dice.between(USER_AT, end - 1)] = dice.pick([0x00, 0x23, 0x40, 0x3a, 0x2d, 0x27, 0xc3, 0xff]);
    return copy;
  },
  // The length of the auth response: none, too long, and the marks of longer lengths.
  (packet, dice) => {
    const copy = Buffer.from(packet);
    const end = copy.indexOf(0, USER_AT);
    if (end > 0 && end + 1 < copy.length)
      copy[end + 1] = dice.pick([0, 1, 21, 0x7f, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]);
    return copy;
  },
  // No NUL behind the user name.
  (packet) => withLength(Buffer.from(packet.map((byte, at) => (at >= USER_AT && byte === 0 ? 0x61 : byte)))),
  // Cut, and its header says so.
  (packet, dice) => withLength(packet.subarray(0, dice.between(HEADER_SIZE, packet.length))),
  // Cut, and its header does not.
  (packet, dice) => packet.subarray(0, dice.between(1, packet.length)),
  // Longer, and its header says so; the user name too long, or what stands behind all.
  (packet, dice) => withLength(Buffer.concat([packet, dice.bytes(dice.between(1, 600))])),
  (packet, dice) => {
    const more = Buffer.alloc(dice.between(1, 4000), dice.pick([0x61, 0x40, 0xc3]));
    return withLength(Buffer.concat([packet.subarray(0, USER_AT), more, packet.subarray(USER_AT)]));
  },
  // Shorter or longer in its header only.
  (packet, dice) => {
    const copy = Buffer.from(packet);
    if (copy.length >= 3) copy.writeUIntLE(dice.below(2 * copy.length), 0, 3);
    return copy;
  },
];

/** The packet with the length that it has in its header. */
function withLength(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  if (copy.length >= HEADER_SIZE) copy.writeUIntLE(copy.length - HEADER_SIZE, 0, 3);
  return copy;
}
