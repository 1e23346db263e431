/**
 * What an observer says first (observer.md §1.1): the short version, its capabilities, a scramble.
 *
 * The scramble differs from session to session and is the same in every run: it comes from the session's id.
 */
import { CAP } from '../../proxy/wire/constants.ts';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import { SCRAMBLE_SIZE, writeGreeting } from '../../proxy/wire/greeting.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';

/** Hard coded in real observers too; the long version is in the variables only. */
const VERSION = '5.7.25';
const CAPABILITIES = 0x309c_f7df;
const CHARSET = 46;

/** Printable, and never a quote's trouble: `A` and the 57 characters behind it. */
const FIRST_PRINTABLE = 65;
const PRINTABLE = 58;

export function observerGreeting(id: number, scramble: Buffer, offersTls: boolean): Buffer {
  const out = new PacketWriter(0, 128);
  writeGreeting(out, {
    version: VERSION,
    threadId: id,
    scramble,
    capabilities: offersTls ? CAPABILITIES | CAP.SSL : CAPABILITIES,
    charset: CHARSET,
    status: 0,
    plugin: NATIVE_PASSWORD,
  });
  return out.view();
}

export function scrambleOf(id: number): Buffer {
  const scramble = Buffer.alloc(SCRAMBLE_SIZE);
  let mixed = id | 1;
  for (let i = 0; i < SCRAMBLE_SIZE; i += 1) {
    // A linear congruence is enough: nothing here is secret.
    mixed = (Math.imul(mixed, 1_664_525) + 1_013_904_223) | 0;
    scramble[i] = FIRST_PRINTABLE + ((mixed >>> 16) % PRINTABLE);
  }
  return scramble;
}
