/**
 * The scenario pages of the project, read, for tests over all of them.
 */
import { createHash } from 'node:crypto';
import { findPages } from '../../simulator/scenario/files.ts';
import { printMistake } from '../../simulator/scenario/mistakes.ts';
import { readPage } from '../../simulator/scenario/page.ts';
import type { Page } from '../../simulator/scenario/scenario.ts';

export function readPages(folder: string): Page[] {
  return findPages([folder]).pages.map(({ path, text }) => {
    const read = readPage(path, text);
    if (read.kind === 'page') return read.page;
    throw new Error(read.mistakes.map(printMistake).join('\n'));
  });
}

export function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
