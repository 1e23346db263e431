/**
 * Whether two ways lead to the same state: then what follows is the same, and is not run twice.
 *
 * All machines are deterministic, and what one does is settled by what it has heard, in which order, at which times. So two
 * ways are taken for one if they agree in
 * - the time, and when each armed timer is due;
 * - for each direction of each connection, every byte that went over it, its FIN and RST, and when: with that, each client
 *   session, server session and observer session has lived the same life, whatever others did in between;
 * - what sessions share: the rows and who has locked them with what values, who waits for them in which order, the sessions
 *   that proxy and observers list, which server sessions each has, which KILLs were asked for in which order;
 * - what clients have still to do, and what came of what they have done: so judges have heard of the same things, too,
 *   and in each client's own order (nothing they keep depends on more than that, KILLs and faults);
 * - how many free decisions were made.
 *
 * Ids are compared as they are: two ways that hand them out in another order are two. It must never know what follows.
 */
import type { Choices } from '../../../proxy/ports.ts';
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import type { Tenant } from '../../observer/tenant.ts';
import type { Link, Tap } from '../../world/gates.ts';
import type { LateEnds } from '../../world/late-ends.ts';
import { VirtualClock } from '../../world/virtual-clock.ts';
import type { Scene } from '../scene.ts';

/** Passes decisions on, and counts them. */
export class CountedChoices implements Choices {
  readonly counts = new Map<string, number>();
  readonly #inner: Choices;

  constructor(inner: Choices) {
    this.#inner = inner;
  }

  choose(site: string, n: number): number {
    this.counts.set(site, (this.counts.get(site) ?? 0) + 1);
    return this.#inner.choose(site, n);
  }
}

/** What has passed on every link so far, as a digest for each. */
export class LinkDigests implements Tap {
  readonly #sha1: Sha1;
  readonly #digests = new Map<string, Buffer>();
  /** What the time is; nobody knows before the world is made. */
  now: () => number = () => 0;

  constructor(sha1: Sha1) {
    this.#sha1 = sha1;
  }

  get lines(): string[] {
    return [...this.#digests].map(([link, digest]) => `${link} ${digest.toString('hex')}`).sort();
  }

  connected(link: Link): void {
    this.#add(link, 'connected', NOTHING);
  }

  refused(link: Link): void {
    this.#add(link, 'refused', NOTHING);
  }

  data(link: Link, chunk: Buffer): void {
    this.#add(link, 'data', chunk);
  }

  fin(link: Link): void {
    this.#add(link, 'fin', NOTHING);
  }

  rst(link: Link): void {
    this.#add(link, 'rst', NOTHING);
  }

  #add({ id, from, to }: Link, what: string, chunk: Buffer): void {
    const link = `${id} ${from} ${to}`;
    const head = Buffer.from(`${this.now()} ${what} ${chunk.length} `);
    this.#digests.set(link, this.#sha1(Buffer.concat([this.#digests.get(link) ?? NOTHING, head, chunk])));
  }
}

const NOTHING = Buffer.alloc(0);

export interface Situation {
  readonly scene: Scene;
  readonly links: LinkDigests;
  readonly ends: LateEnds;
  readonly choices: CountedChoices;
  /** What came of each piece, and which are done. */
  readonly progress: string;
}

/** The same for two ways that lead to the same state. */
export function stateOf({ scene, links, ends, choices, progress }: Situation, sha1: Sha1): string {
  const { lab, witness } = scene;
  const { clock } = lab.arm;
  if (!(clock instanceof VirtualClock)) throw new Error('states are told apart only where time is virtual');
  const { proxy, clusters } = lab.inside;
  const lines = [
    `${clock.now()} ${clock.dues.join(' ')}`,
    progress,
    scene.situation,
    ...links.lines,
    ...ends.waiting.map(({ id, from }) => `late ${id} ${from}`),
    ...[...choices.counts].map(([site, count]) => `choice ${site} ${count}`),
    ...witness.kills.map(({ request, target, acknowledged }) =>
      ['kill', request.life.number, request.sql, target?.number, acknowledged].join(' '),
    ),
    ...witness.disturbances.map(({ kind, client, at }) => `fault ${kind} ${client} ${at}`),
    ...witness.lives.map(({ client, csId, end, cut }) => ['life', client, csId, end?.how, end?.at, cut].join(' ')),
    ...proxy
      .sessions()
      .map(({ csId, active, inTransaction, servers: { bound, current, pool } }) =>
        ['cs', csId, active, inTransaction, bound?.ssId, current?.ssId, ...pool.map(({ ssId }) => ssId)].join(' '),
      ),
  ];
  for (const { observers, tenants } of clusters) {
    for (const { id, state, since, sessions } of observers) {
      lines.push(`observer ${id} ${state} ${since}`);
      for (const it of sessions) lines.push(`session ${it.id} ${it.state} ${it.inTransaction} ${it.database}`);
    }
    for (const tenant of tenants) addRows(tenant, lines);
  }
  return sha1(Buffer.from(lines.join('\n'))).toString('hex');
}

/** What is committed, what is changed and not committed, and who waits. */
function addRows({ name, globals, store, locks }: Tenant, lines: string[]): void {
  lines.push(`tenant ${name}`, globals.join(), ...locks.queues);
  const tables = store.databases.flatMap((database) => database.tables);
  // Who is younger gives way in a deadlock: its place among those that live counts, not its number.
  const holders = tables.flatMap((table) => [...table.locks.values()]).map(({ number }) => number);
  const ages = [...new Set(holders)].sort((a, b) => a - b);
  for (const table of tables) {
    lines.push(`${table.database}.${table.name}`);
    for (const key of table.sortedKeys()) lines.push(rowText(table.rows.get(key)));
    const held = [...table.locks].map(
      ([key, holder]) => `lock ${key} ${ages.indexOf(holder.number)} ${rowText(holder.read(table, key))}`,
    );
    lines.push(...held.sort());
  }
}

function rowText(row: readonly unknown[] | null | undefined): string {
  return row?.map((cell) => (cell === null ? 'NULL' : JSON.stringify(String(cell)))).join() ?? 'none';
}
