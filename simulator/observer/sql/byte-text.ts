/**
 * The text of a request, which may not be UTF-8 all through: drivers write a BLOB into a statement as it is.
 *
 * A byte that is no UTF-8 stands in the text as U+DC80 … U+DCFF, half a pair that no text in UTF-8 has; so it is an
 * ordinary character to the scanner and can be had back. Knows no grammar.
 */

/** In the place of a byte: this and the byte. */
const HALF_PAIR = 0xdc00;
/** With `u` it finds only those that are not the second half of a pair. */
const STRANGE = /([\udc80-\udcff]+)/u;
/** What a decoder puts in the place of a byte that is no UTF-8; it may also have been sent. */
const REPLACEMENT = '\ufffd';

export function textOfBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes(REPLACEMENT)) return text;
  let whole = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      whole += bytes.toString('utf8', from, at) + String.fromCharCode(HALF_PAIR + bytes[at]!);
      from = at + 1;
    }
    at += Math.max(length, 1);
  }
  return whole + bytes.toString('utf8', from);
}

/** The bytes that a text was made of. */
export function bytesOfText(text: string): Buffer {
  if (!STRANGE.test(text)) return Buffer.from(text);
  const parts = text.split(STRANGE);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? Buffer.from(part) : Buffer.from(part, 'utf16le').filter((_, at) => at % 2 === 0),
    ),
  );
}

/** A text that is none stays what it was: bytes. */
export function textOrBytes(text: string): string | Buffer {
  return STRANGE.test(text) ? bytesOfText(text) : text;
}

/** First byte, last byte, length, and what the second one may be (Unicode, "Well-Formed UTF-8 Byte Sequences"). */
const SEQUENCES: readonly (readonly [first: number, last: number, length: number, low: number, high: number])[] = [
  [0x00, 0x7f, 1, 0, 0],
  [0xc2, 0xdf, 2, 0x80, 0xbf],
  [0xe0, 0xe0, 3, 0xa0, 0xbf],
  [0xe1, 0xec, 3, 0x80, 0xbf],
  [0xed, 0xed, 3, 0x80, 0x9f],
  [0xee, 0xef, 3, 0x80, 0xbf],
  [0xf0, 0xf0, 4, 0x90, 0xbf],
  [0xf1, 0xf3, 4, 0x80, 0xbf],
  [0xf4, 0xf4, 4, 0x80, 0x8f],
];

/** How many bytes the character has that begins here; 0 if none does. */
function sequenceLength(bytes: Buffer, at: number): number {
  const byte = bytes[at]!;
  for (const [first, last, length, low, high] of SEQUENCES) {
    if (byte < first || byte > last) continue;
    if (length === 1) return 1;
    const second = bytes[at + 1] ?? 0;
    if (second < low || second > high) return 0;
    for (let i = 2; i < length; i += 1) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
    return length;
  }
  return 0;
}
