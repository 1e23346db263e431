/**
 * What happened in a run, or in many, in numbers: what a hunt prints of it, so that it is seen to have looked at something.
 */

export interface Tally {
  /** Clients that were greeted. */
  clients: number;
  /** Requests of the script that were answered, and those that were not. */
  answered: number;
  lost: number;
  /** KILLs that were acknowledged and whose target lived. */
  kills: number;
  /** Faults that took effect (`bite.ts`). */
  faults: number;
}

export function emptyTally(): Tally {
  return { clients: 0, answered: 0, lost: 0, kills: 0, faults: 0 };
}

export function addTally(all: Tally, part: Tally): void {
  all.clients += part.clients;
  all.answered += part.answered;
  all.lost += part.lost;
  all.kills += part.kills;
  all.faults += part.faults;
}
