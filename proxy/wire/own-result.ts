/**
 * A result that the proxy has made itself, in the form that a client has agreed on with a MySQL server: without EOFs
 * (DEPRECATE_EOF), and with MariaDB's bytes behind the column count and in the definitions.
 */
import type { Flags } from './agreement.ts';
import { ByteReader } from './bytes.ts';
import { CAP, EOF_LIMIT, EOF_MARK, ERR_MARK, MARIADB_CAP, OK_MARK } from './constants.ts';
import { HEADER_SIZE, PacketReader, PacketWriter } from './framing.ts';
import { readEof } from './ok.ts';

/** In a definition: catalog, schema, table, original table, name and original name stand before what is fixed. */
const NAMES = 6;

/** `bytes`: OK or ERR, or a classic result with EOFs. */
export function inAgreedForm(bytes: Buffer, { capabilities, mariadb }: Flags): Buffer {
  const first = bytes[HEADER_SIZE];
  if (first === OK_MARK || first === ERR_MARK) return bytes;
  const reader = new PacketReader();
  reader.push(bytes);
  const deprecateEof = (capabilities & CAP.DEPRECATE_EOF) !== 0;
  const out = new PacketWriter(bytes[HEADER_SIZE - 1]!, bytes.length + 64);
  let part: 'count' | 'definitions' | 'rows' = 'count';
  for (let packet = reader.next(); packet !== null; packet = reader.next()) {
    const { payload } = packet;
    const isEof = payload[0] === EOF_MARK && payload.length < EOF_LIMIT;
    if (isEof && deprecateEof) {
      if (part === 'rows') writeEndOk(out, payload);
    } else {
      out.begin();
      if (part === 'definitions' && !isEof) writeDefinition(out, payload, mariadb);
      else out.bytes(payload);
      if (part === 'count' && (mariadb & MARIADB_CAP.CACHE_METADATA) !== 0) out.u8(1);
      out.end();
    }
    if (part === 'count') part = 'definitions';
    else if (isEof) part = 'rows';
  }
  return out.view();
}

/** With what MariaDB's client expects of a type's details: none. */
function writeDefinition(out: PacketWriter, payload: Buffer, mariadb: number): void {
  if ((mariadb & MARIADB_CAP.EXTENDED_METADATA) === 0) {
    out.bytes(payload);
    return;
  }
  const from = new ByteReader(payload);
  for (let i = 0; i < NAMES; i += 1) from.lenencBytes('name');
  out.bytes(payload.subarray(0, from.at));
  out.u8(0);
  out.bytes(from.rest());
}

/** The EOF behind the rows as an OK: no rows, no id, and the EOF's flags. */
function writeEndOk(out: PacketWriter, eof: Buffer): void {
  const { status, warnings } = readEof(eof);
  out.begin();
  out.u8(EOF_MARK);
  out.zeros(2);
  out.u16(status);
  out.u16(warnings);
  out.end();
}
