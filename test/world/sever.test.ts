/** Wires that break: the same on both arms. */
import { describe, expect, test } from 'vitest';
import { ARMS } from './arms.ts';
import { packet, staged } from './gate-stage.ts';

for (const make of ARMS) {
  describe(`a broken wire over ${make().name}`, () => {
    test('both ends hear a RST, and nothing of what was held comes any more', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      server.connection.write(packet('down'));
      await stage.arm.settle();
      stage.gates.sever('alice', 'proxy');
      await stage.arm.settle();
      stage.gates.release('proxy', 'alice');
      await stage.arm.settle();
      expect(alice.packets).toBe('');
      expect(server.signs).toContain('reset');
      expect(alice.signs).toContain('reset');
      alice.connection.close();
      server.connection.close();
      await stage.arm.settle();
      expect([alice.signs.at(-1), server.signs.at(-1)]).toEqual(['closed', 'closed']);
    });

    test('others keep theirs, and a new one can be made', async () => {
      const stage = await staged(make);
      const { client: alice } = await stage.joined('alice');
      const { client: bob, server: other } = await stage.joined('bob');
      stage.gates.sever('proxy', 'alice');
      await stage.arm.settle();
      bob.connection.write(packet('bob'));
      await stage.arm.settle();
      expect([alice.signs.includes('reset'), bob.signs, other.packets]).toEqual([true, ['opened'], 'bob']);
      const { client: again, server } = await stage.joined('alice');
      again.connection.write(packet('again'));
      await stage.arm.settle();
      expect(server.packets).toBe('again');
    });
  });
}
