/** What the ports promise of pausing and resuming. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import { type Expectation, MEGABYTE, pattern } from '../expectation.ts';

export const READING: readonly Expectation[] = [
  {
    sentence: 'a paused end hears neither data nor the FIN behind it; resume brings both, in order',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      client.write('held ');
      client.write('back');
      client.finish();
      await lab.arm.quiet();
      expect(server.log).toEqual([]);
      server.resume();
      await lab.until('FIN', () => server.log.includes('end'));
      expect(server.log).toEqual(['data', 'end']);
      expect(server.text).toBe('held back');
    },
  },
  {
    sentence: 'a paused end with nothing unread hears FIN',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      client.finish();
      await lab.until('FIN', () => server.log.includes('end'));
    },
  },
  {
    sentence: 'a paused end hears RST, and loses what it had not read',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      client.write('unread');
      await lab.until('flushed', () => client.log.includes('flushed'));
      await lab.arm.quiet();
      client.kill();
      await lab.until('reset', () => server.over);
      expect(server.log).toEqual(['reset', 'closed']);
    },
  },
  {
    sentence: 'no data comes once pause has been called, and what comes after resume is complete and in order',
    async check(lab) {
      const { client, server } = await lab.pair();
      const bytes = pattern(MEGABYTE);
      let pauses = 0;
      let paused = false;
      let late = 0;
      server.onData = () => {
        if (paused) late++;
        if (pauses >= 5) return;
        pauses++;
        paused = true;
        server.pause();
      };
      client.write(bytes);
      for (let i = 1; i <= 5; i++) {
        await lab.until('paused', () => pauses === i);
        await lab.arm.quiet();
        paused = false;
        server.resume();
      }
      await lab.until('all received', () => server.received === bytes.length);
      expect(late).toBe(0);
      expect(Buffer.concat(server.chunks).equals(bytes)).toBe(true);
    },
  },
  {
    sentence: 'one who only discards must go on reading, so that the FIN arrives',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      client.write(Buffer.alloc(MEGABYTE));
      client.finish();
      server.finish();
      await lab.arm.quiet();
      expect(server.log).toEqual([]);
      server.resume();
      await lab.until('closed', () => server.over && client.over);
      expect(server.signs).toEqual(['end', 'closed']);
    },
  },
];
