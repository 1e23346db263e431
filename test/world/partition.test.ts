/** Two hosts between which nothing passes: the same on both arms. */
import { describe, expect, test } from 'vitest';
import { ARMS } from './arms.ts';
import { packet, staged } from './gate-stage.ts';

for (const make of ARMS) {
  describe(`a partition over ${make().name}`, () => {
    test('holds both directions of these two hosts, also FIN; after repair all flows in order', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      const { client: bob, server: other } = await stage.joined('bob');
      stage.gates.partition('proxy', 'alice');
      alice.connection.write(packet('up'));
      server.connection.write(packet('down'));
      bob.connection.write(packet('bob'));
      await stage.arm.settle();
      server.connection.end();
      await stage.arm.settle();
      expect([alice.packets, server.packets, other.packets, alice.signs]).toEqual(['', '', 'bob', ['opened']]);
      stage.gates.repair('alice', 'proxy');
      await stage.arm.settle();
      expect([alice.packets, server.packets, alice.signs]).toEqual(['down', 'up', ['opened', 'end']]);
    });

    test('lets a connect hang; what was written meanwhile follows it', async () => {
      const stage = await staged(make);
      stage.gates.partition('alice', 'proxy');
      const alice = stage.connect('alice');
      alice.connection.write(packet('one'));
      alice.connection.write(packet('two'));
      alice.connection.end();
      await stage.arm.settle();
      expect([alice.signs, stage.accepted.length, alice.connection.unsent]).toEqual([[], 0, 14]);
      const { server } = await stage.joined('bob');
      expect(server.signs).toEqual([]);
      stage.gates.repair('alice', 'proxy');
      await stage.arm.settle();
      expect([alice.signs, stage.accepted.at(-1)!.packets, stage.accepted.at(-1)!.signs]).toEqual([
        ['opened'],
        'one two',
        ['end'],
      ]);
      const links = new Set(stage.trace.map((line) => line.split(' ').slice(0, 4).join(' ')));
      expect([...links]).toEqual(['2 bob > proxy', '1 alice > proxy']);
    });

    test('a hanging connect can be given up, and never comes then', async () => {
      const stage = await staged(make);
      stage.gates.partition('alice', 'proxy');
      const alice = stage.connect('alice');
      alice.connection.pause();
      alice.connection.resume();
      alice.connection.close();
      alice.connection.reset();
      expect(alice.signs).toEqual([]);
      await stage.arm.settle();
      expect(alice.signs).toEqual(['closed']);
      stage.gates.repair('alice', 'proxy');
      await stage.arm.settle();
      expect(stage.accepted).toEqual([]);
    });

    test('a hold on the same link stays what it was', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice', 1);
      stage.gates.partition('alice', 'proxy');
      server.connection.write(packet('one'));
      server.connection.write(packet('two'));
      await stage.arm.settle();
      expect(alice.packets).toBe('');
      stage.gates.repair('alice', 'proxy');
      await stage.arm.settle();
      expect(alice.packets).toBe('one');
      stage.gates.release('proxy', 'alice');
      await stage.arm.settle();
      expect(alice.packets).toBe('one two');
    });
  });
}
