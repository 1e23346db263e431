/**
 * Bugs planted in the route (`proxy/route`): where tables are led, and who is told. Single decisions, most of which an ordinary test does not meet.
 *
 * Knows only texts; how they are planted is in `copy.ts`.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_ROUTE: readonly Planted[] = [
  {
    name: 'of two who ask for the same table at once one is not told',
    file: 'proxy/route/locations.ts',
    text: '        waiting.push(told);\n',
    instead: '',
  },
  {
    name: 'the replicas of one table are taken for those of the next one asked for',
    file: 'proxy/route/location-client.ts',
    text: '    this.#replicas = [];\n    this.#eofs = 0;',
    instead: '    this.#eofs = 0;',
  },
  {
    name: 'the session’s database is taken for that of a table that says another',
    file: 'proxy/route/router.ts',
    text: '  const database = found.database ?? session.state.database;',
    instead: '  const database = session.state.database ?? found.database;',
    quiet: 'in company',
  },
  {
    name: 'the order of servers is kept under another leader',
    file: 'proxy/route/router.ts',
    text: '      orders.set(first, order);',
    instead: '      orders.set(order[1] ?? first, order);',
  },
  {
    name: 'of all who wait for a table only the last is told',
    file: 'proxy/route/locations.ts',
    text: '    for (const told of waiting) told(leader);',
    instead: '    for (const told of waiting.slice(-1)) told(leader);',
  },
  {
    name: 'the answer for one table is told to who waits for another',
    file: 'proxy/route/locations.ts',
    text: '    const waiting = this.#waiting.get(key) ?? [];\n    this.#waiting.delete(key);',
    instead: '    const [, waiting = []] = [...this.#waiting][0] ?? [];\n    this.#waiting.clear();',
  },
  {
    name: 'of three questions for a leader the last is asked second, and answers the second',
    file: 'proxy/route/location-client.ts',
    text: 'return this.#queue[0]?.question ?? null;',
    instead: 'return this.#queue.at(-1)?.question ?? null;',
  },
  {
    name: 'that a statement has missed the leader makes nobody ask for it',
    file: 'proxy/session/client-session.ts',
    text: 'if (errorCode === NOT_MASTER || this.state.missed) this',
    instead: 'if (errorCode === NOT_MASTER) this',
  },
  {
    name: 'a table that is named without its database has no leader',
    file: 'proxy/route/router.ts',
    text: 'const database = found.database ?? session.state.database;',
    instead: 'const { database } = found;',
  },
];
