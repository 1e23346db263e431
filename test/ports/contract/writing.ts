/** What the ports promise of writing: order, delay, `flushed`, back-pressure. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import { HIGH_WATER } from '../../../proxy/ports.ts';
import { type Expectation, MEGABYTE, pattern, TOO_MUCH } from '../expectation.ts';

export const WRITING: readonly Expectation[] = [
  {
    sentence: 'bytes arrive complete and in order, both ways at once',
    async check(lab) {
      const { client, server } = await lab.pair();
      const bytes = pattern(3 * MEGABYTE + 17);
      for (let at = 0; at < bytes.length; at += 50_001) {
        client.write(bytes.subarray(at, at + 50_001));
        server.write(bytes.subarray(at, at + 50_001));
      }
      await lab.until('all received', () => client.received >= bytes.length && server.received >= bytes.length);
      expect(Buffer.concat(client.chunks).equals(bytes)).toBe(true);
      expect(Buffer.concat(server.chunks).equals(bytes)).toBe(true);
    },
  },
  {
    sentence: 'several views written together arrive in order',
    async check(lab) {
      const { client, server } = await lab.pair();
      expect(client.writeAll(['one ', '', 'two ', 'three'])).toBe(true);
      expect(client.writeAll([])).toBe(true);
      client.writeAll([' four']);
      await lab.until('received', () => server.text === 'one two three four');
      await lab.until('flushed', () => client.log.includes('flushed'));
    },
  },
  {
    sentence: 'small writes are not delayed',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.onData = () => {
        if (server.received % 6 !== 0) return;
        server.write('head');
        server.write('body');
      };
      const before = lab.arm.clock.now();
      for (let round = 1; round <= 50; round++) {
        client.write('com');
        client.write('and');
        await lab.until('answered', () => client.received === 8 * round);
      }
      // A delayed acknowledgement is 40 ms: 50 rounds would take two seconds and more.
      expect(lab.arm.clock.now() - before).toBeLessThan(1500);
    },
  },
  {
    sentence: 'a chunk that is copied outlives its event, and a small one does not hold much alive',
    async check(lab) {
      const { client, server } = await lab.pair();
      const kept: Buffer[] = [];
      let held = 0;
      server.onData = (chunk) => {
        kept.push(Buffer.from(chunk));
        held = Math.max(held, chunk.buffer.byteLength);
      };
      for (let i = 0; i < 200; i++) {
        const word = String(i).padStart(5, '0');
        const written = Buffer.from(word);
        server.received = 0;
        client.write(written);
        await lab.until('received', () => server.received === 5);
        // Flushed long ago, or at least received: the writer may use its buffer again.
        written.fill(0);
      }
      expect(Buffer.concat(kept).toString('latin1')).toBe(
        Array.from({ length: 200 }, (_, i) => String(i).padStart(5, '0')).join(''),
      );
      expect(held).toBeLessThanOrEqual(16 * 1024);
    },
  },
  {
    sentence: 'after flushed the writer may use its buffer again, even towards a paused reader',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      const buffer = Buffer.from('first');
      client.write(buffer);
      await lab.until('flushed', () => client.log.includes('flushed'));
      buffer.write('XXXXX');
      server.resume();
      await lab.until('received', () => server.received === 5);
      expect(server.text).toBe('first');
    },
  },
  {
    sentence: 'flushed comes once after each stretch of writing',
    async check(lab) {
      const { client, server } = await lab.pair();
      for (let stretch = 1; stretch <= 3; stretch++) {
        for (let i = 0; i < 5; i++) client.write('x');
        await lab.until('flushed', () => client.count('flushed') === stretch);
        await lab.until('received', () => server.received === 5 * stretch);
      }
      client.write(Buffer.alloc(0));
      await lab.arm.quiet();
      expect(client.log).toEqual(['flushed', 'flushed', 'flushed']);
    },
  },
  {
    sentence: 'flushed comes at the latest before closed, and FIN behind it',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.finish();
      await lab.until('FIN', () => client.log.includes('end'));
      client.write(pattern(3 * MEGABYTE));
      client.finish();
      await lab.until('closed', () => client.over && server.over);
      expect(client.log).toEqual(['end', 'flushed', 'closed']);
      expect(server.received).toBe(3 * MEGABYTE);
      expect(server.log).toEqual(['data', 'end', 'closed']);
    },
  },
  {
    sentence:
      'towards a reader that is paused write gives false and unsent grows; when it reads on drain comes, then flushed',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      const chunk = Buffer.alloc(MEGABYTE, 1);
      let written = 0;
      while (client.write(chunk)) {
        written += chunk.length;
        expect(client.connection.unsent).toBeLessThanOrEqual(HIGH_WATER);
        expect(written).toBeLessThan(TOO_MUCH);
      }
      written += chunk.length;
      expect(client.connection.unsent).toBeGreaterThan(HIGH_WATER);
      await lab.arm.quiet();
      // What the systems' buffers still took may have made room; then that was said.
      while (client.connection.unsent <= HIGH_WATER) {
        client.write(chunk);
        written += chunk.length;
      }
      const before = client.count('drain');
      expect(server.received).toBe(0);
      server.resume();
      await lab.until('all received', () => server.received === written);
      await lab.until('drained', () => client.count('drain') === before + 1);
      await lab.until('flushed', () => client.log.at(-1) === 'flushed');
      expect(client.log.at(-2)).toBe('drain');
      expect(client.connection.unsent).toBe(0);
      await lab.arm.quiet();
      expect(client.count('drain')).toBe(before + 1);
    },
  },
  {
    sentence: 'drain comes only after a false',
    async check(lab) {
      const { client, server } = await lab.pair();
      let drains = 0;
      for (let i = 1; i <= 20; i++) {
        if (!client.write(Buffer.alloc(HIGH_WATER))) drains++;
        await lab.until('received', () => server.received === i * HIGH_WATER);
        await lab.until('flushed', () => client.log.at(-1) === 'flushed');
      }
      expect(client.count('drain')).toBe(drains);
    },
  },
  {
    sentence: 'a writer that goes on at each drain gets everything through in bounded memory',
    async check(lab) {
      const { client, server } = await lab.pair();
      const total = 16 * MEGABYTE;
      let written = 0;
      let most = 0;
      const chunk = Buffer.alloc(16 * 1024);
      client.onDrain = () => {
        while (written < total) {
          written += chunk.length;
          const room = client.write(chunk);
          most = Math.max(most, client.connection.unsent);
          if (!room) return;
        }
      };
      client.onDrain();
      await lab.until('all received', () => server.received === total);
      expect(most).toBeLessThanOrEqual(HIGH_WATER + chunk.length);
    },
  },
];
