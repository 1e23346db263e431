/** One sentence of the contract, and what many of them need. It must never know on which arm it is checked. */
import type { End, Lab } from './arm.ts';

export interface Expectation {
  readonly sentence: string;
  readonly check: (lab: Lab) => Promise<void>;
}

export const MEGABYTE = 1024 * 1024;

/** More than any system takes off the hands of a sender whose peer does not read. */
export const TOO_MUCH = 32 * MEGABYTE;

/** Bytes that show when any is lost, doubled or out of place. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8) * 13 + (i >> 16)) & 255;
  return bytes;
}

/** Writes `TOO_MUCH`, whatever `write` answers. */
export function writeTooMuch(end: End): void {
  const chunk = Buffer.alloc(MEGABYTE);
  for (let sent = 0; sent < TOO_MUCH; sent += chunk.length) end.write(chunk);
}
