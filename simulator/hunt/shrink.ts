/**
 * Makes a failing run small: first the plan, each smaller one tried in the recorded world and in fresh ones, then the
 * world, with the plan fixed. It stays the same failure (`sameWay`): the same invariant, the same two kinds of step.
 *
 * The order matters (design, "Shrinking"): a step taken away moves the meaning of every later choice of the world, so plan
 * and world cannot shrink together.
 */
import type { Choices } from '../../proxy/ports.ts';
import { type Choice, type Rates, RecordedChoices, ReplayChoices, SeededChoices } from '../world/choices.ts';
import { sameWay, type Verdict } from './judge.ts';
import { actionsIn, GAP_AT, GAPS, LEFT_OUT_AT, type Plan } from './plan.ts';
import type { Recorded } from './replay-string.ts';
import { HUNT_RATES } from './run.ts';

/** Plays a plan in a world; null if all was well. */
export type Try = (plan: Plan, world: Choices) => Promise<Verdict | null>;

export interface Shrunk extends Recorded {
  readonly verdict: Verdict;
  /** How many runs it took. */
  readonly runs: number;
}

/** Who waits for it. */
export interface ShrinkWatch {
  /** It has become smaller: after so many runs it has so many steps. */
  told?(runs: number, steps: number): void;
  /** It is small enough as it is: nothing more is tried. */
  isEnough?(): boolean;
}

/** Fresh worlds in which a smaller plan may fail: the first ones while it is large, all of them at the end. */
const FEW_WORLDS = 4;
const FRESH_WORLDS = 20;
/** In every other one of them what is sent is split often: a failure that needs one place to be cut is rare in the usual ones. */
const CUTTING_RATES: Rates = { ...HUNT_RATES, 'net.split': 500 };
/** A fixed sequence: the same failure always ends in the same page. */
const FIRST_WORLD = 7000;
/** No more runs than this are spent on a failure: about half a minute. */
const MOST_RUNS = 12_000;
/** Pauses that a person would make, of the plan's. */
const LONG_GAPS = [...GAPS.keys()].filter((index) => GAPS[index]! >= 200);

export async function shrink(
  found: Recorded,
  verdict: Verdict,
  attempt: Try,
  watch: ShrinkWatch = {},
): Promise<Shrunk> {
  const shrinker = new Shrinker(found, verdict, attempt, watch);
  // What is not needed goes first, even where it takes more worlds to see that: lowering the numbers of what will go costs most.
  await shrinker.steps(FEW_WORLDS);
  await shrinker.steps(FRESH_WORLDS);
  await shrinker.plan(FEW_WORLDS);
  await shrinker.joinPauses();
  await shrinker.plan(FRESH_WORLDS);
  await shrinker.world();
  return shrinker.result();
}

class Shrinker {
  readonly #attempt: Try;
  readonly #watch: ShrinkWatch;
  #plan: Plan;
  #world: readonly Choice[];
  #verdict: Verdict;
  #runs = 0;
  #worlds = FEW_WORLDS;

  constructor({ plan, world }: Recorded, verdict: Verdict, attempt: Try, watch: ShrinkWatch) {
    this.#plan = plan;
    this.#world = world;
    this.#verdict = verdict;
    this.#attempt = attempt;
    this.#watch = watch;
  }

  result(): Shrunk {
    return { plan: this.#plan, world: this.#world, verdict: this.#verdict, runs: this.#runs };
  }

  get #isEnough(): boolean {
    return this.#runs >= MOST_RUNS || this.#watch.isEnough?.() === true;
  }

  /** Takes steps away until none can be missed. */
  async steps(worlds: number): Promise<void> {
    this.#worlds = worlds;
    await this.#untilNothingChanges(async () => {
      await this.#dropSteps();
      await this.#dropActions();
    });
  }

  async plan(worlds: number): Promise<void> {
    this.#worlds = worlds;
    await this.#untilNothingChanges(async () => {
      await this.#dropSteps();
      await this.#dropActions();
      await this.#lowerHead();
      await this.#lowerSteps();
    });
  }

  async #untilNothingChanges(act: () => Promise<void>): Promise<void> {
    for (;;) {
      const before = JSON.stringify(this.#plan);
      await act();
      if (JSON.stringify(this.#plan) === before || this.#isEnough) return;
    }
  }

  /** Takes away runs of steps, long ones first. */
  async #dropSteps(): Promise<void> {
    for (let size = Math.max(1, this.#plan.steps.length >> 1); ; size = size >> 1) {
      for (let at = this.#plan.steps.length - size; at >= 0; at -= size) {
        const { head, steps } = this.#plan;
        const smaller = { head, steps: [...steps.slice(0, at), ...steps.slice(at + size)] };
        if (await this.#fails(smaller)) at = Math.min(at, this.#plan.steps.length);
      }
      if (size <= 1) return;
    }
  }

  /** Of steps that are several actions those that can be missed go, the last first. */
  async #dropActions(): Promise<void> {
    for (let place = this.#plan.steps.length - 1; place >= 0; place -= 1) {
      const count = actionsIn(this.#plan, place);
      for (let action = count > 1 ? count - 1 : -1; action >= 0; action -= 1) {
        const { head, steps } = this.#plan;
        const step = steps[place]!;
        const leftOut = step[LEFT_OUT_AT] ?? 0;
        const less = leftOut | (1 << action);
        // A step of nothing would be one too many.
        if (less === leftOut || less === 2 ** count - 1) continue;
        const thinner = [...step, 0, 0, 0, 0, 0].slice(0, LEFT_OUT_AT).concat(less);
        await this.#fails({ head, steps: steps.with(place, thinner) });
      }
    }
  }

  /** Steps that only let time pass go, where one longer pause lets as much pass: of the lowering of numbers none comes to that. */
  async joinPauses(): Promise<void> {
    for (let place = this.#plan.steps.length - 1; place >= 0; place -= 1) {
      if ((this.#plan.steps[place]?.[GAP_AT] ?? 0) > 0) await this.#pausesWithout(place);
    }
  }

  async #pausesWithout(place: number): Promise<void> {
    const { head, steps } = this.#plan;
    const rest = steps.toSpliced(place, 1);
    for (const [at, step] of rest.entries()) {
      for (const gap of LONG_GAPS) {
        if (gap <= (step[GAP_AT] ?? 0)) continue;
        const longer = [...step, 0, 0, 0].slice(0, Math.max(step.length, GAP_AT + 1)).with(GAP_AT, gap);
        if (await this.#fails({ head, steps: rest.with(at, longer) })) return;
      }
    }
  }

  async #lowerHead(): Promise<void> {
    for (const index of this.#plan.head.keys()) {
      for (const value of lower(this.#plan.head[index]!)) {
        const head = this.#plan.head.with(index, value);
        if (await this.#fails({ ...this.#plan, head })) break;
      }
    }
  }

  async #lowerSteps(): Promise<void> {
    for (const place of this.#plan.steps.keys()) {
      for (const index of [...this.#plan.steps[place]!.slice(0, LEFT_OUT_AT).keys()].reverse()) {
        for (const value of lower(this.#plan.steps[place]![index]!)) {
          const step = this.#plan.steps[place]!.with(index, value);
          if (await this.#fails({ ...this.#plan, steps: this.#plan.steps.with(place, step) })) break;
        }
      }
    }
  }

  /** Tries a plan in the recorded world, in the plain one and in fresh ones; keeps it where it fails in the same way. */
  async #fails(plan: Plan): Promise<boolean> {
    if (this.#isEnough) return false;
    if (await this.#failsIn(plan, new ReplayChoices([]))) return true;
    if (this.#world.length > 0 && (await this.#failsIn(plan, new ReplayChoices(this.#world)))) return true;
    for (let fresh = 0; fresh < this.#worlds; fresh += 1) {
      const rates = fresh % 2 === 0 ? HUNT_RATES : CUTTING_RATES;
      if (await this.#failsIn(plan, new SeededChoices(FIRST_WORLD + fresh, rates))) return true;
    }
    return false;
  }

  async #failsIn(plan: Plan, choices: Choices): Promise<boolean> {
    const recorder = new RecordedChoices(choices);
    this.#runs += 1;
    const verdict = await this.#attempt(plan, recorder);
    if (verdict === null || !sameWay(verdict, this.#verdict)) return false;
    this.#plan = plan;
    this.#world = [...recorder.list];
    this.#verdict = verdict;
    this.#watch.told?.(this.#runs, plan.steps.length);
    return true;
  }

  /** The world with the plan fixed: blocks of decisions made 0, then single ones made smaller. */
  async world(): Promise<void> {
    for (let size = Math.max(1, this.#world.length); size >= 1; size = size >> 1) {
      for (let at = this.#world.length - size; at >= 0; at -= size) {
        await this.#keeps([...this.#world.slice(0, at), ...this.#world.slice(at + size)]);
        at = Math.min(at, this.#world.length);
      }
    }
    for (const place of this.#world.keys()) {
      for (const value of lower(this.#world[place]?.value ?? 0)) {
        if (value === 0) continue;
        if (await this.#keeps(this.#world.with(place, { ...this.#world[place]!, value }))) break;
      }
    }
  }

  async #keeps(world: readonly Choice[]): Promise<boolean> {
    if (this.#isEnough) return false;
    const recorder = new RecordedChoices(new ReplayChoices(world));
    this.#runs += 1;
    const verdict = await this.#attempt(this.#plan, recorder);
    if (verdict === null || !sameWay(verdict, this.#verdict)) return false;
    this.#world = [...recorder.list];
    this.#verdict = verdict;
    return true;
  }
}

/** Smaller values to try, the smallest first. */
function lower(value: number): number[] {
  const tries = [0, value >> 1, value - 1];
  return [...new Set(tries)].filter((it) => it >= 0 && it < value);
}
