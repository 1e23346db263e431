/** Sample data: made up, and the same each time. */
import { expect, it } from 'vitest';
import { SeededChoices } from '../../simulator/world/choices.ts';
import { SAMPLE_DATABASE, withSampleData } from '../../simulator/world/sample-data.ts';
import { TOPOLOGIES, type Topology } from '../../simulator/world/topology.ts';
import { START } from '../../simulator/world/virtual-clock.ts';
import { Lab } from '../observer/pair.ts';

const HOUR = 3_600_000;

function made(seed: number, now = START, topology: Topology = TOPOLOGIES.default): Topology {
  return withSampleData(topology, new SeededChoices(seed), now);
}

it('is the same for the same seed on the same day, and another for another', () => {
  expect(made(7)).toEqual(made(7));
  expect(made(7, START + HOUR)).toEqual(made(7));
  expect(made(8)).not.toEqual(made(7));
  expect(made(7, START + 400 * 24 * HOUR)).not.toEqual(made(7));
});

it('is in every user tenant, and nothing else has changed', () => {
  for (const topology of Object.values(TOPOLOGIES) as Topology[]) {
    const filled = made(1, START, topology);
    for (const [at, cluster] of filled.clusters.entries()) {
      for (const [index, tenant] of cluster.tenants.entries()) {
        const { databases } = topology.clusters[at]!.tenants[index]!;
        const names = tenant.databases.map((it) => it.name);
        expect(names.slice(0, databases.length)).toEqual(databases.map((it) => it.name));
        expect(names.slice(databases.length)).toEqual(tenant.name === 'sys' ? [] : [SAMPLE_DATABASE]);
      }
    }
  }
});

it('can be looked at: orders of customers that there are, none from tomorrow', () => {
  const alice = new Lab({}, made(7)).login({ user: 'app@shop', database: SAMPLE_DATABASE });
  expect(alice.query('SELECT COUNT(*) FROM customer').rows).toEqual([['60']]);
  expect(alice.query('SELECT COUNT(*), MIN(customer_id) > 0, MAX(customer_id) <= 60 FROM orders').rows).toEqual([
    ['300', '1', '1'],
  ]);
  expect(alice.query("SELECT COUNT(*) FROM orders WHERE ordered_at > '2023-11-15'").rows).toEqual([['0']]);
  expect(alice.query('SELECT COUNT(*) FROM product WHERE price > 0 AND price < 10000').rows).toEqual([['25']]);
  const [first] = alice.query('SELECT name, email, city FROM customer LIMIT 1').rows;
  expect(first!.every((cell) => cell !== null && cell.length > 2)).toBe(true);
  alice.query("INSERT INTO customer (name) VALUES ('Zoe')");
  expect(alice.query("SELECT id FROM customer WHERE name = 'Zoe'").rows).toEqual([['61']]);
});
