/** What the ports promise of listening, connecting, accepting. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import type { Expectation } from '../expectation.ts';

export const OPENING: readonly Expectation[] = [
  {
    sentence: 'a connection is opened at one end and accepted at the other, and each knows both addresses',
    async check(lab) {
      const ear = await lab.listen();
      const client = lab.connect(ear.address);
      await lab.until('up', () => client.log.length > 0 && ear.accepted.length > 0);
      const server = ear.accepted[0]!;
      expect(client.log).toEqual(['opened']);
      expect(server.log).toEqual([]);
      expect(client.connection.remote).toEqual(ear.address);
      expect(server.connection.local).toEqual(ear.address);
      expect(server.connection.remote).toEqual(client.connection.local);
      expect(client.connection.local.port).toBeGreaterThan(0);
    },
  },
  {
    sentence: 'where nobody listens a connection is refused, then closed, and nothing else',
    async check(lab) {
      const ear = await lab.listen();
      ear.close();
      await lab.until('listener closed', () => ear.log.includes('closed'));
      const client = lab.connect(ear.address);
      client.write('lost');
      await lab.until('closed', () => client.over);
      expect(client.log).toEqual(['refused', 'closed']);
    },
  },
  {
    sentence: 'a port in use cannot be listened on: failed, then closed',
    async check(lab) {
      const first = await lab.listen();
      const second = lab.ear(first.address);
      await lab.until('closed', () => second.log.includes('closed'));
      expect(second.log).toEqual(['failed EADDRINUSE', 'closed']);
      const client = lab.connect(first.address);
      await lab.until('the first one still accepts', () => first.accepted.length === 1 && client.log.length > 0);
    },
  },
  {
    sentence: 'closing a listener stops accepting at once and leaves its connections alone',
    async check(lab) {
      const ear = await lab.listen();
      const client = lab.connect(ear.address);
      await lab.until('up', () => client.log.length > 0 && ear.accepted.length > 0);
      ear.close();
      await lab.until('listener closed', () => ear.log.includes('closed'));
      expect(ear.log).toEqual(['listening', 'closed']);
      const late = lab.connect(ear.address);
      await lab.until('refused', () => late.over);
      expect(late.log).toEqual(['refused', 'closed']);
      client.write('still here');
      await lab.until('received', () => ear.accepted[0]!.text === 'still here');
    },
  },
  {
    sentence: 'a listener closed before it listens says only closed, and the port is free again',
    async check(lab) {
      const first = await lab.listen();
      first.close();
      await lab.until('free', () => first.log.includes('closed'));
      const ear = lab.ear(first.address);
      ear.close();
      await lab.until('closed', () => ear.log.includes('closed'));
      expect(ear.log).toEqual(['closed']);
      await lab.listen(first.address);
    },
  },
  {
    sentence: 'a connection given up before it is up says only closed',
    async check(lab) {
      const ear = await lab.listen();
      const closed = lab.connect(ear.address);
      closed.write('lost');
      closed.shut();
      const reset = lab.connect(ear.address);
      reset.kill();
      await lab.until('closed', () => closed.over && reset.over);
      expect(closed.log).toEqual(['closed']);
      expect(reset.log).toEqual(['closed']);
      await lab.arm.quiet();
      expect(ear.accepted.map(({ received }) => received).every((bytes) => bytes === 0)).toBe(true);
    },
  },
  {
    sentence: 'what is written, and ended, before the connection is up goes out when it is',
    async check(lab) {
      const ear = await lab.listen();
      const client = lab.connect(ear.address);
      client.write('early ');
      client.write('bird');
      client.finish();
      await lab.until('received', () => ear.accepted[0]?.signs.includes('end') === true);
      expect(ear.accepted[0]!.text).toBe('early bird');
      await lab.until('flushed', () => client.log.includes('flushed'));
      expect(client.log).toEqual(['opened', 'flushed']);
    },
  },
  {
    sentence: 'an accepting end may write, and even stop, while it is being accepted',
    async check(lab) {
      const ear = await lab.listen();
      ear.greet = (end) => {
        end.write('greeting');
        end.finish();
      };
      const client = lab.connect(ear.address);
      await lab.until('greeted', () => client.log.includes('end'));
      expect(client.log).toEqual(['opened', 'data', 'end']);
      expect(client.text).toBe('greeting');
      ear.greet = (end) => end.shut();
      const unlucky = lab.connect(ear.address);
      await lab.until('turned away', () => unlucky.log.includes('end'));
      expect(unlucky.log).toEqual(['opened', 'end']);
    },
  },
  {
    sentence: 'a peer that resets or closes as soon as it accepts is heard after opened',
    async check(lab) {
      const ear = await lab.listen();
      for (let i = 0; i < 100; i++) {
        ear.greet = (end) => (i % 2 === 0 ? end.kill() : end.shut());
        const client = lab.connect(ear.address);
        await lab.until('heard', () => client.log.length > 1);
        expect(client.signs.slice(0, 2)).toEqual(['opened', i % 2 === 0 ? 'reset' : 'end']);
        client.shut();
      }
    },
  },
];
