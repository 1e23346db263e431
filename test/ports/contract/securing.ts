/** What the ports promise of going over to TLS. Sentences about ports, never about sockets or memory. */
import { expect } from 'vitest';
import type { End, Lab } from '../arm.ts';
import { type Expectation, MEGABYTE, pattern } from '../expectation.ts';

const REQUEST = 'please go over';

/** The client asks and begins at once; the server begins when it has read the request, with what came behind it. */
function upgradeOnRequest(server: End, request = REQUEST): void {
  server.onData = () => {
    if (server.received < request.length) return;
    server.onData = undefined;
    server.startTls(Buffer.from(server.text.slice(request.length), 'latin1'));
  };
}

async function bothSecured(lab: Lab, client: End, server: End): Promise<void> {
  await lab.until('secured', () => client.log.includes('secured') && server.log.includes('secured'));
}

export const SECURING: readonly Expectation[] = [
  {
    sentence:
      'TLS begins in the midst of a stream: what was written before is plain, what is written after it arrives as it is',
    async check(lab) {
      const { client, server } = await lab.pair();
      expect(client.connection.secure).toBe(false);
      upgradeOnRequest(server);
      client.write(REQUEST);
      client.startTls();
      await bothSecured(lab, client, server);
      expect(client.connection.secure && server.connection.secure).toBe(true);
      // What was handed over so far: the request, and at most the beginning of a handshake behind it.
      expect(server.text.startsWith(REQUEST)).toBe(true);
      const before = server.received;
      const bytes = pattern(3 * MEGABYTE);
      client.write(bytes);
      server.write(bytes);
      await lab.until('received', () => client.received === bytes.length && server.received === before + bytes.length);
      expect(Buffer.concat(client.chunks).equals(bytes)).toBe(true);
      expect(Buffer.concat(server.chunks).subarray(before).equals(bytes)).toBe(true);
      expect(client.signs).toEqual(['secured']);
      expect(server.signs).toEqual(['secured']);
    },
  },
  {
    sentence: 'it does not matter who begins first, nor how late the other one is',
    async check(lab) {
      for (const first of ['client', 'server'] as const) {
        const pair = await lab.pair();
        const second = first === 'client' ? pair.server : pair.client;
        pair[first].startTls();
        await lab.arm.quiet();
        expect(pair[first].signs).toEqual([]);
        second.startTls(Buffer.concat(second.chunks));
        await bothSecured(lab, pair.client, pair.server);
        const before = pair.server.received;
        pair.client.write('hello');
        await lab.until('received', () => pair.server.received === before + 5);
      }
    },
  },
  {
    sentence: 'a handshake that had begun to arrive goes on wherever it was cut',
    async check(lab) {
      // The client's first words are those of another one, who is not there any more: only where they end is of interest.
      const one = await lab.pair();
      one.client.startTls();
      await lab.until('a hello', () => one.server.received > 0);
      await lab.arm.quiet();
      const hello = one.server.received;
      for (let cut = 1; cut < hello; cut += Math.ceil(hello / 30)) {
        const { client, server } = await lab.pair();
        server.onData = () => {
          if (server.received < cut) return;
          server.onData = undefined;
          server.startTls(Buffer.concat(server.chunks));
        };
        client.startTls();
        await bothSecured(lab, client, server);
      }
    },
  },
  {
    sentence: 'an end that is paused hears no data behind the handshake until it resumes',
    async check(lab) {
      for (const when of ['before', 'in the midst'] as const) {
        const { client, server } = await lab.pair();
        if (when === 'before') server.pause();
        server.startTls();
        if (when === 'in the midst') server.pause();
        client.startTls();
        await lab.arm.quiet();
        // In memory it is stuck; on sockets it may have gone on.
        if (client.log.includes('secured')) client.write('hello');
        await lab.arm.quiet();
        expect(server.received).toBe(0);
        server.resume();
        await bothSecured(lab, client, server);
        client.write(' and hello');
        await lab.until('received', () => server.text.endsWith(' and hello'));
      }
    },
  },
  {
    sentence: 'FIN and half-close are as without TLS',
    async check(lab) {
      const { client, server } = await lab.securePair();
      server.write('last words');
      server.finish();
      await lab.until('FIN', () => client.log.includes('end'));
      expect(client.text).toBe('last words');
      client.write('still talking');
      await lab.until('received', () => server.text === 'still talking');
      client.finish();
      await lab.until('closed', () => client.over && server.over);
      expect(client.signs).toEqual(['end', 'closed']);
      expect(server.signs).toEqual(['end', 'closed']);
    },
  },
  {
    sentence: 'something else in place of a handshake: it has failed, then closed, and the peer hears that it is over',
    async check(lab) {
      const { client, server } = await lab.pair();
      upgradeOnRequest(server);
      client.write(`${REQUEST}GET / HTTP/1.1\r\nHost: somewhere else\r\n\r\n`);
      await lab.until('failed', () => server.over);
      expect(server.signs).toEqual(['tlsFailed', 'closed']);
      expect(server.connection.secure).toBe(false);
      await lab.until('heard', () => client.signs.length > 0);
    },
  },
  {
    sentence: 'a peer that ends, closes or resets in the midst of the handshake has made it fail',
    async check(lab) {
      for (const stop of ['finish', 'shut', 'kill'] as const) {
        const { client, server } = await lab.pair();
        server.startTls();
        await lab.arm.quiet();
        client[stop]();
        await lab.until('failed', () => server.over);
        expect(server.signs).toEqual(['tlsFailed', 'closed']);
      }
    },
  },
  {
    sentence: 'end, close and reset in the midst of the handshake say only closed, and the peer hears them',
    async check(lab) {
      for (const stop of ['finish', 'shut', 'kill'] as const) {
        const { client, server } = await lab.pair();
        server.startTls();
        await lab.arm.quiet();
        server[stop]();
        await lab.until('closed', () => server.over);
        expect(server.log).toEqual(['closed']);
        await lab.until('heard', () => client.signs.length > 0);
        expect(client.signs[0]).toBe(stop === 'kill' ? 'reset' : 'end');
      }
    },
  },
  {
    sentence: 'to write in the midst of the handshake is a mistake that throws',
    async check(lab) {
      const { server } = await lab.pair();
      server.startTls();
      expect(() => server.write('too early')).toThrow('handshake');
    },
  },
  {
    sentence: 'after end, close and reset there is no going over',
    async check(lab) {
      for (const stop of ['finish', 'shut', 'kill'] as const) {
        const { client, server } = await lab.pair();
        client[stop]();
        client.startTls();
        await lab.until('heard', () => server.signs.length > 0);
        await lab.arm.quiet();
        expect(server.received).toBe(0);
        expect(client.log).not.toContain('secured');
        expect(client.connection.secure).toBe(false);
      }
    },
  },
];
