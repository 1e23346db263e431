/**
 * Whether a fault takes effect where it stands in a run: who has no connection cannot lose one, a leader that is told to
 * lead goes on.
 *
 * Asked just before it is done. Only for the numbers that a hunt prints: judges hear of every fault.
 */
import type { Lab } from '../scenario/lab.ts';
import { type Action, placeName } from '../scenario/scenario.ts';

export function bites(action: Action, lab: Lab): boolean {
  const { gates } = lab.arm;
  switch (action.kind) {
    case 'close':
    case 'half-close':
    case 'reset':
    case 'stall':
      return gates.areConnected(action.client, 'proxy');
    case 'jump':
      return lab.wouldWake(action.client, action.milliseconds);
    case 'hold':
    case 'partition':
    case 'sever':
      return gates.areConnected(placeName(action.from), placeName(action.to));
    case 'leader':
      return !lab.control.leads(action.table, action.observer);
    case 'crash':
    case 'stop':
    case 'fail':
    case 'restart proxy':
      return true;
    // Back from a fault, or none.
    default:
      return false;
  }
}
