/**
 * The folder that findings are written into, made ready so that a name that cannot be one is told clearly, and in time. Must
 * never know what is written there.
 */
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './flags.ts';

/**
 * Makes the folder that a flag names, with those above it; what there is already is taken. Throws a `UsageError` if nothing
 * could be written there. The answer takes away again what was made, as far as nothing stands there.
 */
export function makeFolder(flag: string, path: string): () => void {
  const folder = resolve(path);
  const made: string[] = [];
  try {
    for (const it of missing(folder)) {
      if (make(it)) made.unshift(it);
    }
    if (!statSync(folder).isDirectory()) throw new UsageError(refusal(flag, path, 'it is no folder'));
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    removeEmpty(made);
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(refusal(flag, path, WHY[code] ?? code));
  }
  return () => removeEmpty(made);
}

function refusal(flag: string, path: string, why: string): string {
  return `${flag} ${path}: ${why}; name a folder that can be written into`;
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it cannot be made there',
  ENOTDIR: 'what stands above it is no folder',
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'there is no room left',
};

/**
 * The folders to be made, the uppermost first. Node's own `recursive` tries for ever where a folder takes no other, as those
 * of /proc.
 */
function missing(folder: string): string[] {
  const all: string[] = [];
  for (let it = folder; !existsSync(it); it = dirname(it)) all.unshift(it);
  return all;
}

/** False if somebody else has just made it. */
function make(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The lowest first; the first that something stands in stays, and so do those above it. */
function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}
