/**
 * The benchmark's control, a process of its own: the least that a relay on `node:net` can do – what comes in on one side is
 * written on the other, with back-pressure. It reports its own CPU time when asked. Its memory is set up as the proxy's, or
 * where a heap happens to end would decide which of the two is cheaper.
 */
import { connect, createServer, type Socket } from 'node:net';
import { expectBulk } from '../../proxy/node/memory.ts';

expectBulk();
const backend = Number(process.argv[2]);
const OPTIONS = { allowHalfOpen: true, noDelay: true, highWaterMark: 64 * 1024 };

function join(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}

const server = createServer(OPTIONS, (client) => {
  const upstream = connect({ ...OPTIONS, host: '127.0.0.1', port: backend });
  join(client, upstream);
  join(upstream, client);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
