/**
 * Bugs planted in the session (`proxy/session`): state, transactions, server sessions, the sweep, ids. Single decisions, most of which an ordinary test does not meet.
 *
 * Knows only texts; how they are planted is in `copy.ts`.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_SESSION: readonly Planted[] = [
  {
    name: 'user variables are not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'versions.user < mine.user ||',
    instead: 'false ||',
  },
  {
    name: 'a mark is executed two ticks late',
    file: 'proxy/session/sweep.ts',
    text: 'this.#arm(this.tickIn(0));\n  }\n\n  /** It is gone',
    instead: 'this.#arm(this.tickIn(0) + 2);\n  }\n\n  /** It is gone',
  },
  {
    name: 'the database is not brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'return versions.database < this.versions.database ? this.database : null;',
    instead: 'return null;',
  },
  {
    name: 'a held BEGIN is forgotten where its server session is lost before it has it',
    file: 'proxy/session/server-side.ts',
    text: '    const begin = this.#takesBegin ? this.#begin : null;\n',
    instead: '    const begin = this.#takesBegin ? this.#begin : null;\n    if (begin !== null) this.#begin = null;\n',
  },
  {
    name: 'RESET CONNECTION forgets the pooled server sessions without closing them',
    file: 'proxy/session/server-side.ts',
    text: '    for (const server of this.servers.takePool()) server.close();\n',
    instead: '    this.servers.takePool();\n',
  },
  {
    name: 'named statements outlive RESET CONNECTION',
    file: 'proxy/session/server-side.ts',
    text: '    this.statements.clear();\n    this.named.clear();\n',
    instead: '    this.statements.clear();\n',
  },
  {
    name: 'user variables outlive RESET CONNECTION',
    file: 'proxy/session/state.ts',
    text: '    this.#user.clear();\n',
    instead: '',
  },
  {
    name: 'system variables outlive RESET CONNECTION',
    file: 'proxy/session/state.ts',
    text: '    this.#system.clear();\n',
    instead: '',
  },
  {
    name: 'the loss of an idle server session ends the transaction, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (!this.#remove(server)) return;\n    this.#services.health.failed(server.address);\n    // Nothing of',
    instead:
      '    if (!this.#remove(server)) {\n      this.inTransaction = false;\n      return;\n    }\n    this.#services.health.failed(server.address);\n    // Nothing of',
  },
  {
    name: 'the kill of an idle server session ends the transaction, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (!this.#remove(server)) return;\n    // That counts',
    instead:
      '    if (!this.#remove(server)) {\n      this.inTransaction = false;\n      return;\n    }\n    // That counts',
  },
  {
    name: 'who goes by itself takes the tick of all marked sessions along',
    file: 'proxy/session/sweep.ts',
    text: 'if (this.#marks.delete(target) && this.#marks.size === 0) this.#disarm();',
    instead: 'if (this.#marks.delete(target)) this.#disarm();',
    quiet: 'in company',
  },
  {
    name: 'a server session whose client was full is never read again',
    file: 'proxy/session/server-side.ts',
    text: '    // An idle one must be read, or its FIN would go unseen.\n    this.resume();\n',
    instead: '',
  },
  {
    name: 'a new value of a known user variable is not brought elsewhere',
    file: 'proxy/session/state.ts',
    text: '      this.#user.set(name, value);\n      this.versions.user += 1;',
    instead: '      if (!this.#user.has(name)) this.versions.user += 1;\n      this.#user.set(name, value);',
    quiet: 'in company',
  },
  {
    name: 'a new value of a known system variable is not brought elsewhere',
    file: 'proxy/session/state.ts',
    text: '    this.#system.set(name, value);\n    this.versions[COUNTER[classOf(name)]] += 1;',
    instead:
      '    if (!this.#system.has(name)) this.versions[COUNTER[classOf(name)]] += 1;\n    this.#system.set(name, value);',
  },
  {
    name: 'the first statement of a name is executed, not the last one',
    file: 'proxy/session/named-statements.ts',
    text: '      this.#statements.set(name, statement);',
    instead: '      if (!this.#statements.has(name)) this.#statements.set(name, statement);',
  },
  {
    name: 'a BEGIN inside a transaction is held back like one outside',
    file: 'proxy/session/requests.ts',
    text: 'return situation.inTransaction ? FORWARD : HOLD_BEGIN;',
    instead: 'return HOLD_BEGIN;',
  },
  {
    name: 'ids wrap soon, and nobody asks whether one is in use',
    file: 'proxy/session/ids.ts',
    text: 'this.#last >= MAX_SEQUENCE ? 1 : this.#last + 1;\n      const id = this.#base + this.#last;\n      if (!taken.has(id)) return id;',
    instead:
      'this.#last >= 5 ? 1 : this.#last + 1;\n      const id = this.#base + this.#last;\n      if (tries > 0 || taken.has(0) || id > 0) return id;',
  },
  {
    name: 'a statement that was already written is sent once more',
    file: 'proxy/session/server-side.ts',
    text: "    if (was === 'serving') this.#client.stop({ kind: 'server lost', why });\n    else this.#choose(why);",
    instead:
      "    if (was === 'serving' && !this.#isKept) this.#client.stop({ kind: 'server lost', why });\n    else this.#choose(why);",
  },
  {
    name: 'a session with a statement of a transaction under way outlives its kill',
    file: 'proxy/session/client-session.ts',
    text: "    this.stop({ kind: 'killed', by });",
    instead: "    if (this.#phase !== 'serving' || !this.inTransaction) this.stop({ kind: 'killed', by });",
  },
  {
    name: 'no back-pressure: a full client does not pause its server session',
    file: 'proxy/session/server-side.ts',
    text: '    this.#full = true;\n    this.servers.current?.pause();',
    instead: '    this.#full = true;',
  },
  {
    name: 'a client that quits leaves the third of its server sessions behind',
    file: 'proxy/session/server-side.ts',
    text: '    for (const server of this.servers.all()) {\n      const waits',
    instead:
      '    for (const server of givenUp ? this.servers.all() : this.servers.all().slice(0, 2)) {\n      const waits',
  },
  {
    name: 'with a lost server session those behind it in the pool are forgotten',
    file: 'proxy/session/server-sessions.ts',
    text: 'if (index >= 0) this.#pool.splice(index, 1);',
    instead: 'if (index >= 0) this.#pool.splice(index);',
    quiet: 'in company',
  },
  {
    name: 'who is parked takes the place of a younger one',
    file: 'proxy/session/server-sessions.ts',
    text: '    this.#pool.splice(index < 0 ? this.#pool.length : index, 0, bound);',
    instead: '    this.#pool.splice(index < 0 ? this.#pool.length : index, 1, bound);',
  },
  {
    name: 'RESET CONNECTION closes one of two pooled server sessions',
    file: 'proxy/session/server-side.ts',
    text: '    for (const server of this.servers.takePool()) server.close();\n',
    instead: '    this.servers.takePool()[0]?.close();\n',
    quiet: 'in company',
  },
  {
    name: 'only the last user variable is brought to another server session',
    file: 'proxy/session/state.ts',
    text: 'for (const [name, literal] of this.#user) parts',
    instead: 'for (const [name, literal] of [...this.#user].slice(-1)) parts',
  },
  {
    name: 'a statement that was killed ends its transaction, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    this.#heard(server, errorCode);\n    this.#learn(server, status);',
    instead:
      '    this.#heard(server, errorCode);\n    this.#learn(server, errorCode === 1317 ? status & ~STATUS.IN_TRANS : status);',
    quiet: 'in company',
  },
  {
    name: 'USE ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (errorCode === 0 && beginsAnew(command)) this.#begunAnew();\n',
    instead:
      '    if (errorCode === 0 && beginsAnew(command)) this.#begunAnew();\n    if (command === COM.INIT_DB) status &= ~STATUS.IN_TRANS;\n',
    quiet: 'in company',
  },
  {
    name: 'PREPARE ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (prepares !== null) this.named.answered(prepares, server, errorCode === 0);\n',
    instead:
      '    if (prepares !== null) {\n      this.named.answered(prepares, server, errorCode === 0);\n      status &= ~STATUS.IN_TRANS;\n    }\n',
    quiet: 'in company',
  },
  {
    name: 'COM_STMT_PREPARE ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (statement !== null) this.statements.answered(command, statement, server, server.answer);\n',
    instead:
      '    if (statement !== null) this.statements.answered(command, statement, server, server.answer);\n    if (command === COM.STMT_PREPARE) status &= ~STATUS.IN_TRANS;\n',
    quiet: 'in company',
  },
  {
    name: 'COM_STMT_EXECUTE ends the transaction that is not its own, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    if (statement !== null) this.statements.answered(command, statement, server, server.answer);\n',
    instead:
      '    if (statement !== null) this.statements.answered(command, statement, server, server.answer);\n    if (command === COM.STMT_EXECUTE && this.inTransaction) status &= ~STATUS.IN_TRANS;\n',
    quiet: 'in company',
  },
  {
    name: 'a statement that is prepared anew is forgotten where it was',
    file: 'proxy/session/named-statements.ts',
    text: '      this.#statements.get(name)?.deallocate(server);\n      statement',
    instead: '      this.#statements.get(name)?.deallocate(null);\n      statement',
    quiet: 'in company',
  },
  {
    name: 'SHOW counts a pool of two as one server session',
    file: 'proxy/session/server-sessions.ts',
    text: 'return this.#pool.length + (this.bound',
    instead: 'return Math.min(this.#pool.length, 1) + (this.bound',
    quiet: 'in company',
  },
  {
    name: 'EXECUTE ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '  served(server: ServerSession, status: number, errorCode: number): void {\n    const { command, statement, prepares } = this.#asked!;\n',
    instead:
      '  served(server: ServerSession, told: number, errorCode: number): void {\n    const { command, statement, prepares, runs } = this.#asked!;\n    let status = runs === null ? told : told & ~STATUS.IN_TRANS;\n',
    quiet: 'in company',
  },
  {
    name: 'RESET CONNECTION leaves the second of the pool where it is',
    file: 'proxy/session/server-sessions.ts',
    text: 'return this.#pool.splice(0);',
    instead: 'return this.#pool.splice(0, 1);',
    quiet: 'in company',
  },
  {
    name: 'an ERR for a table that is not there ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    this.#client.answered(errorCode, true);\n',
    instead: '    if (errorCode === 1146) this.inTransaction = false;\n    this.#client.answered(errorCode, true);\n',
    quiet: 'in company',
  },
  {
    name: 'an ERR for a statement that nobody has prepared ends the transaction it stands in, unseen',
    file: 'proxy/session/server-side.ts',
    text: '    this.#client.answered(errorCode, true);\n',
    instead: '    if (errorCode === 1243) this.inTransaction = false;\n    this.#client.answered(errorCode, true);\n',
    quiet: 'in company',
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
  {
    name: 'what reports a change of state ends the transaction it stands in, unseen',
    file: 'proxy/session/server-session.ts',
    text: 'this.owner.served(this, reader.status, reader.errorCode);',
    instead:
      'this.owner.served(this, reader.reported.length > 0 ? reader.status & ~1 : reader.status, reader.errorCode);',
  },
  {
    name: 'a server session that serves is not found by its ss_id',
    file: 'proxy/session/server-sessions.ts',
    text: 'return this.all().find((it) => BigInt(it.ssId) === ssId);',
    instead: 'return this.all().find((it) => it !== this.current && BigInt(it.ssId) === ssId);',
  },
  {
    name: 'a held BEGIN is answered as if autocommit were off',
    file: 'proxy/session/client-session.ts',
    text: "this.state.system.get('autocommit') !== '0'",
    instead: "this.state.system.get('autocommit') === '1'",
  },
  {
    name: 'LAST_INSERT_ID is not brought to another server session',
    file: 'proxy/session/state.ts',
    text: "['cold', 'hot', 'last insert id'] as const",
    instead: "['cold', 'hot'] as const",
  },
  {
    name: 'types that a client has said once are not said to another server session',
    file: 'proxy/session/statements.ts',
    text: '} else if (packet[flagAt] === 0 && this.#types !== null && twin.types !== this.#types) {',
    instead: '} else if (packet[flagAt] === 2 && this.#types !== null) {',
  },
  {
    name: 'DEALLOCATE PREPARE is answered and nothing is forgotten',
    file: 'proxy/session/named-statements.ts',
    text: '    this.#statements.get(name)?.deallocate(null);\n    return this.#statements.delete(name);',
    instead: '    this.#statements.get(name)?.deallocate(null);\n    return this.#statements.has(name);',
  },
  {
    name: 'a held BEGIN is answered as if autocommit were on',
    file: 'proxy/session/requests.ts',
    text: '(autocommit ? STATUS.AUTOCOMMIT : 0);\n',
    instead: '(autocommit ? STATUS.AUTOCOMMIT : STATUS.AUTOCOMMIT);\n',
  },
];
