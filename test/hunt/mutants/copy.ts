/**
 * A copy of the source in a temporary folder, with one bug planted, and hunts in it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Planted } from './planted.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const COPIED = ['proxy', 'simulator', 'package.json', 'tsconfig.json'];

/** What became of a command in a copy. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly seconds: number;
}

export class Copy {
  readonly root: string;

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'odplab-planted-'));
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.root, name), { recursive: true });
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
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(this.root, 'proxy/cli.ts'), ...args],
      { cwd: this.root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
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
