/**
 * `odplab fleet`: a fleet of made-up clients before proxy and simulated cluster, in memory, and an audit when it is over.
 *
 * The edge between the terminal and `simulator/hunt/`: flags, progress, the file of the history, exit codes.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { styleText } from 'node:util';
import { DRIVERS } from '../../simulator/client/driver/drivers.ts';
import { BEHAVIOURS } from '../../simulator/client/fleet/behaviours.ts';
import { SIZES } from '../../simulator/client/fleet/people.ts';
import { audit } from '../../simulator/hunt/audit.ts';
import { Town } from '../../simulator/hunt/town.ts';
import { CannotWrite, expectWritable } from '../../simulator/scenario/files.ts';
import type { Paint } from '../../simulator/scenario/report-spec.ts';
import { UsageError } from './flags.ts';
import { type FleetFlags, parseFleetFlags } from './fleet-flags.ts';
import { fleetReport, grouped, secondsText } from './fleet-report.ts';
import { TERMINAL, type TerminalIo } from './terminal.ts';

const LINE = 96;
const INDENT = ' '.repeat(24);

/** Names in lines of the help. */
function columns(names: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const name of names) {
    if (line !== '' && line.length + name.length + 2 > LINE) {
      lines.push(`${line},`);
      line = '';
    }
    line += line === '' ? name : `, ${name}`;
  }
  return [...lines, line].map((it) => INDENT + it).join('\n');
}

const HELP = `odplab fleet – made-up clients before the proxy and a simulated cluster, in memory, on simulated time

Usage: odplab fleet [OPTIONS]        in a checkout: npm run fleet -- [OPTIONS]

  --size N            how many clients (20)
  --time TIME         how long, in simulated time: 90s, 10m, 1h (1m)
  --seed N            the same N, the same run, byte for byte (1)
  --behaviours LIST   what they do, dealt to them in turn; all of them, unless said:
${columns(Object.keys(BEHAVIOURS))}
                      administrator and supervisor are one each: they watch and kill, with KILL PROXYSESSION in tenant
                      sys, with KILL and KILL QUERY in the fleet's own
  --drivers LIST      whose habits they have, drawn for each from these; one of each kind, unless said:
${columns(DRIVERS.map(({ name }) => name))}
  --topology NAME     default, three, spread or bare (npm start -- --help explains them)
  --latency TIME      what is sent takes at most so long, 0 for no time (2ms)
  --ease N            they think N times as long between two things they do (1)
  --accounts N        how many accounts they share: fewer, and they meet more often (two a client, 40 at least)
  --history FILE      write who asked what when and what came back, a line each
  -h, --help          this text

  npm run fleet -- --size 200 --time 10m --behaviours transfer,administrator

When it is over everybody leaves, and an auditor looks: the sum of all accounts must be what it was, every acknowledged
COMMIT must be there, nothing that failed may be there even in part, no lock may be held and no session left.

Exit codes: 0 all is as it must be, 1 it is not, 2 wrong usage
`;

/** So often progress is told, out of the whole. */
const REPORTS = 10;

/** Runs the command; the answer is the exit code. */
export async function fleet(args: readonly string[], io: TerminalIo = TERMINAL): Promise<number> {
  let file: number | null = null;
  try {
    const flags = parseFleetFlags(args);
    if (flags === 'help') {
      io.out(HELP);
      return 0;
    }
    if (flags.history !== null) {
      expectWritable(flags.history);
      file = openSync(flags.history, 'w');
    }
    return live(flags, file, io);
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof CannotWrite)) throw error;
    io.err(`odplab fleet: ${error.message}\nodplab fleet --help explains.\n`);
    return 2;
  } finally {
    if (file !== null) closeSync(file);
  }
}

function live(flags: FleetFlags, file: number | null, io: TerminalIo): number {
  io.out(`${title(flags)}\n`);
  const { size, seed, behaviours, drivers, topology, latency, ease, accounts } = flags;
  const town = new Town({
    ...{ size, seed, behaviours, topology, latency, ease, sha1 },
    ...(drivers === null ? {} : { dialects: drivers }),
    ...(file === null ? {} : { written: (text: string) => writeSync(file, text) }),
    sizes: { ...SIZES, accounts },
  });
  const began = performance.now();
  town.start();
  for (let done = 0; done < REPORTS; done += 1) {
    const from = Math.round((flags.time * done) / REPORTS);
    const to = Math.round((flags.time * (done + 1)) / REPORTS);
    town.advance(to - from);
    const { statements, kills } = town.fleet.facts();
    const real = secondsText(performance.now() - began);
    io.err(`  ${secondsText(to)} lived in ${real}: ${grouped(statements)} statements, ${grouped(kills)} kills\n`);
  }
  town.goHome();
  const seconds = (performance.now() - began) / 1000;
  const run = { facts: town.fleet.facts(), hash: town.fleet.history.close(), audit: audit(town), seconds };
  const paint: Paint = io.colours
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : (_, text) => text;
  io.out(fleetReport(run, paint));
  return run.audit.wrong.length === 0 ? 0 : 1;
}

/** Everything that was chosen, so that a run can be had again from what was printed. */
function title({ size, time, seed, behaviours, drivers, topology, latency, ease, accounts }: FleetFlags): string {
  return (
    `seed ${seed}: ${size} clients (${behaviours.join(', ')}; ${drivers === null ? 'drivers of each kind' : drivers.join(', ')}), ` +
    `${secondsText(time)}, topology ${topology}, latency ${latency} ms, ease ${ease}, ${accounts} accounts`
  );
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}
