/**
 * A real MariaDB server, and three ways to it: straight, through an empty relay on `node:net`, through the proxy. What a
 * client sees must not depend on the way.
 */
import { createHash } from 'node:crypto';
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { type Address, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import type { Hashes } from '../../proxy/wire/proof.ts';
import { Relay } from './relay.ts';
import { MariadbServer } from './sql/mariadb-server.ts';

const LOOPBACK = '127.0.0.1';
/** A KILL PROXYSESSION of another session takes effect at the next tick. */
const SWEEP = 50;

const HASHES: Hashes = {
  sha1: (data) => createHash('sha1').update(data).digest(),
  sha256: (data) => createHash('sha256').update(data).digest(),
  sha512: (data) => createHash('sha512').update(data).digest(),
};

export type Way = 'straight' | 'relay' | 'proxy';
export const WAYS: readonly Way[] = ['straight', 'relay', 'proxy'];

export interface MysqlLab {
  readonly ports: Readonly<Record<Way, number>>;
  readonly proxy: OdpProxy;
  stop(): Promise<void>;
}

export async function startMysqlLab(): Promise<MysqlLab> {
  const server = await MariadbServer.start();
  const relay = await Relay.start(server.port);
  const { proxy, address } = await startMysqlProxy(server.port);
  return {
    ports: { straight: server.port, relay: relay.port, proxy: address.port },
    proxy,
    async stop() {
      proxy.stop();
      relay.stop();
      await server.stop();
    },
  };
}

/** `passwords`: of users whose lost server sessions are replaced. */
export async function startMysqlProxy(
  server: number,
  passwords: Readonly<Record<string, string>> = {},
): Promise<{ proxy: OdpProxy; address: Address }> {
  const proxy = new OdpProxy(
    {
      listen: { host: LOOPBACK, port: 0 },
      clusters: [
        { name: 'mysql', type: 'mysql', servers: [{ address: { host: LOOPBACK, port: server } }], tenants: null },
      ],
      items: { ...DEFAULT_ITEMS, kill_sweep_interval: SWEEP },
      localIp: LOOPBACK,
      pid: process.pid,
      passwords: new Map(Object.entries(passwords)),
    },
    {
      network: new NodeNetwork(),
      clock: new NodeClock(),
      choices: PLAIN,
      sha1: HASHES.sha1,
      hashes: HASHES,
    },
  );
  const address = await new Promise<Address>((resolve, reject) => {
    proxy.start({ listening: resolve, failed: (code) => reject(new Error(`the proxy: ${code}`)) });
  });
  return { proxy, address };
}
