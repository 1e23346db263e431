/**
 * 5,000 bad connections over real sockets, drawn from a seed: each gets the documented error or a close, a bystander
 * notices nothing, and afterwards there is as much of everything as before.
 *
 * `ODPLAB_SEED` gives a run again, `ODPLAB_ATTACK` one attack of it alone.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../simulator/world/virtual-clock.ts';
import { MEASURED_LOGINS } from '../wire/fixtures.ts';
import { type Attack, CLOSED, GREETED, sends } from './attack.ts';
import { attack } from './attacker.ts';
import { Bystander } from './bystander.ts';
import { Dice, replayLine, SEED } from './dice.ts';
import { drawAttacks } from './kinds.ts';
import { SocketStage } from './socket-stage.ts';

const FILE = 'flood.test.ts';
const ATTACKS = 5000;
/** So many at a time. */
const ABREAST = 30;
/** After so many failures no more is tried: each may have taken its time. */
const ENOUGH = 20;
/** The bystander waits for nothing longer than this; milliseconds. */
const LONGEST_PAUSE = 1000;

/** What was thrown out of an event handler: in production it would have ended the proxy for everybody. */
const uncaught: string[] = [];

function onUncaught(error: unknown): void {
  uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtException', onUncaught);
});

afterEach(() => {
  process.off('uncaughtException', onUncaught);
});

/** All of them, `ABREAST` at a time, in their order; what went otherwise than expected, up to `ENOUGH` of it. */
async function runAll(attacks: readonly (readonly [number, Attack])[], stage: SocketStage): Promise<string[]> {
  const failures: string[] = [];
  const queue = attacks.values();
  const lane = async () => {
    for (const [number, it] of queue) {
      if (failures.length >= ENOUGH) break;
      const failure = await attack(it, stage.address);
      if (failure !== null) {
        failures.push(`attack ${number}, ${it.kind}: ${failure}\n  ${replayLine(FILE, { ODPLAB_ATTACK: number })}`);
      }
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, lane));
  return failures;
}

test(`${ATTACKS} bad connections, and a bystander`, { timeout: 120_000 }, async () => {
  console.log(`seed ${SEED}; again with ${replayLine(FILE)}`);
  const drawn = [...drawAttacks(new Dice(SEED), ATTACKS).entries()];
  const only = process.env.ODPLAB_ATTACK;
  const attacks = only === undefined ? drawn : drawn.filter(([number]) => number === Number(only));
  const stage = await SocketStage.open();
  const bystander = await Bystander.arrive(stage.address);
  try {
    // Whatever is made once, at first use, is there before we count.
    expect(await runAll([[0, { kind: 'the first', steps: [GREETED, sends(Buffer.alloc(4)), CLOSED] }]], stage)).toEqual(
      [],
    );
    const before = await stage.calm(1);
    // One of the observer, one of the proxy, for how long the bystander may be idle.
    expect(before).toMatchObject({ clientSessions: 1, serverSessions: 1, observerSessions: 1, timers: 2 });

    bystander.start();
    const failures = await runAll(attacks, stage);
    await bystander.stop();

    expect(uncaught.slice(0, 3), replayLine(FILE)).toEqual([]);
    expect(failures.slice(0, 5), `${failures.length} of ${attacks.length}`).toEqual([]);
    expect(bystander.troubles, replayLine(FILE)).toEqual([]);
    expect(bystander.answers).toBeGreaterThan(0);
    expect(bystander.longestPause, replayLine(FILE)).toBeLessThan(LONGEST_PAUSE);
    expect(await stage.asBefore(before), replayLine(FILE)).toEqual(before);
    // Nobody's transaction has left a row or a lock behind.
    const account = stage.cluster.tenant('shop').store.find('bank')?.find('account');
    expect([account?.rows.size, account?.locks.size]).toEqual([4, 0]);
  } finally {
    bystander.leave();
    await stage.close();
  }
});

test('half a login and then silence: a close without a word after ten seconds', async () => {
  const clock = new VirtualClock();
  const stage = await SocketStage.open(clock);
  const dice = new Dice(SEED);
  const silent = Array.from({ length: ABREAST }, (_, number): readonly [number, Attack] => {
    const { packet } = dice.pick(MEASURED_LOGINS);
    return [number, { kind: 'silent', steps: [GREETED, sends(packet.subarray(0, dice.below(packet.length))), CLOSED] }];
  });
  const before = await stage.calm(0);
  try {
    const outcome = runAll(silent, stage);
    while (stage.proxy.facts().clientSessions < silent.length) await new Promise(setImmediate);
    clock.advanceTo(clock.now() + 9900);
    clock.runDue();
    expect(stage.proxy.facts().clientSessions).toBe(silent.length);
    clock.advanceTo(clock.now() + 1100);
    clock.runDue();
    expect(stage.proxy.facts().clientSessions).toBe(0);
    expect(await outcome).toEqual([]);
    expect(await stage.asBefore(before)).toEqual(before);
    expect(clock.armed).toBe(0);
  } finally {
    await stage.close();
  }
});
