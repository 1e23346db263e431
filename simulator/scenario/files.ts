/**
 * The file edge of the scenario room: finds pages, reads them, writes them back. Nothing else here touches a file.
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page as it lies on disk. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const HAS_BLOCK = /^`{3,}\s*odplab\b/m;

/**
 * The pages at these paths: a file is taken as it is, a directory with all its `.md` files that have an `odplab` block,
 * those below it included. In the order of the paths, within a directory by name. A path that does not exist is `missing`.
 */
export function findPages(paths: readonly string[]): { readonly pages: SourceFile[]; readonly missing: string[] } {
  const pages = new Map<string, SourceFile>();
  const missing: string[] = [];
  for (const path of paths) {
    if (!existsSync(path)) missing.push(path);
    else if (statSync(path).isDirectory()) walk(path, pages);
    else pages.set(path, read(path));
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
      if (HAS_BLOCK.test(page.text)) into.set(path, page);
    }
  }
}

function read(path: string): SourceFile {
  return { path, text: readFileSync(path, 'utf8') };
}

/** Writes a file whole or not at all. */
export function writeAtomically(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
