/**
 * Requests of our own, made of a command byte and a text.
 */
import { PacketWriter } from '../wire/framing.ts';

/** `text`: latin1. */
export function commandPacket(byte: number, text: string): Buffer {
  const out = new PacketWriter(0, text.length + 16);
  out.begin();
  out.u8(byte);
  // The texts are the client's bytes, one a character.
  out.bytes(Buffer.from(text, 'latin1'));
  out.end();
  return out.view();
}
