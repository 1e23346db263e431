/**
 * Bugs planted in the proxy’s own commands (`proxy/command`): KILL, SHOW, and who may. Single decisions, most of which an ordinary test does not meet.
 *
 * Knows only texts; how they are planted is in `copy.ts`.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_COMMAND: readonly Planted[] = [
  {
    name: 'only who kills itself by its cs_id is told so',
    file: 'proxy/command/commands.ts',
    text: '    if (found === session) {\n',
    instead: '    if (found === session && id === BigInt(session.csId)) {\n',
  },
  {
    name: 'KILL QUERY of somebody with a pool goes to the observer with the typed id',
    file: 'proxy/command/commands.ts',
    text: 'const same = command.id === BigInt(current.serverSessid);',
    instead: 'const same = command.id === BigInt(current.serverSessid) || found.servers.pool.length > 0;',
    quiet: 'in company',
  },
  {
    name: 'SHOW PROCESSLIST asks for the PROCESS privilege of who is shown',
    file: 'proxy/command/rights.ts',
    text: '  return own || caller.state.hasProcess;',
    instead: '  return own || target.state.hasProcess;',
  },
  {
    name: 'SHOW shows the sessions of a user of the same name',
    file: 'proxy/command/rights.ts',
    text: 'return caller === target || isAdministrator(caller.identity) || isOfSys(caller.identity);',
    instead:
      'return userOf(caller) === userOf(target) || isAdministrator(caller.identity) || isOfSys(caller.identity);',
  },
  {
    name: 'SUPER of the one to be killed counts, not of the killer',
    file: 'proxy/command/rights.ts',
    text: '  return caller.state.isSuper || userOf(caller)',
    instead: '  return target.state.isSuper || userOf(caller)',
  },
  {
    name: 'the existence of a session of another tenant is admitted (1095)',
    file: 'proxy/command/rights.ts',
    text: "tenantOf(caller) !== tenantOf(target)) return 'hidden';",
    instead: "tenantOf(caller) !== tenantOf(target)) return 'denied';",
  },
  {
    name: 'a session is found by its connection id only while it is idle',
    file: 'proxy/command/commands.ts',
    text: '        const found = this.#registry.byServerSessid(recognised.id);\n        if (found !== undefined) return found;',
    instead:
      '        const found = this.#registry.byServerSessid(recognised.id);\n        if (found?.servers.current === null) return found;',
  },
  {
    name: 'SHOW has the tenant where the user stands',
    file: 'proxy/command/show.ts',
    text: '    tenant,\n    user,\n    hostOf(session),',
    instead: '    user,\n    tenant,\n    hostOf(session),',
  },
  {
    name: 'ATTRIBUTE shows the connection id as ss_id',
    file: 'proxy/command/show.ts',
    text: "['ss_id', String(server.ssId)]",
    instead: "['ss_id', String(server.serverSessid)]",
  },
  {
    name: 'KILL QUERY is refused where its victim is in a transaction',
    file: 'proxy/command/commands.ts',
    text: '    const error = verdictError(mayKillQuery(session, found), command.id);\n',
    instead:
      "    if (found.inTransaction) return refuse(sequence, errorOf('NOT_SUPPORTED'));\n" +
      '    const error = verdictError(mayKillQuery(session, found), command.id);\n',
  },
];
