/**
 * Digests and other codes of bytes: MD5, SHA1, SHA2, base 64, IPv4 addresses as numbers.
 *
 * MD5 by RFC 1321, SHA-1 and SHA-2 by FIPS 180-4. The constants of SHA-2 are the first bits behind the point of roots of
 * primes, and are made here as whole numbers: the same on every Node. For a simulated database, not to keep secrets with.
 */
import { textOf, toInteger, type Value } from '../sql/value.ts';
import { binaryType, orNull, textLength, textType, UNSIGNED } from '../types.ts';
import type { SqlFunction, Table } from './function.ts';

const WORD = 32n;
const MASK_32 = 0xffff_ffffn;

function bytesOf(value: Value | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(textOf(value ?? null) ?? '');
}

/** The message with its end: one bit, zeros, its length in bits; `block` bytes at a time. */
function padded(message: Buffer, block: number, littleEndian: boolean): Buffer {
  const lengthSize = block / 8;
  const size = Math.ceil((message.length + 1 + lengthSize) / block) * block;
  const out = Buffer.alloc(size);
  message.copy(out);
  out[message.length] = 0x80;
  const bits = BigInt(message.length) * 8n;
  if (littleEndian) out.writeBigUInt64LE(bits, size - 8);
  else out.writeBigUInt64BE(bits, size - 8);
  return out;
}

function rotatedLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

// MD5: the constants are those of the RFC, T[1 … 64].
const MD5_CONSTANTS: readonly number[] = [
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
  0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
  0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
  0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
  0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
  0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
  0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
  0xeb86d391,
];
const MD5_SHIFTS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
/** Which word of the block step `i` of each round takes. */
const MD5_WORDS: readonly (readonly [factor: number, offset: number])[] = [
  [1, 0],
  [5, 1],
  [3, 5],
  [7, 0],
];

function md5Mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function md5(message: Buffer): Buffer {
  const data = padded(message, 64, true);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < data.length; at += 64) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const [factor, offset] = MD5_WORDS[round]!;
      const word = data.readUInt32LE(at + 4 * ((factor * step + offset) % 16));
      const sum = (a + md5Mix(round, b, c, d) + MD5_CONSTANTS[step]! + word) | 0;
      [a, d, c, b] = [d, c, b, (b + rotatedLeft(sum, MD5_SHIFTS[round]![step % 4]!)) | 0];
    }
    for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index]! + value) | 0;
  }
  const out = Buffer.alloc(16);
  for (const [index, value] of state.entries()) out.writeInt32LE(value | 0, 4 * index);
  return out;
}

const SHA1_CONSTANTS: readonly number[] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

function sha1Mix(part: number, b: number, c: number, d: number): number {
  if (part === 0) return (b & c) | (~b & d);
  return part === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
}

function sha1(message: Buffer): Buffer {
  const data = padded(message, 64, false);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let at = 0; at < data.length; at += 64) {
    for (let t = 0; t < 16; t += 1) words[t] = data.readInt32BE(at + 4 * t);
    for (let t = 16; t < 80; t += 1) {
      words[t] = rotatedLeft(words[t - 3]! ^ words[t - 8]! ^ words[t - 14]! ^ words[t - 16]!, 1);
    }
    let [a, b, c, d, e] = state as [number, number, number, number, number];
    for (let t = 0; t < 80; t += 1) {
      const part = Math.floor(t / 20);
      const next = (rotatedLeft(a, 5) + sha1Mix(part, b, c, d) + e + SHA1_CONSTANTS[part]! + words[t]!) | 0;
      [e, d, c, b, a] = [d, c, rotatedLeft(b, 30), a, next];
    }
    for (const [index, value] of [a, b, c, d, e].entries()) state[index] = (state[index]! + value) | 0;
  }
  const out = Buffer.alloc(20);
  for (const [index, value] of state.entries()) out.writeInt32BE(value | 0, 4 * index);
  return out;
}

/** The first `count` primes. */
function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n += 1n) if (found.every((it) => n % it !== 0n)) found.push(n);
  return found;
}

/** The first `bits` bits behind the point of a root of `n`. */
function fraction(n: bigint, root: bigint, bits: bigint): bigint {
  const wanted = n << (root * bits);
  let low = 0n;
  let high = 1n << (bits + 10n);
  while (low + 1n < high) {
    const middle = (low + high) >> 1n;
    if (middle ** root <= wanted) low = middle;
    else high = middle;
  }
  return low & ((1n << bits) - 1n);
}

/** One of the two sizes of SHA-2. */
interface Sha2 {
  /** Bits of a word. */
  readonly bits: bigint;
  readonly constants: readonly bigint[];
  /** Rotations and the last shift of the schedule's two mixes, rotations of the step's two. */
  readonly schedule: readonly [readonly bigint[], readonly bigint[]];
  readonly step: readonly [readonly bigint[], readonly bigint[]];
}

const SMALL: Sha2 = {
  bits: WORD,
  constants: primes(64).map((it) => fraction(it, 3n, WORD)),
  schedule: [
    [7n, 18n, 3n],
    [17n, 19n, 10n],
  ],
  step: [
    [2n, 13n, 22n],
    [6n, 11n, 25n],
  ],
};
const LARGE: Sha2 = {
  bits: 64n,
  constants: primes(80).map((it) => fraction(it, 3n, 64n)),
  schedule: [
    [1n, 8n, 7n],
    [19n, 61n, 6n],
  ],
  step: [
    [28n, 34n, 39n],
    [14n, 18n, 41n],
  ],
};

const FIRST_ROOTS: readonly bigint[] = primes(8).map((it) => fraction(it, 2n, 64n));
const NEXT_ROOTS: readonly bigint[] = primes(16)
  .slice(8)
  .map((it) => fraction(it, 2n, 64n));

/** By the length of the digest in bits: which size, and the state it begins with. */
const SHA2: ReadonlyMap<number, readonly [Sha2, readonly bigint[]]> = new Map([
  [224, [SMALL, NEXT_ROOTS.map((it) => it & MASK_32)]],
  [256, [SMALL, FIRST_ROOTS.map((it) => it >> WORD)]],
  [384, [LARGE, NEXT_ROOTS]],
  [512, [LARGE, FIRST_ROOTS]],
]);

function rotatedRight(word: bigint, by: bigint, bits: bigint): bigint {
  return ((word >> by) | (word << (bits - by))) & ((1n << bits) - 1n);
}

function sha2(message: Buffer, length: number): Buffer | null {
  const found = SHA2.get(length);
  if (found === undefined) return null;
  const [{ bits, constants, schedule, step }, begin] = found;
  const size = Number(bits) / 8;
  const mask = (1n << bits) - 1n;
  const data = padded(message, 16 * size, false);
  const state = [...begin];
  for (let at = 0; at < data.length; at += 16 * size) {
    const words: bigint[] = [];
    for (let t = 0; t < 16; t += 1) words.push(BigInt(`0x${data.toString('hex', at + size * t, at + size * (t + 1))}`));
    for (let t = 16; t < constants.length; t += 1) {
      const early = words[t - 15]!;
      const late = words[t - 2]!;
      const [[a, b, c], [d, e, f]] = schedule;
      const first = rotatedRight(early, a!, bits) ^ rotatedRight(early, b!, bits) ^ (early >> c!);
      const second = rotatedRight(late, d!, bits) ^ rotatedRight(late, e!, bits) ^ (late >> f!);
      words.push((words[t - 16]! + first + words[t - 7]! + second) & mask);
    }
    let [a, b, c, d, e, f, g, h] = state as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    for (const [t, constant] of constants.entries()) {
      const [top, bottom] = step;
      const mixed = bottom.reduce((sum, by) => sum ^ rotatedRight(e, by, bits), 0n);
      const one = h + mixed + ((e & f) ^ (~e & mask & g)) + constant + words[t]!;
      const turned = top.reduce((sum, by) => sum ^ rotatedRight(a, by, bits), 0n);
      const two = turned + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & mask, c, b, a, (one + two) & mask];
    }
    for (const [index, value] of [a, b, c, d, e, f, g, h].entries()) state[index] = (state[index]! + value) & mask;
  }
  const hex = state.map((it) => it.toString(16).padStart(2 * size, '0')).join('');
  return Buffer.from(hex, 'hex').subarray(0, length / 8);
}

/** MySQL breaks base 64 into lines of so many characters. */
const BASE64_LINE = 76;

function toBase64([value]: readonly Value[]): Value {
  return bytesOf(value)
    .toString('base64')
    .replaceAll(new RegExp(`(.{${BASE64_LINE}})(?=.)`, 'g'), '$1\n');
}

function fromBase64([value]: readonly Value[]): Value {
  const text = (textOf(value ?? null) ?? '').replaceAll(/[ \t\r\n]/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64');
}

/** `a.b.c.d`, and as in C `a.b.d` and `a.d`: missing bytes stand before the last. */
function inetAton([value]: readonly Value[]): Value {
  const parts = (textOf(value ?? null) ?? '').split('.');
  if (parts.length > 4 || parts.some((it) => !/^\d{1,3}$/.test(it) || Number(it) > 255)) return null;
  const last = BigInt(parts.pop()!);
  const upper = parts.reduce((sum, it) => (sum << 8n) | BigInt(it), 0n);
  return (upper << (8n * BigInt(4 - parts.length))) | last;
}

function inetNtoa([value]: readonly Value[]): Value {
  const number = toInteger(value!);
  if (number < 0n || number > MASK_32) return null;
  return [24n, 16n, 8n, 0n].map((by) => String((number >> by) & 255n)).join('.');
}

function digest(length: number, made: (message: Buffer) => Buffer): SqlFunction {
  return {
    least: 1,
    most: 1,
    type: () => textType(length),
    call([it], { effort }) {
      const bytes = bytesOf(it);
      effort.spendBytes(bytes.length);
      return made(bytes).toString('hex');
    },
  };
}

const SHA2_FUNCTION: SqlFunction = {
  least: 2,
  most: 2,
  type: () => orNull(textType(128)),
  call([it, length], { effort }) {
    const bytes = bytesOf(it);
    effort.spendBytes(16 * bytes.length);
    const bits = toInteger(length!);
    return sha2(bytes, bits === 0n ? 256 : Number(bits))?.toString('hex') ?? null;
  },
};

export const DIGESTS: Table = [
  ['MD5', digest(32, md5)],
  ['SHA SHA1', digest(40, sha1)],
  ['SHA2', SHA2_FUNCTION],
  [
    'TO_BASE64',
    { least: 1, most: 1, type: (list) => textType(Math.ceil(textLength(list[0]!.type) * 5.5)), call: toBase64 },
  ],
  [
    'FROM_BASE64',
    { least: 1, most: 1, type: (list) => orNull(binaryType(textLength(list[0]!.type))), call: fromBase64 },
  ],
  ['INET_ATON', { least: 1, most: 1, type: () => orNull(UNSIGNED), call: inetAton }],
  ['INET_NTOA', { least: 1, most: 1, type: () => orNull(textType(15)), call: inetNtoa }],
];
