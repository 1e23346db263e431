/**
 * A copy of the source in a temporary folder, with a bug planted, and hunts and tests in it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Planted } from './planted.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** In milliseconds: that a machine is busy is no failure. */
const TEST_TIME = '120000';
const SOURCE = ['proxy', 'simulator', 'package.json', 'tsconfig.json'];
/** What the tests need beside it. */
const TESTED = ['test', 'scenarios', 'README.md', 'vitest.config.ts', 'biome.json'];

/** A command that prints more than this, in bytes, is ended. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** What became of a command in a copy. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly seconds: number;
}

export class Copy {
  readonly root: string;

  /** Of all that the tests need, or of the source alone. */
  constructor(what: 'source' | 'source and tests' = 'source') {
    this.root = mkdtempSync(join(tmpdir(), 'odplab-planted-'));
    const copied = what === 'source' ? SOURCE : [...SOURCE, ...TESTED];
    for (const name of copied) cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
  }

  /** Throws if the text does not stand in the file exactly once. */
  plant({ name, file, text, instead }: Planted): void {
    const path = join(this.root, file);
    const source = readFileSync(path, 'utf8');
    const count = source.split(text).length - 1;
    if (count !== 1) throw new Error(`${name}: the text stands ${count} times in ${file}, where it must stand once`);
    writeFileSync(
      path,
      source.replace(text, () => instead),
    );
  }

  odplab(args: readonly string[]): Outcome {
    return this.#node(['--import', 'tsx', join(this.root, 'proxy/cli.ts'), ...args]);
  }

  /** Runs tests, one file after the other, up to the first that fails. One module graph for all: what is imported once is there. */
  vitest(args: readonly string[]): Outcome {
    const flags = ['--bail', '1', '--maxWorkers', '1', '--no-isolate', '--reporter', 'dot', '--testTimeout', TEST_TIME];
    return this.#node([join(this.root, 'node_modules/vitest/vitest.mjs'), 'run', ...flags, ...args]);
  }

  #node(args: readonly string[]): Outcome {
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: this.root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
      maxBuffer: MOST_OUTPUT,
    });
    return { code: status, out: `${stdout}${stderr}`, seconds: (performance.now() - began) / 1000 };
  }

  /** The pages that hunts in it have written. */
  pages(folder = 'findings'): string[] {
    return readdirSync(join(this.root, folder)).map((name) => join(this.root, folder, name));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
