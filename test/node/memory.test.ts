/**
 * What relayed bulk costs in memory that is taken and given back: pages that the system maps in again, and full collections
 * of the heap. Both are counted, in a process that is set up as one that serves; without `expectBulk` it is 150 page faults
 * for each MiB, and a collection for each 30 MiB.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';

const MEBIBYTES = 384;
const MOST_FAULTS = 40 * MEBIBYTES;
const MOST_COLLECTIONS = 6;

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.disconnect();
});

async function start<T>(file: string, args: readonly string[], ...flags: string[]): Promise<[ChildProcess, T]> {
  const path = new URL(`../bench/${file}`, import.meta.url).pathname;
  const child = fork(path, args, { execArgv: ['--import', 'tsx', ...flags], silent: true });
  children.push(child);
  return [child, ((await once(child, 'message')) as [T])[0]];
}

/** Page faults so far that took no disk: the tenth field, counted behind the name, which may hold anything (proc(5)). */
function pageFaults({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]);
}

describe.skipIf(!existsSync('/proc/self/stat'))('bulk (skipped where there is no /proc)', () => {
  test('is relayed with few page faults and hardly a full collection', async () => {
    const [, backend] = await start<{ port: number }>('backend.ts', []);
    const [load] = await start('load.ts', []);
    const [proxy, { port }] = await start<{ port: number }>('proxy.ts', [String(backend.port)], '--trace-gc');
    let collections = 0;
    proxy.stdout!.setEncoding('utf8').on('data', (text: string) => {
      collections += text.split('Mark-Compact ').length - 1;
    });
    const read = async (mebibytes: number) => {
      load.send({ port, mebibytes });
      await once(load, 'message');
    };
    await read(128);
    const faultsBefore = pageFaults(proxy);
    const collectionsBefore = collections;
    await read(MEBIBYTES);
    expect(pageFaults(proxy) - faultsBefore).toBeLessThan(MOST_FAULTS);
    expect(collections - collectionsBefore).toBeLessThan(MOST_COLLECTIONS);
  }, 60_000);
});
