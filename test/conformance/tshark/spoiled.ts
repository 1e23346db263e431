/**
 * A recording with one byte spoiled, for each of its bytes; and what stood where.
 */
import { ByteReader } from '../../../proxy/wire/bytes.ts';
import { COM, commandName } from '../../../proxy/wire/constants.ts';
import { HEADER_SIZE } from '../../../proxy/wire/framing.ts';
import type { Recording, Said } from './recorder.ts';

export interface Spoiled {
  readonly recording: Recording;
  /** Which chunk, and which byte of it. */
  readonly said: number;
  readonly at: number;
}

/** Chunks of one side that came one after the other, as one: then each is whole packets. */
export function joined(recording: Recording): Recording {
  const all: Said[] = [];
  for (const { from, bytes } of recording) {
    const last = all.at(-1);
    if (last?.from === from) all[all.length - 1] = { from, bytes: Buffer.concat([last.bytes, bytes]) };
    else all.push({ from, bytes });
  }
  return all;
}

/** The lowest bit turned, byte by byte, from chunk `first` on. */
export function spoiled(recording: Recording, first: number): Spoiled[] {
  const all: Spoiled[] = [];
  for (const [said, { from, bytes }] of recording.entries()) {
    if (said < first) continue;
    for (const [at, byte] of bytes.entries()) {
      const copy = Buffer.from(bytes);
      copy[at] = byte ^ 1;
      all.push({ recording: recording.with(said, { from, bytes: copy }), said, at });
    }
  }
  return all;
}

/** What a byte of a joined recording is, in words; of most it is enough to know where it stands. */
export function placeOf(recording: Recording, { said, at }: Spoiled): string {
  const { from, bytes } = recording[said]!;
  let start = 0;
  let next = HEADER_SIZE + bytes.readUIntLE(0, 3);
  while (next <= at) {
    start = next;
    next += HEADER_SIZE + bytes.readUIntLE(next, 3);
  }
  const payload = bytes.subarray(start + HEADER_SIZE, next);
  const offset = at - start - HEADER_SIZE;
  const named = offset < 0 ? undefined : (from === 'client' ? ofClient : ofServer)(payload, offset, said);
  return named ?? `${from}: byte ${offset} of ${payload.toString('hex')}`;
}

const DEFINITION = Buffer.from('\x03def');
/** Charset, length, type, flags and decimals. */
const FIXED_PART = 2 + 4 + 1 + 2 + 1;

function ofServer(payload: Buffer, offset: number): string | undefined {
  if (payload.subarray(0, DEFINITION.length).equals(DEFINITION)) {
    const from = new ByteReader(payload);
    for (let i = 0; i < 6; i += 1) from.lenencBytes();
    if (offset === from.at) return "a column definition: its fixed part's length";
    const filler = from.at + 1 + FIXED_PART;
    if (offset === filler || offset === filler + 1) return "a column definition: its fixed part's filler";
  }
  return payload.length === 12 && payload[0] === 0 && offset === 9 ? 'PREPARE_OK: its filler' : undefined;
}

const LOGIN = 1;

function ofClient(payload: Buffer, offset: number, said: number): string | undefined {
  if (said === LOGIN) return undefined;
  const from = new ByteReader(payload, 1);
  if (payload[0] === COM.CHANGE_USER) {
    from.nulBytes();
    from.bytes(from.u8());
    from.nulBytes();
    if (offset === from.at || offset === from.at + 1) return `${commandName(payload[0])}: its charset`;
  }
  // Behind the statement's id, flags and count; no statement here has more than eight parameters.
  if (payload[0] === COM.STMT_EXECUTE && offset === 10) return `${commandName(payload[0])}: its bitmap of NULLs`;
  return undefined;
}
