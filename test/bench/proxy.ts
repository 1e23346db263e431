/**
 * The proxy as a process of its own, before the benchmark's backend. It reports its own CPU time when
 * asked, and collects its garbage if told to.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { expectBulk } from '../../proxy/node/memory.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';

expectBulk();
const backend = Number(process.argv[2]);
const proxy = new OdpProxy(
  {
    listen: { host: '127.0.0.1', port: 0 },
    clusters: [{ name: 'bench', servers: [{ address: { host: '127.0.0.1', port: backend } }], tenants: null }],
    items: DEFAULT_ITEMS,
    localIp: '127.0.0.1',
    pid: process.pid,
  },
  {
    network: new NodeNetwork(),
    clock: new NodeClock(),
    choices: PLAIN,
    sha1: (data) => createHash('sha1').update(data).digest(),
  },
);
proxy.start({
  listening: (address) => process.send?.({ port: address.port }),
  failed: (code) => {
    throw new Error(code);
  },
});
process.on('message', ({ collect }: { readonly collect?: boolean }) => {
  // With --expose-gc only: what is garbage is not what somebody holds.
  if (collect === true) globalThis.gc?.();
  process.send?.({ cpu: process.cpuUsage() });
});
process.on('disconnect', () => process.exit());
