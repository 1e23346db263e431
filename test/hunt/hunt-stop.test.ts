/** A hunt that is ended before its time tells what it has done; whose leader is gone does not go on alone. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** In milliseconds: processes start beside other tests. */
const PATIENCE = 60_000;

/** Hunts until it has told of some runs, then sends the signal. All streams are closed, the workers' too, when it is kept. */
function interrupted(signal: NodeJS.Signals, ...flags: string[]) {
  const args = ['--import', 'tsx', 'proxy/cli.ts', 'hunt', '--time', '1h', ...flags];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let signalled = false;
  return new Promise<{ code: number | null; lines: readonly string[] }>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      // Once: a second signal would not wait for what is told.
      if (!signalled && /^\d+ runs in /.test(line)) signalled = child.kill(signal);
    });
    child.stderr.resume();
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, lines }));
  });
}

test.each([
  ['SIGINT', []],
  ['SIGINT', ['--jobs', '2']],
  ['SIGTERM', ['--jobs', '2']],
] as const)(
  '%s ends a hunt with %j, and all is told',
  async (signal, flags) => {
    const { code, lines } = await interrupted(signal, ...flags);
    expect(lines.at(-1)).toBe('interrupted; until then nothing was found');
    expect(lines).toContainEqual(expect.stringMatching(/^rows of the kill tables: \d+ of \d+ reached/));
    expect(code).toBe(130);
  },
  PATIENCE,
);

test(
  'workers end with their leader',
  async () => {
    const { code } = await interrupted('SIGKILL', '--jobs', '2');
    expect(code).toBeNull();
  },
  PATIENCE,
);
