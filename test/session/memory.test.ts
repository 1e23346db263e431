/**
 * How much memory the proxy takes for those who do not read, as the operating system counts it: a client before a result
 * of 1 GB, an observer before a request as large as one packet can be.
 *
 * The proxy is a process of its own (that of the benchmark), before the benchmark's backend or a server that stops reading.
 * What it takes when it does something for the first time does not count: it is measured after a first client has stopped in
 * the same way and has gone; nor does garbage that was not collected yet.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { CAP, COM } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { writeGreeting } from '../../proxy/wire/greeting.ts';
import { PLAIN_OK, writeObserverOk } from '../../proxy/wire/ok.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';
import { loginBytes, queryBytes } from './raw-client.ts';

const MEGABYTE = 1024 * 1024;
/** What one who has stopped reading may cost. */
const MOST = 4 * MEGABYTE;
/** The runtime itself takes and gives back a little in between; what is really kept is kept every time. */
const TRIALS = 3;
const RESULT = 1024;
/** Of the request: as much as fits into one packet. */
const PACKET = 15 * MEGABYTE;
/** The proxy has nothing to do if it has used less than this of a look's time, in microseconds. */
const IDLE = 5_000;
const LOOK = 100;

const children: ChildProcess[] = [];
const sockets: { destroy(): void }[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.disconnect();
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function start(file: string, ...args: string[]): Promise<{ child: ChildProcess; port: number }> {
  const path = new URL(`../bench/${file}`, import.meta.url).pathname;
  const child = fork(path, args, { execArgv: ['--import', 'tsx', '--expose-gc'] });
  children.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

function residentBytes({ pid }: ChildProcess): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match![1]) * 1024;
}

/** The proxy's CPU time in microseconds. */
async function cpuTime(child: ChildProcess, collect = false): Promise<number> {
  const told = once(child, 'message');
  child.send({ collect });
  const [{ cpu }] = (await told) as [{ cpu: NodeJS.CpuUsage }];
  return cpu.user + cpu.system;
}

/** Its memory, once it does nothing any more. */
async function settled(child: ChildProcess): Promise<number> {
  for (let before = Number.NEGATIVE_INFINITY; ; ) {
    const used = await cpuTime(child);
    if (used - before < IDLE) break;
    before = used;
    await pause(LOOK);
  }
  await cpuTime(child, true);
  return residentBytes(child);
}

/** A client that is logged in. */
async function client(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  const reader = new PacketReader();
  for (let packets = 0; packets < 2; ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    reader.push(chunk);
    while (reader.next() !== null) {
      packets += 1;
      if (packets === 1) socket.write(loginBytes('root@sys'));
    }
  }
  socket.pause();
  return socket;
}

/** Reads so many MiB of a result, and to its end. */
async function read(socket: Socket, megabytes: number): Promise<number> {
  let size = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > megabytes * MEGABYTE) break;
  }
  return size;
}

describe.skipIf(!existsSync('/proc/self/status'))('what the system says (skipped where there is no /proc)', () => {
  test('a client that does not read a result of 1 GB costs less than 4 MB, and can still read it', async () => {
    const backend = await start('backend.ts');
    const { child, port } = await start('proxy.ts', String(backend.port));
    const first = await client(port);
    first.write(queryBytes(`BIG ${RESULT}`));
    await settled(child);
    first.destroy();
    const costs: number[] = [];
    for (let trial = 1; trial <= TRIALS; trial += 1) {
      const before = await settled(child);
      const stalled = await client(port);
      stalled.write(queryBytes(`BIG ${RESULT}`));
      costs.push((await settled(child)) - before);
      if (trial === TRIALS) expect(await read(stalled, RESULT)).toBeGreaterThan(RESULT * MEGABYTE);
      stalled.destroy();
    }
    expect(Math.min(...costs), costs.join(', ')).toBeLessThan(MOST);
  }, 120_000);

  test('an observer that does not read a request of 16 MB costs less than 4 MB', async () => {
    const server = createServer(stopReading);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { child, port } = await start('proxy.ts', String((server.address() as { port: number }).port));
    const first = await client(port);
    send(first);
    await settled(child);
    first.destroy();
    const costs: number[] = [];
    for (let trial = 1; trial <= TRIALS; trial += 1) {
      const before = await settled(child);
      const socket = await client(port);
      const sent = send(socket);
      costs.push((await settled(child)) - before);
      expect(sent.size).toBeLessThan(PACKET);
      socket.destroy();
    }
    server.close();
    expect(Math.min(...costs), costs.join(', ')).toBeLessThan(MOST);
  }, 120_000);
});

/** An observer that lets everybody in and then reads nothing. */
function stopReading(socket: Socket): void {
  sockets.push(socket);
  socket.on('error', () => {});
  const greeting = new PacketWriter(0);
  writeGreeting(greeting, {
    version: '5.7.25',
    threadId: 0xc004_0001 + sockets.length,
    scramble: CONSTANT_SCRAMBLE,
    capabilities: CAP.PROTOCOL_41 | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH | CAP.CONNECT_ATTRS,
    charset: 46,
    status: 0,
    plugin: NATIVE_PASSWORD,
  });
  socket.write(greeting.view());
  socket.once('data', () => {
    const ok = new PacketWriter(2);
    writeObserverOk(ok, { ...PLAIN_OK, status: 2 });
    socket.pause();
    socket.write(ok.view());
  });
}

/** Sends a COM_QUERY of the greatest length as fast as it is taken; `size` is what has been taken so far. */
function send(socket: Socket): { readonly size: number } {
  const chunk = Buffer.alloc(MEGABYTE, 'x');
  const sent = { size: 0 };
  const header = Buffer.of(0xff, 0xff, 0xff, 0, COM.QUERY);
  socket.on('error', () => {});
  socket.write(header);
  function more(): void {
    while (sent.size < PACKET) {
      sent.size += chunk.length;
      if (!socket.write(chunk)) return;
    }
  }
  socket.on('drain', more);
  more();
  return sent;
}
