/** A run that loops inside one event is told from beside, with its place, and ends its process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** In milliseconds: it starts beside other tests. */
const LONGEST = 60_000;

test(
  'what loops is ended, and its place is told',
  async () => {
    const args = ['--import', 'tsx', join(import.meta.dirname, 'hangs.ts')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    const [first, ...rest] = said.trimEnd().split('\n');
    expect(first).toBe('odplab: run 5 of seed 7 does not end; it was stopped after 0.9 s');
    expect(rest.at(-1)).toBe('the same run:   play 5 again');
    expect(rest).toContainEqual(expect.stringMatching(/^ {2}(?:in|called by) event \(test\/hunt\/hangs\.ts\)$/));
    expect(code).toBe(1);
  },
  LONGEST,
);
