/**
 * The benchmark's client, a process of its own. Told `{ port, connections, seconds }` it asks `SELECT 1` on each connection,
 * one at a time, and reports how many answers came and how long each took; told `{ port, mebibytes }` it reads a big result.
 */
import { connect, type Socket } from 'node:net';
import { CAP, COM, EOF_MARK } from '../../proxy/wire/constants.ts';
import { PacketReader, PacketWriter } from '../../proxy/wire/framing.ts';
import { FILLER_SIZE, writeLogin } from '../../proxy/wire/login.ts';
import { NATIVE_PASSWORD } from '../../proxy/wire/scramble.ts';

type Task =
  | { readonly port: number; readonly connections: number; readonly seconds: number }
  | { readonly port: number; readonly mebibytes: number };

function loginPacket(): Buffer {
  const out = new PacketWriter(1);
  const capabilities = CAP.PROTOCOL_41 | CAP.SECURE_CONNECTION | CAP.PLUGIN_AUTH;
  writeLogin(out, {
    capabilities,
    maxPacket: 0x1000000,
    charset: 45,
    filler: Buffer.alloc(FILLER_SIZE),
    user: 'root@sys',
    authResponse: Buffer.alloc(0),
    database: null,
    plugin: NATIVE_PASSWORD,
    attributes: null,
  });
  return out.view();
}

function queryPacket(text: string): Buffer {
  const out = new PacketWriter(0);
  out.begin();
  out.u8(COM.QUERY);
  out.text(text);
  out.end();
  return out.view();
}

const SELECT = queryPacket('SELECT 1');

/** Logs in and hands over the socket. */
function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const reader = new PacketReader();
    let packets = 0;
    socket.on('error', reject);
    socket.on('data', function data(chunk: Buffer) {
      reader.push(chunk);
      while (reader.next() !== null) {
        packets += 1;
        if (packets === 1) socket.write(loginPacket());
        if (packets !== 2) continue;
        socket.removeListener('data', data);
        resolve(socket);
      }
    });
  });
}

/** The answer to `SELECT 1` is whole when its second EOF is: the last 9 bytes of what came. */
function endsWithEof(chunk: Buffer): boolean {
  return chunk.length >= 9 && chunk[chunk.length - 9] === 5 && chunk[chunk.length - 5] === EOF_MARK;
}

async function ask(
  port: number,
  connections: number,
  seconds: number,
): Promise<{ count: number; p50: number; p99: number }> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          let sent = performance.now();
          socket.on('data', (chunk) => {
            if (!endsWithEof(chunk)) return;
            const now = performance.now();
            times.push(now - sent);
            sent = now;
            if (now < end) socket.write(SELECT);
            else resolve();
          });
          socket.write(SELECT);
        }),
    ),
  );
  for (const socket of sockets) socket.destroy();
  times.sort((a, b) => a - b);
  return { count: times.length, p50: times[times.length >> 1]!, p99: times[Math.floor(times.length * 0.99)]! };
}

async function read(port: number, mebibytes: number): Promise<{ seconds: number }> {
  const socket = await open(port);
  const start = performance.now();
  const bytes = mebibytes * 1024 * 1024;
  await new Promise<void>((resolve) => {
    let seen = 0;
    socket.on('data', (chunk) => {
      seen += chunk.length;
      if (seen >= bytes && endsWithEof(chunk)) resolve();
    });
    socket.write(queryPacket(`BIG ${mebibytes}`));
  });
  socket.destroy();
  return { seconds: (performance.now() - start) / 1000 };
}

process.on('message', (task: Task) => {
  const done = 'mebibytes' in task ? read(task.port, task.mebibytes) : ask(task.port, task.connections, task.seconds);
  done.then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
