/**
 * The scenarios against `odplab serve`, as a person runs them: a process on a port, real time, one world for all of them.
 *
 * What needs the simulator's own hand is skipped by name; everything else must pass, and it must be at least half.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPages } from '../suite/pages.ts';
import { ServeProcess } from './serve-process.ts';
import { reportOf } from './target-report.ts';

/** What sleeps longer is left to people: two scenarios wait 105 s for an idle transaction to be ended. */
const LONGEST = '20s';
/** What the pages with `root@proxysys` ask for: the simulator's clients do not come from private addresses. */
const PRIVATE = 'skip_proxy_sys_private_check=true';
/** Measured: 96 s, of which 74 are slept. */
const PATIENCE = 240_000;

let served: ServeProcess;

beforeAll(async () => {
  served = await ServeProcess.start(['-o', PRIVATE]);
});

afterAll(async () => {
  await served?.stop();
});

it(
  'what is not skipped passes, and that is at least half',
  async () => {
    const target = ['--target', `127.0.0.1:${served.port}`, '--config', PRIVATE];
    const report = await reportOf(...target, '--longest', LONGEST);
    expect(report.failed, report.text).toEqual([]);
    expect(report.code, report.err).toBe(0);
    expect(report.err).toContain("an ODP before odplab's simulated cluster");
    const scenarios = readPages('scenarios').flatMap((page) => page.scenarios).length;
    expect(report.passed.length + report.skipped.length).toBe(scenarios);
    expect(report.passed.length).toBeGreaterThanOrEqual(scenarios / 2);
    // A reason is a name, not a shrug.
    for (const line of report.skipped) expect(line).toMatch(/ # SKIP needs \S/);
  },
  PATIENCE,
);
