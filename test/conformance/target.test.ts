/**
 * The scenarios against `odplab serve`, as a person runs them: a process on a port, real time, one world for all of them; and
 * again with each of the other ready clusters, for the pages that ask for it.
 *
 * What needs the simulator's own hand is skipped by name; everything else must pass, and it must be at least half.
 */
import { afterEach, expect, it } from 'vitest';
import { readPages } from '../suite/pages.ts';
import { ServeProcess } from './serve-process.ts';
import { reportOf } from './target-report.ts';

/** What sleeps longer is left to people: two scenarios wait 105 s for an idle transaction to be ended. */
const LONGEST = '20s';
/** The ways to start it: with each of the ready clusters that pages ask for. */
const CLUSTERS = ['default', 'three', 'spread'] as const;
const COUNT = readPages('scenarios').flatMap((page) => page.scenarios).length;
/** Measured: 96 s, of which 74 are slept. */
const PATIENCE = 240_000;

let served: ServeProcess | null = null;
/** Scenarios that have passed, each by its name. */
const passed = new Set<string>();

afterEach(async () => {
  await served?.stop();
  served = null;
});

it.each(CLUSTERS)(
  'what is not skipped passes: cluster %s',
  async (cluster) => {
    served = await ServeProcess.start(['--topology', cluster]);
    const target = ['--target', `127.0.0.1:${served.port}`, '--cluster', cluster];
    const report = await reportOf(...target, '--longest', LONGEST);
    expect(report.failed, report.text).toEqual([]);
    expect(report.code, report.err).toBe(0);
    expect(report.err).toContain("an ODP before odplab's simulated cluster");
    expect(report.passed.length + report.skipped.length).toBe(COUNT);
    expect(report.passed).not.toEqual([]);
    // A reason is a name, not a shrug.
    for (const line of report.skipped) expect(line).toMatch(/ # SKIP needs \S/);
    for (const line of report.passed) passed.add(nameOf(line));
  },
  PATIENCE,
);

it('that is at least half of them', () => {
  expect(passed.size).toBeGreaterThanOrEqual(COUNT / 2);
});

/** A line of the report without its number. */
function nameOf(line: string): string {
  return line.replace(/^ok \d+ /, '');
}
