/** Times as they are written in pages: `500ms`, `1s`, `1.5s`, `2m`, `8h`. Knows nothing else. */

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, or null if the text is no time. */
export function readDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|min|h|d)$/.exec(text);
  return match === null ? null : Number(match[1]) * UNITS[match[2]!]!;
}
