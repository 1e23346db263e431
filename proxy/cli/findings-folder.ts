/**
 * The folder that findings are written into, made ready so that a name that cannot be one is told clearly, and in time. Must
 * never know what is written there.
 */
import { accessSync, constants, mkdirSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './flags.ts';

/**
 * Makes the folder that a flag names, with those above it; what there is already is taken. Throws a `UsageError` if nothing
 * could be written there. The answer takes away again what was made, as far as nothing stands there.
 */
export function makeFolder(flag: string, path: string): () => void {
  const folder = resolve(path);
  let first: string | undefined;
  try {
    first = mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${flag} ${path}: ${WHY[code] ?? code}; name a folder that can be written into`);
  }
  return () => {
    if (first !== undefined) removeEmpty(folder, dirname(resolve(first)));
  };
}

const WHY: Readonly<Record<string, string>> = {
  EEXIST: 'it is no folder',
  ENOTDIR: 'what stands above it is no folder',
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'there is no room left',
};

/** Those from here up to `end`, which stays; the first that something stands in stays, too. */
function removeEmpty(from: string, end: string): void {
  for (let folder = from; folder !== end; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}
