/**
 * Who may see and who may end whose session (odp-sessions.md §4.2, §6 and §8). Tables, evaluated from top to bottom.
 */
import { isAdministrator, isOfSys } from '../session/identity.ts';
import type { SeenSession } from '../session/seen.ts';

/** `hidden`: its existence is not admitted (1094); `denied`: not the owner (1095). */
export type Verdict = 'allowed' | 'hidden' | 'denied';

/** KILL [CONNECTION] and KILL PROXYSESSION of another session. */
export function mayKill(caller: SeenSession, target: SeenSession): Verdict {
  if (isAdministrator(caller.identity)) return 'allowed';
  if (isSysTenant(caller)) return sameCluster(caller, target) ? 'allowed' : 'denied';
  return ordinaryVerdict(caller, target);
}

/** KILL QUERY: the same, but the tenant sys is nothing special (odp-sessions.md §6). */
export function mayKillQuery(caller: SeenSession, target: SeenSession): Verdict {
  return ordinaryVerdict(caller, target);
}

function ordinaryVerdict(caller: SeenSession, target: SeenSession): Verdict {
  if (!sameCluster(caller, target) || tenantOf(caller) !== tenantOf(target)) return 'hidden';
  return caller.state.isSuper || userOf(caller) === userOf(target) ? 'allowed' : 'denied';
}

/** The rows of SHOW PROXYSESSION: root@proxysys and the tenant sys see all, everybody else their own. */
export function maySee(caller: SeenSession, target: SeenSession): boolean {
  return caller === target || isAdministrator(caller.identity) || isOfSys(caller.identity);
}

/** The rows of SHOW PROCESSLIST: of those above the ones of the same tenant and user, or all of them with PROCESS. */
export function maySeeProcess(caller: SeenSession, target: SeenSession): boolean {
  if (!maySee(caller, target)) return false;
  const own = tenantOf(caller) === tenantOf(target) && userOf(caller) === userOf(target);
  return own || caller.state.hasProcess;
}

/** For KILL the tenant's name is compared without regard to case, unlike everywhere else. */
function isSysTenant(session: SeenSession): boolean {
  return isOfSys(session.identity) || tenantOf(session).toLowerCase() === 'sys';
}

/** False for a session that has not logged in, and for root@proxysys, who belongs to no cluster. */
function sameCluster(a: SeenSession, b: SeenSession): boolean {
  return a.identity?.cluster != null && a.identity.cluster === b.identity?.cluster;
}

function tenantOf(session: SeenSession): string {
  return session.identity?.name.tenant ?? '';
}

function userOf(session: SeenSession): string {
  return session.identity?.name.user ?? '';
}
