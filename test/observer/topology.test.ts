/** Topologies and what a proxy is told of them. */
import { expect, it } from 'vitest';
import { clusterConfig, TOPOLOGIES } from '../../simulator/world/topology.ts';

it('a cluster becomes a configuration', () => {
  const addresses = new Map([1, 2, 3].map((id) => [id, { host: `10.0.0.${id}`, port: 2881 }]));
  expect(clusterConfig(TOPOLOGIES.three.clusters[0], addresses)).toEqual({
    name: 'obdemo',
    servers: [1, 2, 3].map((id) => ({ address: { host: `10.0.0.${id}`, port: 2881 } })),
    tenants: [
      { name: 'sys', servers: [0, 1, 2], leader: null },
      { name: 'shop', servers: [0, 1, 2], leader: 0 },
      { name: 'warehouse', servers: [0, 1, 2], leader: 0 },
    ],
  });
});

it('a tenant led by several observers has no single leader; a moved unit is still looked for where it was', () => {
  const addresses = new Map([1, 2, 3, 4].map((id) => [id, { host: `10.0.0.${id}`, port: 2881 }]));
  expect(clusterConfig(TOPOLOGIES.spread.clusters[0], addresses).tenants).toEqual([
    { name: 'sys', servers: [0, 1, 2], leader: null },
    { name: 'shop', servers: [0, 1, 2], leader: null },
    { name: 'warehouse', servers: [0, 1, 2, 3], leader: 1 },
  ]);
});
