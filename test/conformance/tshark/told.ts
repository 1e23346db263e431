/**
 * Values that our own decoder has read, under the names and in the form of Wireshark's fields.
 */
import { readBinaryValue } from '../../../proxy/wire/binary-value.ts';
import { ByteReader } from '../../../proxy/wire/bytes.ts';
import { COLUMN, TYPE } from '../../../proxy/wire/constants.ts';
import { readEof } from '../../../proxy/wire/ok.ts';
import type { Column } from '../../../proxy/wire/result-set.ts';
import { short } from './dissection.ts';

/** Name and value: a number as Wireshark shows it, the hex of a text's bytes. */
export type Told = readonly [name: string, value: string];

export function eof(payload: Buffer): readonly Told[] {
  const { warnings, status } = readEof(payload);
  return [
    ['response_code', '0xfe'],
    ['warnings', String(warnings)],
    ['server_status', hex16(status)],
  ];
}

export function column(it: Column): readonly Told[] {
  return [
    ['field.db', hex(Buffer.from(it.schema))],
    ['field.table', hex(Buffer.from(it.table))],
    ['field.org_table', hex(Buffer.from(it.orgTable))],
    ['field.name', hex(Buffer.from(it.name))],
    ['field.org_name', hex(Buffer.from(it.orgName))],
    ['field.charsetnr', String(it.charset)],
    ['field.length', String(it.length)],
    ['field.type', String(it.type)],
    ['field.flags', hex16(it.flags)],
    ['field.decimals', String(it.decimals)],
  ];
}

/** A row's bitmap of NULLs begins with this many unused bits. */
const OFFSET = 2;
/** Wireshark's names of the whole numbers in a binary row. */
const WHOLE: ReadonlyMap<number, string> = new Map([
  [TYPE.TINY, 'tiny'],
  [TYPE.SHORT, 'short'],
  [TYPE.LONG, 'long'],
  [TYPE.LONGLONG, 'longlong'],
]);
/** What Wireshark reads and we do not compare: in parts, or as a float's text. */
const APART: ReadonlySet<number> = new Set([
  TYPE.FLOAT,
  TYPE.DOUBLE,
  TYPE.DATE,
  TYPE.DATETIME,
  TYPE.TIMESTAMP,
  TYPE.TIME,
]);
/** Wireshark reads no further than the first of these. */
const UNREAD: ReadonlySet<number> = new Set([TYPE.INT24, TYPE.YEAR, TYPE.BIT]);

export function binaryRow(payload: Buffer, columns: readonly Column[]): readonly Told[] {
  const from = new ByteReader(payload, 1);
  const nulls = from.bytes((columns.length + OFFSET + 7) >> 3);
  const told: Told[] = [
    ['response_code', '0x00'],
    ['row.nullbuffer', hex(nulls)],
  ];
  for (const [i, { type, flags }] of columns.entries()) {
    const isUnsigned = (flags & COLUMN.UNSIGNED) !== 0;
    const whole = WHOLE.get(type);
    if ((nulls[(i + OFFSET) >> 3]! & (1 << ((i + OFFSET) & 7))) !== 0) told.push(['exec.field.null', '']);
    else if (UNREAD.has(type)) break;
    else if (whole !== undefined) {
      told.push([
        `exec.field.${isUnsigned ? 'unsigned_' : ''}${whole}`,
        String(readBinaryValue(from, type, isUnsigned)),
      ]);
    } else if (APART.has(type)) readBinaryValue(from, type, isUnsigned);
    else told.push(['exec.field.string', counted(from.lenencBytes())]);
  }
  return told;
}

export function hex(bytes: Buffer): string {
  return short(bytes.toString('hex'));
}

/** With the NUL behind it. */
export function nulled(text: string): string {
  return hex(Buffer.from(`${text}\0`));
}

/** With its length before it; those compared are shorter than 251 bytes. */
export function counted(bytes: Buffer): string {
  return hex(Buffer.concat([Buffer.of(bytes.length), bytes]));
}

export function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}
