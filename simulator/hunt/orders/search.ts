/**
 * All orders of a scenario's pieces, and what comes of them: a walk through the states that they lead to.
 *
 * The orders are a tree: at each place stand the moves that may come next. Two places with the same state (`state.ts`) have
 * the same below them; so the tree is kept as a graph, each of its moves is run once, and orders are counted on it. A run
 * goes from the beginning to the first place whose moves were not all run, makes the next of them, and goes on by first
 * moves until the end, or until a state that was seen. Always in the same order, so the first order of an outcome is the first.
 */
import type { Failure } from '../../scenario/runner.ts';
import type { Verdict } from '../judge.ts';
import { andThen, countOrders, type Done, type Pieces } from './pieces.ts';
import { begin, type Move, type WalkOptions } from './walk.ts';

export interface Outcome {
  /** A word for each piece that has a result. */
  readonly results: readonly string[];
  /** How many orders end so. */
  readonly orders: bigint;
  /** The first of them, as it is told: labels, `(sweep)`, `(fin)`. */
  readonly first: readonly string[];
}

export interface Searched {
  readonly kind: 'searched';
  /** By their first orders. */
  readonly outcomes: readonly Outcome[];
  /** Orders of the pieces alone, wherever sweep and FINs fall; those that were not looked at, too. */
  readonly pieceOrders: bigint;
  /** The same with every place for sweep and FINs, as far as they were looked at. */
  readonly orders: bigint;
  /** At least so many of `orders`' kind were not looked at: behind each move that was not made sweep and FINs fall nowhere. */
  readonly leftOut: bigint;
  /** Runs to the end, and runs that met a state that was seen. */
  readonly ended: number;
  readonly met: number;
}

export type Search =
  | Searched
  | {
      readonly kind: 'violated';
      readonly order: readonly string[];
      readonly way: readonly Move[];
      readonly verdict: Verdict;
      /** With the one in which it came to light. */
      readonly runs: number;
    }
  /** Not even the set-up is what the page says. */
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface SearchOptions extends WalkOptions {
  readonly mostRuns: number;
  /** False: every order is run, whatever was seen. For tests of the states. */
  readonly meets?: boolean;
}

/** A place among the orders. */
interface Place {
  /** How it was first reached. */
  readonly way: readonly Move[];
  readonly done: Done;
  readonly moves: readonly Move[];
  /** Where each move that was made has led to. */
  readonly ways: Place[];
  /** What came of it all; null if there is more to do. */
  readonly results: readonly string[] | null;
  known: Below | null;
}

/** What lies below a place. */
interface Below {
  readonly endings: ReadonlyMap<string, Ending>;
  readonly leftOut: bigint;
}

interface Ending {
  readonly results: readonly string[];
  readonly orders: bigint;
  /** The first order, from the place on. */
  readonly first: Chain | null;
}

interface Chain {
  readonly move: Move;
  readonly rest: Chain | null;
}

export function search(options: SearchOptions): Promise<Search> {
  return new Searching(options).run();
}

class Searching {
  readonly #options: SearchOptions;
  readonly #pieces: Pieces;
  readonly #seen = new Map<string, Place>();
  readonly #counted = new Map<Done, bigint>();
  /** The places on the way to where we are, all of whose moves may not have been made. */
  readonly #open: Place[] = [];
  #ended = 0;
  #met = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#pieces = options.pieces;
  }

  async run(): Promise<Search> {
    let stopped = await this.#walk(null);
    const root = this.#open[0];
    while (stopped === null && this.#open.length > 0) {
      const place = this.#open.at(-1)!;
      if (place.ways.length === place.moves.length) this.#open.pop();
      else if (this.#ended + this.#met >= this.#options.mostRuns) break;
      else stopped = await this.#walk(place);
    }
    if (stopped !== null) return stopped;
    const { endings, leftOut } = this.#below(root!);
    const outcomes = [...endings.values()].map(({ results, orders, first }) => ({
      results,
      orders,
      first: this.#told(movesOf(first)),
    }));
    return {
      kind: 'searched',
      outcomes,
      pieceOrders: this.#count(0n),
      orders: outcomes.reduce((sum, it) => sum + it.orders, 0n),
      leftOut,
      ended: this.#ended,
      met: this.#met,
    };
  }

  /** A run that makes the next move of a place; null is the first of all. */
  async #walk(from: Place | null): Promise<Search | null> {
    const walk = await begin(this.#options);
    if (!('make' in walk)) return { kind: 'failed', failure: walk };
    const way: Move[] = [];
    let at = from;
    if (walk.verdict !== null) return this.#violated(way, walk.verdict);
    if (at === null) {
      at = { way: [], done: walk.done, moves: walk.moves, ways: [], results: null, known: null };
      this.#seen.set(walk.state, at);
      this.#open.push(at);
    }
    for (const move of at.way) {
      way.push(move);
      if (!(await walk.make(move))) return this.#violated(way, walk.verdict!);
    }
    for (;;) {
      const move: Move = at.moves[at.ways.length]!;
      way.push(move);
      if (!(await walk.make(move))) return this.#violated(way, walk.verdict!);
      const { state, moves } = walk;
      const before = this.#options.meets === false ? undefined : this.#seen.get(state);
      if (before !== undefined) {
        at.ways.push(before);
        this.#met += 1;
        return null;
      }
      const over = moves.length === 0;
      if (over && !(await walk.end())) return this.#violated(way, walk.verdict!);
      const place: Place = {
        way: [...way],
        done: walk.done,
        moves,
        ways: [],
        results: over ? walk.results : null,
        known: null,
      };
      this.#seen.set(state, place);
      at.ways.push(place);
      if (over) {
        this.#ended += 1;
        return null;
      }
      this.#open.push(place);
      at = place;
    }
  }

  #violated(way: readonly Move[], verdict: Verdict): Search {
    return { kind: 'violated', order: this.#told(way), way: [...way], verdict, runs: this.#ended + this.#met + 1 };
  }

  #below(place: Place): Below {
    if (place.known !== null) return place.known;
    const endings = new Map<string, Ending>();
    let leftOut = 0n;
    if (place.results !== null) {
      endings.set(place.results.join('|'), { results: place.results, orders: 1n, first: null });
    }
    for (const [index, move] of place.moves.entries()) {
      const next = place.ways[index];
      if (next === undefined) {
        leftOut += this.#count(typeof move === 'number' ? andThen(place.done, move) : place.done);
        continue;
      }
      const below = this.#below(next);
      leftOut += below.leftOut;
      for (const [key, { results, orders, first }] of below.endings) {
        const known = endings.get(key);
        if (known === undefined) endings.set(key, { results, orders, first: { move, rest: first } });
        else endings.set(key, { ...known, orders: known.orders + orders });
      }
    }
    place.known = { endings, leftOut };
    return place.known;
  }

  #count(done: Done): bigint {
    return countOrders(this.#pieces, done, this.#counted);
  }

  #told(way: readonly Move[]): string[] {
    return way.map((move) => (typeof move === 'number' ? this.#pieces.pieces[move]!.label : `(${move})`));
  }
}

function movesOf(chain: Chain | null): Move[] {
  const moves: Move[] = [];
  for (let at = chain; at !== null; at = at.rest) moves.push(at.move);
  return moves;
}
