/**
 * Runs a scenario's orders and says whether all is as it must be: invariants hold in all, and what comes of them is what the
 * page says, where it says anything.
 */
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import { type OutcomeRow, outcomeDifference } from '../../scenario/outcomes.ts';
import type { Failure } from '../../scenario/runner.ts';
import { resultLabels, type Scenario } from '../../scenario/scenario.ts';
import { failureOf } from '../judged.ts';
import { judgesOf } from './judges.ts';
import { orderPage } from './order-page.ts';
import type { Pieces } from './pieces.ts';
import { type Search, type Searched, search } from './search.ts';

export interface CheckOptions {
  readonly sha1: Sha1;
  /** A run more is not made. */
  readonly mostRuns: number;
  /** The lines of the page's front matter. */
  readonly front: readonly string[];
}

export interface Checked {
  /** Null: it came to no end. */
  readonly searched: Searched | null;
  readonly runs: number;
  /** The outcomes as a page has them. */
  readonly rows: readonly OutcomeRow[];
  /** Null: nothing is wrong. */
  readonly failure: Failure | null;
  /** A page that fails as the order did in which an invariant did not hold; null: none was violated, or no page can say it. */
  readonly page: string | null;
  /** A statement that `committed-stays` cannot count, for which it has not judged; null: it has. */
  readonly uncounted: string | null;
}

export async function checkOrders(
  scenario: Scenario,
  pieces: Pieces,
  { sha1, mostRuns, front }: CheckOptions,
): Promise<Checked> {
  const { invariants, uncounted } = judgesOf(scenario);
  const walking = { scenario, pieces, invariants, sha1 };
  const found = await search({ ...walking, mostRuns });
  if (found.kind !== 'searched') {
    const runs = found.kind === 'violated' ? found.runs : 1;
    const page = found.kind === 'violated' ? await orderPage(found, front, walking) : null;
    return { searched: null, runs, rows: [], failure: failureIn(scenario, found, page), page, uncounted };
  }
  const rows = found.outcomes.map(({ results, orders, first }) => ({
    results,
    orders: String(orders),
    first: first.join(' '),
  }));
  const runs = found.ended + found.met;
  const failure = outcomesDiffer(scenario, rows, found.leftOut === 0n);
  return { searched: found, runs, rows, failure, page: null, uncounted };
}

function failureIn(scenario: Scenario, found: Exclude<Search, Searched>, page: string | null): Failure {
  if (found.kind === 'failed') return found.failure;
  const { line, title, detail, blessable } = failureOf(scenario, found.verdict);
  const order = `      in the order: ${found.order.join(' ') || '(the set-up)'}`;
  const unwritten =
    page === null ? ['      as a page of its own this order does not fail: it needs an end that comes late'] : [];
  return { line, title, detail: [order, ...detail, ...unwritten], blessable };
}

/** Where orders were left out, only what came is known: it must stand in the page, and its counts are not compared. */
function outcomesDiffer({ outcomes, steps }: Scenario, rows: readonly OutcomeRow[], whole: boolean): Failure | null {
  if (outcomes === null) return null;
  const came = new Set(rows.map(keyOf));
  const expected = whole ? outcomes.rows : outcomes.rows.filter((row) => came.has(keyOf(row)));
  const known = new Map(expected.map((row) => [keyOf(row), row]));
  const found = whole ? rows : rows.map((row) => known.get(keyOf(row)) ?? row);
  const detail = outcomeDifference(resultLabels(steps), expected, found);
  if (detail.length === 0) return null;
  return {
    line: outcomes.first - 1,
    title: 'other outcomes than the page says',
    detail: detail.map((line) => `      ${line}`),
    blessable: true,
  };
}

function keyOf({ results }: OutcomeRow): string {
  return results.join('|');
}
