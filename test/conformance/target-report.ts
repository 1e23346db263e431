/**
 * `odplab run --target` called as a person calls it, and what its report says of each scenario.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../proxy/cli/run.ts';

export interface TargetReport {
  readonly code: number;
  readonly err: string;
  /** All of it, for people. */
  readonly text: string;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

/** `args`: `--target …` and what goes with it. */
export async function reportOf(...args: string[]): Promise<TargetReport> {
  const folder = mkdtempSync(join(tmpdir(), 'odplab-target-'));
  try {
    const file = join(folder, 'report.tap');
    let err = '';
    const io = {
      out() {},
      err(text: string) {
        err += text;
      },
      colours: false,
    };
    const code = await run([...args, '--reporter', 'tap', '--output', file], io);
    const text = readFileSync(file, 'utf8');
    const points = text.split('\n').filter((line) => /^(?:not )?ok /.test(line));
    const skipped = points.filter((line) => line.includes(' # SKIP '));
    const failed = points.filter((line) => line.startsWith('not ok'));
    const passed = points.filter((line) => !skipped.includes(line) && !failed.includes(line));
    return { code, err, text, passed, failed, skipped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
