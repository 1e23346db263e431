/**
 * `npm run bench`: what the proxy costs beside a bare `net` relay, in one run; and how much a core simulates.
 *
 * Client, relays and backend are processes of their own; each relay reports its own CPU time. The two take turns, so that
 * what the machine does to one it does to the other; printed are medians and, as the claim, their ratio.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Simulated } from './simulated.ts';

const HELP = `npm run bench [-- --rounds N] [--seconds N] [--connections N] [--mebibytes N]

CPU per query, throughput and latency of the proxy beside a bare relay, as ratios; then simulated statements per second,
through proxy and observer in memory.
  --rounds       turns that each relay takes (5)
  --seconds      length of a turn (2)
  --connections  client connections, each asking one statement at a time (16)
  --mebibytes    size of the large result (128)
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '16' },
    mebibytes: { type: 'string', default: '128' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const mebibytes = Number(values.mebibytes);

function start(file: string, ...args: string[]): ChildProcess {
  const path = new URL(file, import.meta.url).pathname;
  return fork(path, args, { execArgv: ['--import', 'tsx'] });
}

async function reply<T>(child: ChildProcess, message?: object): Promise<T> {
  const answer = once(child, 'message');
  if (message !== undefined) child.send(message);
  return (await answer)[0] as T;
}

class Relay {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly port: number;

  constructor(name: string, child: ChildProcess, port: number) {
    this.name = name;
    this.#child = child;
    this.port = port;
  }

  /** CPU time so far, in microseconds. */
  async cpu(): Promise<number> {
    const { cpu } = await reply<{ cpu: NodeJS.CpuUsage }>(this.#child, {});
    return cpu.user + cpu.system;
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

const FIGURES = [
  'CPU per query, µs',
  'queries per second',
  'latency median, µs',
  'latency 99 %, µs',
  'CPU per MiB, µs',
  'MiB per second',
] as const;
type Figure = (typeof FIGURES)[number];

const backend = start('backend.ts');
const { port } = await reply<{ port: number }>(backend);
const load = start('load.ts');
await reply(load);
const children = [start('relay.ts', String(port)), start('proxy.ts', String(port))];
const relays: Relay[] = [];
for (const [index, child] of children.entries()) {
  relays.push(new Relay(['relay', 'proxy'][index]!, child, (await reply<{ port: number }>(child)).port));
}

const measured = new Map(relays.map((relay) => [relay, new Map<Figure, number[]>(FIGURES.map((name) => [name, []]))]));
/** The first round warms up and does not count. */
for (let round = 0; round <= rounds; round += 1) {
  process.stderr.write(round === 0 ? 'warming up …\n' : `round ${round} of ${rounds} …\n`);
  for (const relay of relays) {
    const before = await relay.cpu();
    const asked = await reply<{ count: number; p50: number; p99: number }>(load, {
      port: relay.port,
      connections,
      seconds,
    });
    const between = await relay.cpu();
    const big = await reply<{ seconds: number }>(load, { port: relay.port, mebibytes });
    const after = await relay.cpu();
    if (round === 0) continue;
    const figures: Record<Figure, number> = {
      'CPU per query, µs': (between - before) / asked.count,
      'queries per second': asked.count / seconds,
      'latency median, µs': asked.p50 * 1000,
      'latency 99 %, µs': asked.p99 * 1000,
      'CPU per MiB, µs': (after - between) / mebibytes,
      'MiB per second': mebibytes / big.seconds,
    };
    for (const name of FIGURES) measured.get(relay)!.get(name)!.push(figures[name]);
  }
}
for (const child of [backend, load, ...children]) child.disconnect();

const [bare, proxy] = relays.map((relay) => measured.get(relay)!);
console.log(`${connections} connections, ${rounds} rounds of ${seconds} s, medians\n`);
console.log(`${''.padEnd(22)}${'relay'.padStart(10)}${'proxy'.padStart(10)}   proxy/relay (min – max of the rounds)`);
for (const name of FIGURES) {
  const a = bare!.get(name)!;
  const b = proxy!.get(name)!;
  const ratios = b.map((value, index) => value / a[index]!).sort((x, y) => x - y);
  const range = `${ratios[0]!.toFixed(2)} – ${ratios.at(-1)!.toFixed(2)}`;
  console.log(
    `${name.padEnd(22)}${median(a).toFixed(1).padStart(10)}${median(b).toFixed(1).padStart(10)}   ${median(ratios).toFixed(2)} (${range})`,
  );
}

/** Alone on the machine: the others are gone. */
async function simulate(): Promise<readonly Simulated[]> {
  const child = start('simulated.ts');
  await reply(child);
  const turns: Simulated[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'warming up …\n' : `simulating, round ${round} of ${rounds} …\n`);
    const turn = await reply<Simulated>(child, { seconds });
    if (round > 0) turns.push(turn);
  }
  child.disconnect();
  return turns;
}

function range(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  return `${Math.round(median(numbers))} (${Math.round(sorted[0]!)} – ${Math.round(sorted.at(-1)!)})`;
}

const turns = await simulate();
console.log(
  '\nsimulated in memory, 20 clients through proxy and observer, answers decoded: half point SELECT, half UPDATE',
);
console.log(`statements per second${range(turns.map((it) => it.statements / it.seconds)).padStart(31)}`);
console.log(`statements per CPU second${range(turns.map((it) => it.statements / it.cpu)).padStart(27)}`);
