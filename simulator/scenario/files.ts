/**
 * The file edge of the scenario room: finds pages, reads them, writes them back. Nothing else here touches a file.
 */
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { holdsPage } from './markdown.ts';

/** A page as it lies on disk. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The pages at these paths: a file is taken as it is, a directory with all its `.md` files that have an `odplab` block,
 * those below it included. In the order of the paths, within a directory by name; a page that is named twice, in whatever
 * spelling, is taken once, by the first. A path that does not exist is `missing`.
 */
export function findPages(paths: readonly string[]): { readonly pages: SourceFile[]; readonly missing: string[] } {
  const pages = new Map<string, SourceFile>();
  const missing: string[] = [];
  for (const path of paths) {
    if (!existsSync(path)) missing.push(path);
    else if (statSync(path).isDirectory()) walk(path, pages);
    else add(path, read(path), pages);
  }
  return { pages: [...pages.values()], missing };
}

function walk(directory: string, into: Map<string, SourceFile>): void {
  const entries = readdirSync(directory, { withFileTypes: true });
  // By code units: the same order under every locale.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && entry.name !== 'node_modules') walk(path, into);
    } else if (entry.name.endsWith('.md')) {
      const page = read(path);
      if (holdsPage(page.text)) add(path, page, into);
    }
  }
}

/** By its true path. */
function add(path: string, page: SourceFile, into: Map<string, SourceFile>): void {
  const key = realpathSync(path);
  if (!into.has(key)) into.set(key, page);
}

function read(path: string): SourceFile {
  return { path, text: readFileSync(path, 'utf8') };
}

/** A file that cannot be written. Its message names the file as it was given, and why. */
export class CannotWrite extends Error {
  override name = 'CannotWrite';

  constructor(path: string, why: string) {
    super(`cannot write ${path}: ${why}`);
  }
}

/** Throws a `CannotWrite` if this file could not be written now. Touches nothing. */
export function expectWritable(path: string): void {
  attempt(path, () => {
    const target = existsSync(path) ? realpathSync(path) : path;
    const folder = dirname(target);
    if (!existsSync(folder)) throw new CannotWrite(path, `there is no folder ${folder}`);
    if (!statSync(folder).isDirectory()) throw new CannotWrite(path, `${folder} is no folder`);
    if (existsSync(target) && statSync(target).isDirectory()) throw new CannotWrite(path, 'it is a folder');
    // A file is replaced, which is the folder's business; a device is written to.
    accessSync(isReplaced(target) ? folder : target, constants.W_OK);
  });
}

/** Writes a file whole or not at all. Throws a `CannotWrite`. */
export function writeAtomically(path: string, text: string): void {
  attempt(path, () => {
    const target = existsSync(path) ? realpathSync(path) : path;
    if (!isReplaced(target)) {
      writeFileSync(target, text);
      return;
    }
    const draft = `${target}.${process.pid}.tmp`;
    try {
      writeFileSync(draft, text, existsSync(target) ? { mode: statSync(target).mode } : {});
      renameSync(draft, target);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  });
}

/** A file that is not there yet, or an ordinary one. */
function isReplaced(target: string): boolean {
  return !existsSync(target) || statSync(target).isFile();
}

function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof CannotWrite) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CannotWrite(path, WHY[code] ?? code);
  }
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'it is not permitted',
  EPERM: 'it is not permitted',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'there is no room left',
};
