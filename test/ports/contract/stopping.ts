/** What the ports promise of the three ways to stop, and how each is heard. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import { type Expectation, MEGABYTE, pattern, TOO_MUCH, writeTooMuch } from '../expectation.ts';

export const STOPPING: readonly Expectation[] = [
  {
    sentence: 'a FIN does not end our own side',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.finish();
      await lab.until('FIN', () => client.log.includes('end'));
      await lab.arm.quiet();
      expect(client.log).toEqual(['end']);
      client.write('and ');
      client.write(Buffer.alloc(MEGABYTE));
      await lab.until('received', () => server.received === MEGABYTE + 4);
      expect(server.signs).toEqual([]);
    },
  },
  {
    sentence: 'when both sides have ended, each is closed once',
    async check(lab) {
      const { client, server } = await lab.pair();
      client.write('bye');
      client.finish();
      await lab.until('FIN', () => server.log.includes('end'));
      expect(server.over).toBe(false);
      server.finish();
      await lab.until('closed', () => client.over && server.over);
      expect(client.log).toEqual(['flushed', 'end', 'closed']);
      expect(server.log).toEqual(['data', 'end', 'closed']);
    },
  },
  {
    sentence: 'ends that end at the same moment are both closed, with nothing lost',
    async check(lab) {
      const { client, server } = await lab.pair();
      for (const end of [client, server]) {
        end.write('last words');
        end.finish();
      }
      await lab.until('closed', () => client.over && server.over);
      expect(client.signs).toEqual(['end', 'closed']);
      expect(server.signs).toEqual(['end', 'closed']);
      expect(client.text + server.text).toBe('last wordslast words');
    },
  },
  {
    sentence: 'after end, close and reset, write does nothing and gives true',
    async check(lab) {
      for (const stop of ['finish', 'shut', 'kill'] as const) {
        const { client, server } = await lab.pair();
        client[stop]();
        expect(client.write('too late')).toBe(true);
        expect(client.writeAll(['too', 'late'])).toBe(true);
        expect(client.connection.unsent).toBe(0);
        client.finish();
        await lab.until('heard', () => server.signs.length > 0);
        expect(server.signs[0]).toBe(stop === 'kill' ? 'reset' : 'end');
        client.write('later still');
        await lab.arm.quiet();
        expect(server.received).toBe(0);
        expect(client.log).toEqual(stop === 'finish' ? [] : ['closed']);
      }
    },
  },
  {
    sentence: 'an idle RST is reset, then closed',
    async check(lab) {
      const { client, server } = await lab.pair();
      client.write('hello');
      await lab.until('received', () => server.received === 5);
      client.kill();
      await lab.until('closed', () => client.over && server.over);
      expect(server.log).toEqual(['data', 'reset', 'closed']);
      expect(client.signs).toEqual(['closed']);
      expect(server.write('gone')).toBe(true);
    },
  },
  {
    sentence: 'RST behind data is told from FIN',
    async check(lab) {
      for (let i = 0; i < 20; i++) {
        const { client, server } = await lab.pair();
        server.write('hello');
        server.kill();
        await lab.until('closed', () => client.over && server.over);
        // It may swallow the bytes.
        expect(client.signs).toEqual(['reset', 'closed']);
      }
    },
  },
  {
    sentence: 'FIN behind data is told from RST',
    async check(lab) {
      for (let i = 0; i < 20; i++) {
        const { client, server } = await lab.pair();
        server.write('hello');
        server.shut();
        await lab.until('FIN', () => client.signs.length > 0);
        await lab.arm.quiet();
        expect(client.log).toEqual(['data', 'end']);
      }
    },
  },
  {
    sentence: 'a reset right behind end is still carried out',
    async check(lab) {
      const { client, server } = await lab.pair();
      client.write('hello');
      client.finish();
      client.kill();
      await lab.until('closed', () => client.over);
      expect(client.log).toEqual(['closed']);
      await lab.until('heard', () => server.signs.length > 0);
    },
  },
  {
    sentence: 'reset drops what is unsent',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      writeTooMuch(client);
      client.kill();
      await lab.until('closed', () => client.over);
      expect(client.log.filter((event) => event === 'flushed')).toEqual([]);
      server.resume();
      await lab.until('heard', () => server.over);
      expect(server.signs).toEqual(['reset', 'closed']);
      expect(server.received).toBeLessThan(TOO_MUCH);
    },
  },
  {
    sentence: 'close drops what is unsent and sends FIN behind what the system has',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      writeTooMuch(client);
      client.shut();
      await lab.until('closed', () => client.over);
      expect(client.log.filter((event) => event === 'flushed')).toEqual([]);
      server.resume();
      await lab.until('FIN', () => server.signs.length > 0);
      expect(server.signs).toEqual(['end']);
      expect(server.received).toBeLessThan(TOO_MUCH);
    },
  },
  {
    sentence: 'close with unread bytes gives the peer a reset',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.pause();
      client.write('unread');
      await lab.until('flushed', () => client.log.includes('flushed'));
      await lab.arm.quiet();
      server.shut();
      await lab.until('reset', () => client.over && server.over);
      expect(client.signs).toEqual(['reset', 'closed']);
      expect(server.log).toEqual(['closed']);
    },
  },
  {
    sentence: 'bytes that reach a closed peer are answered with reset',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.shut();
      await lab.until('FIN', () => client.log.includes('end'));
      client.write('anybody there?');
      await lab.until('reset', () => client.over);
      expect(client.signs).toEqual(['end', 'reset', 'closed']);
    },
  },
  {
    sentence: 'a FIN that a RST follows before we look is still heard first',
    async check(lab) {
      for (let i = 0; i < 20; i++) {
        const { client, server } = await lab.pair();
        server.shut();
        client.write('anybody there?');
        await lab.until('closed', () => client.over && server.over);
        expect(client.signs).toEqual(['end', 'reset', 'closed']);
      }
    },
  },
  {
    sentence: 'self-kill: write, end, discard – the late bytes fall away and the peer hears FIN, not RST',
    async check(lab) {
      const { client, server } = await lab.pair();
      server.onData = () => {
        if (server.count('end') > 0 || server.connection.unsent > 0) return;
        server.write('ERR 1317');
        server.finish();
        server.onData = undefined;
      };
      client.write('KILL');
      client.write(Buffer.alloc(MEGABYTE));
      await lab.until('FIN', () => client.log.includes('end') && server.received === MEGABYTE + 4);
      expect(client.text).toBe('ERR 1317');
      client.write('next command');
      await lab.until('taken', () => server.received === MEGABYTE + 16);
      await lab.arm.quiet();
      expect(client.signs).toEqual(['end']);
      expect(client.log.at(-1)).toBe('flushed');
      client.finish();
      await lab.until('closed', () => client.over && server.over);
      expect(client.signs).toEqual(['end', 'closed']);
      expect(server.signs).toEqual(['end', 'closed']);
    },
  },
  {
    sentence: 'end behind much data loses none of it',
    async check(lab) {
      const { client, server } = await lab.pair();
      const bytes = pattern(8 * MEGABYTE);
      server.write(bytes);
      server.write('ERR');
      server.finish();
      await lab.until('FIN', () => client.log.includes('end'));
      expect(client.received).toBe(bytes.length + 3);
      expect(Buffer.concat(client.chunks).subarray(0, bytes.length).equals(bytes)).toBe(true);
    },
  },
  {
    sentence: 'end towards a peer that never reads sends no FIN and never closes; close is the way out',
    async check(lab) {
      const { client, server } = await lab.pair();
      client.pause();
      writeTooMuch(server);
      server.finish();
      client.finish();
      await lab.arm.quiet();
      expect(server.signs).toEqual(['end']);
      expect(server.log).not.toContain('flushed');
      expect(client.log).toEqual([]);
      expect(server.connection.unsent).toBeGreaterThan(0);
      server.shut();
      await lab.until('closed', () => server.over);
      expect(server.log).toEqual(['end', 'closed']);
    },
  },
  {
    sentence: 'after close and reset nothing comes but closed, whatever is on its way',
    async check(lab) {
      for (const stop of ['shut', 'kill'] as const) {
        const { client, server } = await lab.pair();
        server.write('on its way');
        server.finish();
        client.write('never mind');
        client[stop]();
        client.kill();
        client.shut();
        client.pause();
        client.resume();
        await lab.until('closed', () => client.over);
        await lab.arm.quiet();
        expect(client.log).toEqual(['closed']);
      }
    },
  },
];
