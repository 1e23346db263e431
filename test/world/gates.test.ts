/** Gates: the same on both arms. */
import { describe, expect, test } from 'vitest';
import { ARMS } from './arms.ts';
import { Peer, packet, staged } from './gate-stage.ts';

for (const make of ARMS) {
  describe(`gates over ${make().name}`, () => {
    test('every link is known by its two hosts', async () => {
      const stage = await staged(make);
      const { client: alice, server: one } = await stage.joined('alice');
      const { client: bob, server: two } = await stage.joined('bob');
      alice.connection.write(packet('a'));
      await stage.arm.settle();
      two.connection.write(packet('bb'));
      await stage.arm.settle();
      bob.connection.end();
      await stage.arm.settle();
      one.connection.reset();
      await stage.arm.settle();
      expect(stage.trace).toEqual([
        '1 alice > proxy connected',
        '2 bob > proxy connected',
        '1 alice > proxy 5',
        '2 proxy > bob 6',
        '2 bob > proxy fin',
        '1 proxy > alice rst',
      ]);
      expect(alice.signs).toEqual(['opened', 'reset', 'closed']);
      expect(two.signs).toEqual(['end']);
    });

    test('a refused connection is seen, and has its number', async () => {
      const stage = await staged(make);
      const peer = new Peer();
      const free = { host: stage.address.host, port: 1 };
      peer.connection = stage.gates.host('alice').connect(free, peer);
      await stage.arm.settle();
      expect(peer.signs).toEqual(['refused', 'closed']);
      expect(stage.trace).toEqual(['1 alice > nobody refused']);
    });

    test('what is held waits at the receiving end, FIN too, and release delivers it in order', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      server.connection.write(packet('one'));
      await stage.arm.settle();
      server.connection.write(packet('two'));
      server.connection.end();
      await stage.arm.settle();
      expect([alice.packets, alice.signs]).toEqual(['', ['opened']]);
      alice.connection.write(packet('up'));
      await stage.arm.settle();
      expect(server.packets).toBe('up');
      stage.gates.release('proxy', 'alice');
      expect([alice.packets, alice.signs]).toEqual(['one two', ['opened', 'end']]);
      alice.connection.end();
      await stage.arm.settle();
      expect(alice.signs).toEqual(['opened', 'end', 'closed']);
      expect(stage.arm.openConnections).toBe(0);
    });

    test('a held RST leaves its host in the belief that the connection stands', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      server.connection.write(packet('last'));
      await stage.arm.settle();
      server.connection.reset();
      await stage.arm.settle();
      expect(alice.signs).toEqual(['opened']);
      expect(alice.connection.write(packet('into the void'))).toBe(true);
      await stage.arm.settle();
      stage.gates.release('proxy', 'alice');
      expect([alice.packets, alice.signs]).toEqual(['last', ['opened', 'reset', 'closed']]);
    });

    test('a host that stops while its peer is held back is closed, though the connection below was over', async () => {
      for (const stop of ['close', 'reset'] as const) {
        const stage = await staged(make);
        const { client: alice, server } = await stage.joined('alice');
        stage.gates.hold('proxy', 'alice');
        server.connection.reset();
        await stage.arm.settle();
        alice.connection[stop]();
        expect(alice.signs).toEqual(['opened']);
        await stage.arm.settle();
        expect(alice.signs).toEqual(['opened', 'closed']);
        stage.gates.release('proxy', 'alice');
        await stage.arm.settle();
        expect(alice.signs).toEqual(['opened', 'closed']);
      }
    });

    test('a host that stops under a hold is closed at once, and its peer hears it', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      server.connection.write(packet('never read'));
      await stage.arm.settle();
      alice.connection.close();
      await stage.arm.settle();
      expect([alice.bytes, alice.signs]).toEqual(['', ['opened', 'closed']]);
      expect(server.signs).toEqual(['end']);
    });

    test('after so many whole packets, over all connections of the pair, those made later included', async () => {
      const stage = await staged(make);
      const { client: first, server: one } = await stage.joined('alice');
      stage.gates.hold('alice', 'proxy', 3);
      first.connection.write(Buffer.concat([packet('a'), packet('bb')]));
      await stage.arm.settle();
      const { client: second, server: two } = await stage.joined('alice');
      second.connection.write(Buffer.concat([packet('ccc'), packet('dddd')]));
      await stage.arm.settle();
      first.connection.write(packet('e'));
      first.connection.end();
      await stage.arm.settle();
      const { client: bob, server: three } = await stage.joined('bob');
      bob.connection.write(packet('f'));
      await stage.arm.settle();
      expect([one.packets, two.packets, three.packets, one.signs]).toEqual(['a bb', 'ccc', 'f', []]);
      stage.gates.release('alice', 'proxy');
      expect([one.packets, two.packets, one.signs]).toEqual(['a bb e', 'ccc dddd', ['end']]);
      expect(stage.trace.slice(-3)).toEqual(['2 alice > proxy 8', '1 alice > proxy 5', '1 alice > proxy fin']);
    });

    test('packets are counted in whatever pieces they come; one that had begun does not count', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      const stream = Buffer.concat([packet('begun'), packet(''), packet('x'.repeat(300)), packet('held')]);
      const pieces = Array.from(stream, (_, i) => stream.subarray(i, i + 1));
      for (const piece of pieces.splice(0, 6)) alice.connection.write(piece);
      await stage.arm.settle();
      stage.gates.hold('alice', 'proxy', 2);
      for (const piece of pieces) {
        alice.connection.write(piece);
        await stage.arm.settle();
      }
      expect(server.packets).toBe(`begun  ${'x'.repeat(300)}`);
      stage.gates.hold('alice', 'proxy', 1);
      expect(server.packets).toBe(`begun  ${'x'.repeat(300)} held`);
    });

    test('a hold with 0 stops in the middle of a packet', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      alice.connection.write(packet('begun').subarray(0, 6));
      await stage.arm.settle();
      stage.gates.hold('alice', 'proxy');
      alice.connection.write(packet('begun').subarray(6));
      await stage.arm.settle();
      expect(server.packets).toBe('+');
      stage.gates.release('alice', 'proxy');
      expect(server.packets).toBe('begun');
    });

    test('after so many bytes, whatever they belong to, over all connections of the pair', async () => {
      const stage = await staged(make);
      const { client: first, server: one } = await stage.joined('alice');
      const { client: second, server: two } = await stage.joined('alice');
      stage.gates.hold('alice', 'proxy', 12, 'bytes');
      first.connection.write(packet('five5'));
      await stage.arm.settle();
      second.connection.write(packet('x'));
      await stage.arm.settle();
      expect([one.bytes.length, two.bytes.length]).toEqual([9, 3]);
      stage.gates.hold('alice', 'proxy', 1, 'bytes');
      expect([one.bytes.length, two.bytes.length]).toEqual([9, 4]);
      stage.gates.release('alice', 'proxy');
      expect([one.packets, two.packets]).toEqual(['five5', 'x']);
      // Where packets begin is still known.
      stage.gates.hold('alice', 'proxy', 1);
      second.connection.write(Buffer.concat([packet('yy'), packet('z')]));
      await stage.arm.settle();
      expect(two.packets).toBe('x yy');
    });

    test('a host that stops at the last packet that passes is closed', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      server.onData = () => server.connection.close();
      stage.gates.hold('alice', 'proxy', 1);
      alice.connection.write(Buffer.concat([packet('one'), packet('two')]));
      await stage.arm.settle();
      expect([server.packets, server.signs]).toEqual(['one', ['closed']]);
      expect(alice.signs).toEqual(['opened', 'end']);
    });

    test('connections made under a hold open, and hear nothing', async () => {
      const stage = await staged(make);
      stage.gates.hold('proxy', 'alice');
      stage.gates.hold('alice', 'proxy');
      const { client: alice, server } = await stage.joined('alice');
      server.connection.write(packet('greeting'));
      alice.connection.write(packet('login'));
      await stage.arm.settle();
      expect([alice.signs, alice.bytes, server.bytes]).toEqual([['opened'], '', '']);
      stage.gates.release('alice', 'proxy');
      stage.gates.release('proxy', 'alice');
      expect([alice.packets, server.packets]).toEqual(['greeting', 'login']);
    });

    test('a stalled host reads nothing until it reads again, whatever it does itself', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.stall('alice');
      server.connection.write(packet('one'));
      await stage.arm.settle();
      alice.connection.pause();
      alice.connection.resume();
      await stage.arm.settle();
      const { client: later, server: second } = await stage.joined('alice');
      second.connection.write(packet('new'));
      await stage.arm.settle();
      expect([alice.bytes, later.bytes]).toEqual(['', '']);
      alice.connection.pause();
      stage.gates.read('alice');
      await stage.arm.settle();
      expect([alice.packets, later.packets]).toEqual(['', 'new']);
      alice.connection.resume();
      await stage.arm.settle();
      expect(alice.packets).toBe('one');
    });

    test('what is released to a paused host waits until it reads, and never comes from inside its call', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      server.connection.write(packet('one'));
      await stage.arm.settle();
      alice.connection.pause();
      server.connection.write(packet('two'));
      server.connection.end();
      await stage.arm.settle();
      stage.gates.release('proxy', 'alice');
      expect([alice.packets, alice.signs]).toEqual(['', ['opened']]);
      alice.connection.resume();
      expect([alice.packets, alice.signs]).toEqual(['', ['opened']]);
      await stage.arm.settle();
      expect([alice.packets, alice.signs]).toEqual(['one two', ['opened', 'end']]);
    });

    test('a host that pauses or stops in the middle of a release gets no more', async () => {
      const stage = await staged(make);
      const { client: alice, server } = await stage.joined('alice');
      stage.gates.hold('proxy', 'alice');
      for (const word of ['one', 'two', 'three']) {
        server.connection.write(packet(word));
        await stage.arm.settle();
      }
      alice.onData = () => (alice.packets === 'one' ? alice.connection.pause() : alice.connection.close());
      stage.gates.release('proxy', 'alice');
      expect(alice.packets).toBe('one');
      alice.connection.resume();
      await stage.arm.settle();
      expect([alice.packets, alice.signs]).toEqual(['one two', ['opened', 'closed']]);
    });

    test('the stranger who is no host of ours is known by its address', async () => {
      const stage = await staged(make);
      const peer = new Peer();
      peer.connection = stage.arm.network.connect(stage.address, peer);
      peer.connection.write(packet('hi'));
      await stage.arm.settle();
      const { host, port } = peer.connection.local;
      expect(stage.trace).toEqual([`1 ${host}:${port} > proxy 6`]);
    });
  });
}
