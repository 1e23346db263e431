/**
 * Planted bugs of the proxy: wire, session, command, route. Single decisions, most of which an ordinary test does not meet.
 *
 * Data only; what is done with them is `planted.ts`' and the tests' business.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_PROXY: readonly Planted[] = [
  // proxy/wire
  {
    name: 'the number of an ERR outlives its answer',
    file: 'proxy/wire/response.ts',
    text: '    this.eofStatus = 0;\n    this.errorCode = 0;\n',
    instead: '    this.eofStatus = 0;\n',
    quiet: false,
  },
  {
    name: 'an EOF is lost where the extra OK behind it is cut in two',
    file: 'proxy/wire/response.ts',
    text: "      this.#release(out);\n      if (fate !== 'release')",
    instead: "      if (fate !== 'release')",
    quiet: false,
  },
  {
    name: 'the status of the extra OK behind an ERR or a result is not read',
    file: 'proxy/wire/response.ts',
    text: '      this.status = this.finalOk.status;\n',
    instead: '',
    quiet: false,
  },
  {
    name: 'the extra OK is taken out with one byte too many',
    file: 'proxy/wire/response.ts',
    text: '    out.push(this.#withheld);\n',
    instead: '    out.push(this.#withheld.subarray(0, this.#withheld.length - 1));\n',
    quiet: false,
  },
  {
    name: 'a packet cut in its header is taken for longer than it is',
    file: 'proxy/wire/response.ts',
    text: '      this.#skip = HEADER_SIZE + length - held.length;',
    instead: '      this.#skip = length;',
    quiet: false,
  },
  {
    name: 'the session state in the extra OK behind a result is not read',
    file: 'proxy/wire/response.ts',
    text: '      this.finalOk = this.#kept(readObserverOk(payload));',
    instead: '      this.finalOk = readObserverOk(payload);',
    quiet: false,
  },
  {
    name: 'the last byte of a long request is handed out later',
    file: 'proxy/wire/request.ts',
    text: "        this.#streamed = 'nothing';\n        return at;",
    instead: "        this.#streamed = 'nothing';\n        return chunk.length - 1;",
    quiet: false,
  },
  // proxy/session
  {
    name: 'user variables are not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'versions.user < mine.user ||',
    instead: 'false ||',
    quiet: false,
  },
  {
    name: 'a mark is executed two ticks late',
    file: 'proxy/session/sweep.ts',
    text: 'this.#arm(this.tickIn(0));\n  }\n\n  /** It is gone',
    instead: 'this.#arm(this.tickIn(0) + 2);\n  }\n\n  /** It is gone',
    quiet: false,
  },
  {
    name: 'the database is not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'return versions.database < this.versions.database ? this.database : null;',
    instead: 'return null;',
    quiet: false,
  },
  {
    name: 'a held BEGIN is forgotten where its server session is lost before it has it',
    file: 'proxy/session/server-side.ts',
    text: '    const begin = this.#takesBegin ? this.#begin : null;\n',
    instead: '    const begin = this.#takesBegin ? this.#begin : null;\n    if (begin !== null) this.#begin = null;\n',
    quiet: false,
  },
  {
    name: 'RESET CONNECTION forgets the pooled server sessions without closing them',
    file: 'proxy/session/server-side.ts',
    text: '    for (const server of this.servers.takePool()) server.close();\n',
    instead: '    this.servers.takePool();\n',
    quiet: false,
  },
  {
    name: 'named statements outlive RESET CONNECTION',
    file: 'proxy/session/server-side.ts',
    text: '    this.statements.clear();\n    this.named.clear();\n',
    instead: '    this.statements.clear();\n',
    quiet: false,
  },
  {
    name: 'user variables outlive RESET CONNECTION',
    file: 'proxy/session/state.ts',
    text: '    this.#user.clear();\n',
    instead: '',
    quiet: false,
  },
  {
    name: 'system variables outlive RESET CONNECTION',
    file: 'proxy/session/state.ts',
    text: '    this.#system.clear();\n',
    instead: '',
    quiet: false,
  },
  {
    name: 'the loss of an idle server session ends the transaction, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (!this.#remove(server)) return;\n    this.#services.health.failed(server.address);\n    // Nothing of',
    instead:
      '    if (!this.#remove(server)) {\n      this.inTransaction = false;\n      return;\n    }\n    this.#services.health.failed(server.address);\n    // Nothing of',
    quiet: false,
  },
  {
    name: 'the kill of an idle server session ends the transaction, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (!this.#remove(server)) return;\n    // That counts',
    instead:
      '    if (!this.#remove(server)) {\n      this.inTransaction = false;\n      return;\n    }\n    // That counts',
    quiet: false,
  },
  {
    name: 'who goes by itself takes the tick of all marked sessions along',
    file: 'proxy/session/sweep.ts',
    text: 'if (this.#marks.delete(target) && this.#marks.size === 0) this.#disarm();',
    instead: 'if (this.#marks.delete(target)) this.#disarm();',
    quiet: true,
  },
  {
    name: 'a server session whose client was full is never read again',
    file: 'proxy/session/server-side.ts',
    text: '    // An idle one must be read, or its FIN would go unseen.\n    this.resume();\n',
    instead: '',
    quiet: false,
  },
  {
    name: 'a new value of a known user variable is not brought elsewhere',
    file: 'proxy/session/state.ts',
    text: '      this.#user.set(name, value);\n      this.versions.user += 1;',
    instead: '      if (!this.#user.has(name)) this.versions.user += 1;\n      this.#user.set(name, value);',
    quiet: true,
  },
  {
    name: 'a new value of a known system variable is not brought elsewhere',
    file: 'proxy/session/state.ts',
    text: '    this.#system.set(name, value);\n    this.versions[COUNTER[classOf(name)]] += 1;',
    instead:
      '    if (!this.#system.has(name)) this.versions[COUNTER[classOf(name)]] += 1;\n    this.#system.set(name, value);',
    quiet: false,
  },
  {
    name: 'the first statement of a name is executed, not the last one',
    file: 'proxy/session/named-statements.ts',
    text: '      this.#statements.set(name, statement);',
    instead: '      if (!this.#statements.has(name)) this.#statements.set(name, statement);',
    quiet: false,
  },
  {
    name: 'a BEGIN inside a transaction is held back like one outside',
    file: 'proxy/session/requests.ts',
    text: 'return situation.inTransaction ? FORWARD : HOLD_BEGIN;',
    instead: 'return HOLD_BEGIN;',
    quiet: false,
  },
  {
    name: 'ids wrap soon, and nobody asks whether one is in use',
    file: 'proxy/session/ids.ts',
    text: 'this.#last >= MAX_SEQUENCE ? 1 : this.#last + 1;\n      const id = this.#base + this.#last;\n      if (!taken.has(id)) return id;',
    instead:
      'this.#last >= 5 ? 1 : this.#last + 1;\n      const id = this.#base + this.#last;\n      if (tries > 0 || taken.has(0) || id > 0) return id;',
    quiet: false,
  },
  {
    name: 'a statement that was already written is sent once more',
    file: 'proxy/session/server-side.ts',
    text: "    if (was === 'serving') this.#client.stop({ kind: 'server lost', why });\n    else this.#choose(why);",
    instead:
      "    if (was === 'serving' && !this.#isKept) this.#client.stop({ kind: 'server lost', why });\n    else this.#choose(why);",
    quiet: false,
  },
  {
    name: 'a session with a statement of a transaction under way outlives its kill',
    file: 'proxy/session/client-session.ts',
    text: "    this.stop({ kind: 'killed', by });",
    instead: "    if (this.#phase !== 'serving' || !this.inTransaction) this.stop({ kind: 'killed', by });",
    quiet: false,
  },
  {
    name: 'no back-pressure: a full client does not pause its server session',
    file: 'proxy/session/server-side.ts',
    text: '    this.#full = true;\n    this.servers.current?.pause();',
    instead: '    this.#full = true;',
    quiet: false,
  },
  {
    name: 'a client that quits leaves the third of its server sessions behind',
    file: 'proxy/session/server-side.ts',
    text: '    for (const server of this.servers.all()) {\n      const waits',
    instead:
      '    for (const server of givenUp ? this.servers.all() : this.servers.all().slice(0, 2)) {\n      const waits',
    quiet: true,
  },
  {
    name: 'with a lost server session those behind it in the pool are forgotten',
    file: 'proxy/session/server-sessions.ts',
    text: 'if (index >= 0) this.#pool.splice(index, 1);',
    instead: 'if (index >= 0) this.#pool.splice(index);',
    quiet: true,
  },
  {
    name: 'who is parked takes the place of a younger one',
    file: 'proxy/session/server-sessions.ts',
    text: '    this.#pool.splice(index < 0 ? this.#pool.length : index, 0, bound);',
    instead: '    this.#pool.splice(index < 0 ? this.#pool.length : index, 1, bound);',
    quiet: false,
  },
  // proxy/command
  {
    name: 'only who kills itself by its cs_id is told so',
    file: 'proxy/command/commands.ts',
    text: '    if (found === session) {\n',
    instead: '    if (found === session && id === BigInt(session.csId)) {\n',
    quiet: false,
  },
  {
    name: 'KILL QUERY of somebody with a pool goes to the observer with the typed id',
    file: 'proxy/command/commands.ts',
    text: 'const same = command.id === BigInt(current.serverSessid);',
    instead: 'const same = command.id === BigInt(current.serverSessid) || found.servers.pool.length > 0;',
    quiet: true,
  },
  {
    name: 'SHOW PROCESSLIST asks for the PROCESS privilege of who is shown',
    file: 'proxy/command/rights.ts',
    text: '  return own || caller.state.hasProcess;',
    instead: '  return own || target.state.hasProcess;',
    quiet: false,
  },
  {
    name: 'SHOW shows the sessions of a user of the same name',
    file: 'proxy/command/rights.ts',
    text: 'return caller === target || isAdministrator(caller.identity) || isOfSys(caller.identity);',
    instead:
      'return userOf(caller) === userOf(target) || isAdministrator(caller.identity) || isOfSys(caller.identity);',
    quiet: false,
  },
  {
    name: 'SUPER of the one to be killed counts, not of the killer',
    file: 'proxy/command/rights.ts',
    text: '  return caller.state.isSuper || userOf(caller)',
    instead: '  return target.state.isSuper || userOf(caller)',
    quiet: false,
  },
  {
    name: 'the existence of a session of another tenant is admitted (1095)',
    file: 'proxy/command/rights.ts',
    text: "tenantOf(caller) !== tenantOf(target)) return 'hidden';",
    instead: "tenantOf(caller) !== tenantOf(target)) return 'denied';",
    quiet: false,
  },
  {
    name: 'a session is found by its connection id only while it is idle',
    file: 'proxy/command/commands.ts',
    text: '        const found = this.#registry.byServerSessid(recognised.id);\n        if (found !== undefined) return found;',
    instead:
      '        const found = this.#registry.byServerSessid(recognised.id);\n        if (found?.servers.current === null) return found;',
    quiet: false,
  },
  // proxy/route
  {
    name: 'of two who ask for the same table at once one is not told',
    file: 'proxy/route/locations.ts',
    text: '        waiting.push(told);\n',
    instead: '',
    quiet: false,
  },
  {
    name: 'the replicas of one table are taken for those of the next one asked for',
    file: 'proxy/route/location-client.ts',
    text: '    this.#replicas = [];\n    this.#eofs = 0;',
    instead: '    this.#eofs = 0;',
    quiet: false,
  },
  {
    name: 'the session’s database is taken for that of a table that says another',
    file: 'proxy/route/router.ts',
    text: '  const database = found.database ?? session.state.database;',
    instead: '  const database = session.state.database ?? found.database;',
    quiet: true,
  },
  {
    name: 'the order of servers is kept under another leader',
    file: 'proxy/route/router.ts',
    text: '      orders.set(first, order);',
    instead: '      orders.set(order[1] ?? first, order);',
    quiet: false,
  },
  {
    name: 'of all who wait for a table only the last is told',
    file: 'proxy/route/locations.ts',
    text: '    for (const told of waiting) told(leader);',
    instead: '    for (const told of waiting.slice(-1)) told(leader);',
    quiet: false,
  },
  {
    name: 'the answer for one table is told to who waits for another',
    file: 'proxy/route/locations.ts',
    text: '    const waiting = this.#waiting.get(key) ?? [];\n    this.#waiting.delete(key);',
    instead: '    const [, waiting = []] = [...this.#waiting][0] ?? [];\n    this.#waiting.clear();',
    quiet: false,
  },
  // What needs COM_CHANGE_USER, or the binary protocol, to be found.
  {
    name: 'who has become somebody else has the rights of before',
    file: 'proxy/session/client-session.ts',
    text: '    this.identity = { name: this.newUser.name, cluster: this.identity!.cluster };\n',
    instead: '',
  },
  {
    name: 'a statement goes to the observer under the id that the client knows',
    file: 'proxy/session/statements.ts',
    text: '    packet.writeUInt32LE(this.#twins.get(server)!.id, ID_AT);\n',
    instead: '',
  },
];
