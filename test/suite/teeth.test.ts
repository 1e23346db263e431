/**
 * The suite has teeth: with an empty relay in the proxy's place every scenario of `scenarios/kill/` fails, but those
 * listed here, each with its reason.
 */
import { expect, test } from 'vitest';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { runCase } from '../../simulator/scenario/suite.ts';
import { deployRelay } from './empty-relay.ts';
import { readPages, sha1 } from './pages.ts';

/** Scenarios that an empty relay passes. */
const PASSES: Readonly<Record<string, string>> = {
  "scenarios/kill/grammar.md: A second statement makes it the observer's":
    'the proxy must leave these statements alone, and a relay does',
  'scenarios/kill/prepared.md: BEGIN': 'an observer refuses it in the same words',
};

const scenarios = readPages('scenarios/kill').flatMap((page) => page.scenarios);

test('every scenario of scenarios/kill notices that the proxy is missing', async () => {
  const passed: string[] = [];
  for (const scenario of scenarios) {
    const options = { arms: [MEMORY], deploy: deployRelay, sha1, stopwatch: () => 0, trace: null };
    const result = await runCase(scenario, MEMORY, options);
    if (result.failures.length === 0) passed.push(`${scenario.file}: ${scenario.name}`);
  }
  expect(passed).toEqual(Object.keys(PASSES));
});
