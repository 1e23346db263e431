/**
 * What `odplab fleet` prints when a fleet has gone home: what happened, in numbers, and whether all is as it must be.
 *
 * Pure: facts in, text out. No real time is in it but what it is given.
 */
import type { FleetFacts } from '../../simulator/client/fleet/fleet.ts';
import type { Audit } from '../../simulator/hunt/audit.ts';
import type { Paint } from '../../simulator/scenario/report-spec.ts';

/** Errors of a transaction that met another: lock wait time-out, deadlock. */
const MET_ANOTHER = ['1205', '1213'] as const;
const WIDTH = 14;
/** Of what is wrong, so many lines are shown. */
const SHOWN = 20;

export interface FleetRun {
  readonly facts: FleetFacts;
  readonly audit: Audit;
  readonly hash: string;
  /** Real seconds that the simulated time took. */
  readonly seconds: number;
}

/** A number as people read it: `1,234,567`. */
export function grouped(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `2026` is 2.0 s. */
export function secondsText(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

export function fleetReport(run: FleetRun, paint: Paint): string {
  const { facts, audit, hash, seconds } = run;
  const { transfers, byError } = facts;
  const met = MET_ANOTHER.map((number) => byError[number] ?? 0);
  const rate = grouped(Math.round(facts.statements / Math.max(seconds, 0.001)));
  const lines = [
    row('statements', `${grouped(facts.statements)} in ${seconds.toFixed(1)} s, ${rate} per second`),
    row(
      'transfers',
      `${grouped(transfers.committed)} committed, ${grouped(transfers.undone)} undone, ` +
        `${grouped(transfers.unknown)} whose COMMIT was not answered`,
    ),
    row('kills', `${grouped(facts.kills)} live sessions; ${grouped(facts.lostInTransaction)} lost in a transaction`),
    row('rollbacks', `${grouped(met[0]! + met[1]!)} by lock or deadlock (1205: ${met[0]}, 1213: ${met[1]})`),
    row('behaviours', counts(facts.done, facts.failed)),
    row('errors', list(byError)),
    row('history', `${hash} (SHA-1)`),
    '',
  ];
  if (audit.wrong.length === 0) {
    const all = `${grouped(audit.accounts)} accounts together have ${grouped(audit.sum)}, as before`;
    lines.push(
      `${paint('green', '✓')} ${all}; ${grouped(audit.transfers)} transfers are there, whole; nothing is left`,
    );
  } else {
    for (const wrong of audit.wrong.slice(0, SHOWN)) lines.push(`${paint('red', '✗')} ${wrong}`);
    const more = audit.wrong.length - SHOWN;
    if (more > 0) lines.push(`  … and ${more} more`);
  }
  return `${lines.join('\n')}\n`;
}

function row(name: string, text: string): string {
  return `${name.padEnd(WIDTH)}${text}`;
}

/** Runs of each behaviour, and how many of them did not do what they meant to. */
function counts(done: Readonly<Record<string, number>>, failed: Readonly<Record<string, number>>): string {
  const names = [...new Set([...Object.keys(done), ...Object.keys(failed)])].sort();
  return names
    .map((name) => {
      const without = failed[name] ?? 0;
      const all = grouped((done[name] ?? 0) + without);
      return without === 0 ? `${name} ${all}` : `${name} ${all} (${grouped(without)} failed)`;
    })
    .join(', ');
}

function list(numbers: Readonly<Record<string, number>>): string {
  const entries = Object.entries(numbers).sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name}: ${grouped(count)}`).join(', ');
}
