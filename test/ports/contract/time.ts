/** What the ports promise of the clock. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import type { Expectation } from '../expectation.ts';

export const TIME: readonly Expectation[] = [
  {
    sentence: 'timers fire in the order of their time, those of one instant in the order of arming',
    async check(lab) {
      const { clock } = lab.arm;
      const log: string[] = [];
      const begin = clock.now();
      clock.after(20, () => log.push(`c ${clock.now() >= begin + 20}`));
      clock.after(5, () => log.push(`a ${clock.now() >= begin + 5}`));
      clock.after(5, () => log.push('b'));
      expect(clock.armed).toBe(3);
      await lab.arm.advance(25);
      expect(log).toEqual(['a true', 'b', 'c true']);
      expect(clock.armed).toBe(0);
    },
  },
  {
    sentence: 'a timer of delay 0 fires soon, but never from inside the call',
    async check(lab) {
      const { clock } = lab.arm;
      const log: string[] = [];
      clock.after(0, () => {
        clock.after(0, () => log.push('inner'));
        log.push('outer');
      });
      clock.after(-1, () => log.push('late'));
      log.push('armed');
      await lab.arm.advance(5);
      expect(log.sort()).toEqual(['armed', 'inner', 'late', 'outer']);
      expect(clock.armed).toBe(0);
    },
  },
  {
    sentence: 'a cancelled timer does not fire, and cancelling twice or late does nothing',
    async check(lab) {
      const { clock } = lab.arm;
      const log: string[] = [];
      // Armed first, and so due first, however long arming takes.
      const canceller = clock.after(0, () => other.cancel());
      const other = clock.after(4, () => log.push('never either'));
      const cancelled = clock.after(1, () => log.push('never'));
      const fired = clock.after(1, () => log.push('once'));
      cancelled.cancel();
      cancelled.cancel();
      expect(clock.armed).toBe(3);
      await lab.arm.advance(5);
      fired.cancel();
      canceller.cancel();
      expect(log).toEqual(['once']);
      expect(clock.armed).toBe(0);
    },
  },
  {
    sentence: 'the clock never goes back, and a timer sees its deadline reached',
    async check(lab) {
      const { clock } = lab.arm;
      let last = clock.now();
      let early = 0;
      for (let i = 0; i < 20; i++) {
        const deadline = clock.now() + 1.3;
        clock.after(1.3, () => {
          if (clock.now() < deadline) early++;
        });
        await lab.arm.advance(2);
        expect(clock.now()).toBeGreaterThanOrEqual(last);
        last = clock.now();
      }
      expect(early).toBe(0);
    },
  },
  {
    sentence: 'hundreds of timers, many of them cancelled, fire by deadline',
    async check(lab) {
      const { clock } = lab.arm;
      // Time may run while we arm: the deadline lies between these two.
      const fired: { from: number; to: number }[] = [];
      for (let i = 0; i < 300; i++) {
        const delay = (i * 37) % 50;
        const due = { from: clock.now() + delay, to: 0 };
        const timer = clock.after(delay, () => fired.push(due));
        due.to = clock.now() + delay;
        if (i % 3 === 0) timer.cancel();
      }
      expect(clock.armed).toBe(200);
      await lab.arm.advance(60);
      expect(fired).toHaveLength(200);
      let latest = 0;
      for (const { from, to } of fired) {
        expect(to).toBeGreaterThanOrEqual(latest);
        latest = Math.max(latest, from);
      }
      expect(clock.armed).toBe(0);
    },
  },
];
