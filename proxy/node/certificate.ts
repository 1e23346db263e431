/**
 * A self-made certificate: a fresh key for this run, and an X.509 certificate that it has signed itself.
 *
 * Node makes keys and signatures but no certificates, and one of a fixed shape is a page of DER (X.690, RFC 5280, RFC 5758);
 * what could write any other would bring a dozen packages with it. It must never know who uses it.
 */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { Certificate } from './tls.ts';

const DAY = 24 * 60 * 60 * 1000;
/** A clock that is behind ours shall not refuse it. */
const VALID_BEFORE = DAY;
const VALID_FOR = 365 * DAY;

const TAG = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  UTF8: 0x0c,
  UTC_TIME: 0x17,
  SEQUENCE: 0x30,
  SET: 0x31,
  VERSION: 0xa0,
  EXTENSIONS: 0xa3,
  /** Within a subjectAltName. */
  DNS_NAME: 0x82,
  IP_ADDRESS: 0x87,
} as const;

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const SUBJECT_ALT_NAME = '551d11';
const BASIC_CONSTRAINTS = '551d13';

/** One DER value: its tag, its length, its content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(body.length);
  const length =
    body.length < 0x80
      ? size.subarray(1)
      : body.length < 0x100
        ? Buffer.of(0x81, body.length)
        : Buffer.of(0x82, ...size);
  return Buffer.concat([Buffer.of(tag), length, body]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return der(TAG.SEQUENCE, ...content);
}

function oid(hex: string): Buffer {
  return der(TAG.OID, Buffer.from(hex, 'hex'));
}

/** `20261122093000Z` without its century, which is what certificates use until 2049. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return der(TAG.UTC_TIME, Buffer.from(digits.slice(2)));
}

function extension(id: string, critical: boolean, content: Buffer): Buffer {
  const mark = critical ? [der(TAG.BOOLEAN, Buffer.of(0xff))] : [];
  return sequence(oid(id), ...mark, der(TAG.OCTET_STRING, content));
}

/**
 * For `localhost` and its two addresses. It is its own authority, so that a client can be told to trust it alone.
 * `now`: milliseconds since 1970.
 */
export function selfMadeCertificate(now: number = Date.now()): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = sequence(der(TAG.SET, sequence(oid(COMMON_NAME), der(TAG.UTF8, Buffer.from('odplab self-made')))));
  const serial = randomBytes(16);
  // Positive, and of the length it seems to have.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const names = sequence(
    der(TAG.DNS_NAME, Buffer.from('localhost')),
    der(TAG.IP_ADDRESS, Buffer.of(127, 0, 0, 1)),
    der(TAG.IP_ADDRESS, Buffer.concat([Buffer.alloc(15), Buffer.of(1)])),
  );
  const toBeSigned = sequence(
    der(TAG.VERSION, der(TAG.INTEGER, Buffer.of(2))),
    der(TAG.INTEGER, serial),
    algorithm,
    name,
    sequence(time(now - VALID_BEFORE), time(now + VALID_FOR)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      TAG.EXTENSIONS,
      sequence(
        extension(BASIC_CONSTRAINTS, true, sequence(der(TAG.BOOLEAN, Buffer.of(0xff)))),
        extension(SUBJECT_ALT_NAME, false, names),
      ),
    ),
  );
  const signature = der(TAG.BIT_STRING, Buffer.of(0), sign('sha256', toBeSigned, privateKey));
  const cert = new X509Certificate(sequence(toBeSigned, algorithm, signature)).toString();
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
}
