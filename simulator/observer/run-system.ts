/**
 * ALTER SYSTEM: what an administrator of the cluster may do to leaders and servers (observer.md §9.2, §9.4).
 *
 * Only sys, and only with SUPER. A server is named by its RPC address, as DBA_OB_SERVERS shows it.
 */
import type { SessionContext } from './context.ts';
import type { House, ServerFacts } from './house.ts';
import { DONE, type Outcome } from './outcome.ts';
import { refuse } from './refusal.ts';
import type { Statement, SystemAction } from './sql/syntax.ts';
import { isSuper } from './tenant.ts';
import { rpcPort } from './view.ts';

export function runAlterSystem(
  { action }: Extract<Statement, { readonly kind: 'alter system' }>,
  context: SessionContext,
  house: House,
): Outcome {
  const { tenant, user } = context.identity;
  if (!tenant.isSys || !isSuper(user)) throw refuse('NO_PRIVILEGE', 'ALTER SYSTEM');
  // As with any definition, what is open is committed first.
  context.commit();
  if (action.kind === 'switch leader') {
    switchLeader(action, context, house);
    return DONE;
  }
  const servers = action.servers.map((it) => serverOf(it, house));
  for (const { id } of servers) {
    if (action.kind === 'stop servers') house.stopServer(id);
    else house.startServer(id);
  }
  return DONE;
}

function serverOf(name: string, house: House): ServerFacts {
  const found = house.servers.find((it) => `${it.address.host}:${rpcPort(it)}` === name);
  if (found === undefined) throw refuse('WRONG_ARGUMENTS', `server ${name}`);
  return found;
}

function switchLeader(
  action: Extract<SystemAction, { readonly kind: 'switch leader' }>,
  context: SessionContext,
  house: House,
): void {
  const server = serverOf(action.server, house);
  const wanted = action.tenant ?? context.identity.tenant.name;
  const tenant = house.tenants.find((it) => it.name === wanted);
  if (tenant === undefined) throw refuse('WRONG_ARGUMENTS', `tenant ${wanted}`);
  const stream = tenant.streams.all.find((it) => it.id === action.stream);
  if (stream === undefined) throw refuse('WRONG_ARGUMENTS', `LS ${action.stream}`);
  if (!tenant.streams.mayLead(server.id)) throw refuse('WRONG_ARGUMENTS', `server ${action.server}`);
  tenant.streams.switchLeader(stream, server.id);
}
