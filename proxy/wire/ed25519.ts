/**
 * What MariaDB's `ed25519` plugin wants: the scramble signed with a key made of the password (RFC 8032, but for the seed,
 * which is the password itself, of any length; so no library's Ed25519 will do).
 *
 * Arithmetic on big integers, some ten milliseconds a signature and not in constant time: it runs in the proxy's own process,
 * for a password that is configured there, and once for a lost server session.
 */

export type Sha512 = (data: Buffer) => Buffer;

/** The field, the order of the base point, and the curve's constant d. */
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));

/** Extended coordinates: x = X / Z, y = Y / Z, x · y = T / Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const NEUTRAL: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
const BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n;
const BASE_Y = mod(4n * inverse(5n));
const BASE: Point = { x: BASE_X, y: BASE_Y, z: 1n, t: mod(BASE_X * BASE_Y) };

const SCALAR_SIZE = 32;

/** The signature, 64 bytes. */
export function signEd25519(sha512: Sha512, password: string, message: Buffer): Buffer {
  const secret = sha512(Buffer.from(password));
  const scalar = clamped(secret.subarray(0, SCALAR_SIZE));
  const key = encoded(multiplied(BASE, scalar));
  const nonce = littleEndian(sha512(Buffer.concat([secret.subarray(SCALAR_SIZE), message]))) % ORDER;
  const commitment = encoded(multiplied(BASE, nonce));
  const challenge = littleEndian(sha512(Buffer.concat([commitment, key, message]))) % ORDER;
  return Buffer.concat([commitment, bytesOf((nonce + challenge * scalar) % ORDER)]);
}

/** The public key that belongs to a password: what MariaDB keeps of it. */
export function ed25519Key(sha512: Sha512, password: string): Buffer {
  const secret = sha512(Buffer.from(password));
  return encoded(multiplied(BASE, clamped(secret.subarray(0, SCALAR_SIZE))));
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** By Fermat: value to the power of P − 2. */
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = mod(value);
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = mod(result * base);
    base = mod(base * base);
  }
  return result;
}

/** The complete addition of a twisted Edwards curve with a = −1. */
function added(one: Point, two: Point): Point {
  const a = mod((one.y - one.x) * (two.y - two.x));
  const b = mod((one.y + one.x) * (two.y + two.x));
  const c = mod(2n * one.t * two.t * D);
  const d = mod(2n * one.z * two.z);
  const e = b - a;
  const f = d - c;
  const g = d + c;
  const h = b + a;
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

function multiplied(point: Point, scalar: bigint): Point {
  let result = NEUTRAL;
  let power = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = added(result, power);
    power = added(power, power);
  }
  return result;
}

/** y, and in the highest bit whether x is odd. */
function encoded({ x, y, z }: Point): Buffer {
  const inverted = inverse(z);
  const bytes = bytesOf(mod(y * inverted));
  if ((mod(x * inverted) & 1n) === 1n) bytes[SCALAR_SIZE - 1]! |= 0x80;
  return bytes;
}

function clamped(bytes: Buffer): bigint {
  const scalar = Buffer.from(bytes);
  scalar[0]! &= 0xf8;
  scalar[SCALAR_SIZE - 1] = (scalar[SCALAR_SIZE - 1]! & 0x7f) | 0x40;
  return littleEndian(scalar);
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * SCALAR_SIZE, '0'), 'hex').reverse();
}
