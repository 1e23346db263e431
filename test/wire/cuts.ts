/**
 * One stream of packets cut in many ways: what is read must not depend on where the network cuts.
 *
 * A short stream is cut into two pieces at every position, and byte by byte. A long one is cut within a few bytes of
 * each packet border and at seeded positions.
 */

/** Streams longer than this are not cut at every position. */
const SHORT = 4096;
/** A long stream is cut at most this far from a packet border … */
const NEAR = 8;
/** … and at this many positions besides. */
const SEEDED = 200;

/** Where to cut: ascending positions, each above 0 and below the stream's length. */
type Cuts = readonly number[];

export function waysToCut(stream: Buffer): Cuts[] {
  const ways: Cuts[] = [[]];
  if (stream.length <= SHORT) {
    const all: number[] = [];
    for (let at = 1; at < stream.length; at += 1) {
      ways.push([at]);
      all.push(at);
    }
    ways.push(all);
    return ways;
  }
  const places = new Set<number>();
  for (const border of borders(stream)) {
    for (let at = border - NEAR; at <= border + NEAR; at += 1) places.add(at);
  }
  let seed = 1;
  for (let i = 0; i < SEEDED; i += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    places.add(seed % stream.length);
  }
  for (const at of places) if (at > 0 && at < stream.length) ways.push([at]);
  return ways;
}

/** The start of each packet, and the end of the last. */
function borders(stream: Buffer): number[] {
  const found: number[] = [];
  let at = 0;
  while (at + 4 <= stream.length) {
    found.push(at);
    at += 4 + stream.readUIntLE(at, 3);
  }
  found.push(at);
  return found;
}

/** The pieces as views of the stream. */
export function cut(stream: Buffer, cuts: Cuts): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const at of cuts) {
    pieces.push(stream.subarray(from, at));
    from = at;
  }
  pieces.push(stream.subarray(from));
  return pieces;
}

/** Says where a stream was cut, for the message of a failure. */
export function cutName(cuts: Cuts): string {
  return cuts.length > 1 ? 'byte by byte' : cuts.length === 1 ? `cut at ${cuts[0]}` : 'whole';
}
