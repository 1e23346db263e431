/**
 * Bugs planted in the simulated observers: locks, transactions, kill, what an OK reports, leaders, prepared statements.
 *
 * Knows only texts; how they are planted is in `copy.ts`.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_OBSERVER: readonly Planted[] = [
  {
    name: 'a statement of a client that has gone is done when it gets its row',
    file: 'simulator/observer/session.ts',
    text: 'if (this.#deserted) {\n      run.abandon();\n',
    instead: 'if (this.#deserted) {\n',
  },
  {
    name: 'a statement that waits for a row outlives its observer',
    file: 'simulator/observer/session.ts',
    text: "if (this.#stage.kind === 'running') this.#stage.run.abandon();\n    this.#stage = OVER;",
    instead: 'this.#stage = OVER;',
  },
  {
    name: 'the transaction of a client that has gone in the middle of a statement is committed',
    file: 'simulator/observer/session.ts',
    text: 'run.abandon();\n      this.#depart();',
    instead:
      'run.abandon();\n      if (this.context.transaction.isIdling) this.context.commit();\n      this.#depart();',
  },
  {
    name: 'KILL QUERY of a statement that waits for a row ends its session',
    file: 'simulator/observer/session.ts',
    text: "this.#enter('kill query');",
    instead:
      "this.#enter(this.#stage.kind === 'running' && this.#stage.run.isLocking ? 'kill session' : 'kill query');",
  },
  {
    name: 'a user variable is reported the first time that it changes',
    file: 'simulator/observer/session-variables.ts',
    text: '    this.#changedUsers.add(name);\n',
    instead: '    if (before === undefined) this.#changedUsers.add(name);\n',
  },
  {
    name: 'all databases share one login block',
    file: 'simulator/observer/entry.ts',
    text: "database ?? ''",
    instead: "''",
  },
  {
    name: 'a reset forgets the database',
    file: 'simulator/observer/entry.ts',
    text: 'return this.#begin(identity, database, sequence);\n  }\n\n  #enter',
    instead: 'return this.#begin(identity, null, sequence);\n  }\n\n  #enter',
  },
  {
    name: 'BEGIN takes back what is open',
    file: 'simulator/observer/transaction-state.ts',
    text: "    this.commit();\n    this.#state = { kind: 'open', transaction: new Transaction(this.#keeper), deadline };",
    instead:
      "    this.rollback();\n    this.#state = { kind: 'open', transaction: new Transaction(this.#keeper), deadline };",
  },
  {
    name: 'BEGIN says nothing of a transaction that was aborted',
    file: 'simulator/observer/transaction-state.ts',
    text: "    this.commit();\n    this.#state = { kind: 'open', transaction: new Transaction(this.#keeper), deadline };",
    instead:
      "    if (this.#state.kind === 'open') this.commit();\n    this.#state = { kind: 'open', transaction: new Transaction(this.#keeper), deadline };",
    quiet: 'in company',
  },
  {
    name: 'a transaction in several tables is committed in the first',
    file: 'simulator/observer/store.ts',
    text: 'for (const [table, changes] of this.#layer) for (const [key, row] of changes) table.put(key, row);',
    instead:
      'for (const [table, changes] of [...this.#layer].slice(0, 1)) for (const [key, row] of changes) table.put(key, row);',
  },
  {
    name: 'a table is switched to another leader and its transactions go on',
    file: 'simulator/observer/log-streams.ts',
    text: '    stream.leader = server;\n    this.#setting.leaderLost(stream);\n',
    instead: '    stream.leader = server;\n',
  },
  {
    name: 'a statement that fails makes its transaction forget what it has changed',
    file: 'simulator/observer/reach.ts',
    text: 'for (const stream of this.#fresh) this.#changed.delete(stream);',
    instead: 'this.#changed.clear();',
  },
  {
    name: 'a transaction that has only read is lost with a leader',
    file: 'simulator/observer/reach.ts',
    text: 'if (!changes || this.#changed.has(stream)) continue;',
    instead: 'if (this.#changed.has(stream)) continue;',
  },
  {
    name: 'a statement prepared anew is counted twice',
    file: 'simulator/observer/prepared.ts',
    text: 'this.#drop(this.#byName.delete(name.toLowerCase()));\n    const made',
    instead: 'this.#byName.delete(name.toLowerCase());\n    const made',
  },
  {
    name: 'a reset keeps count of the statements it has forgotten',
    file: 'simulator/observer/session.ts',
    text: '    this.#context?.end();\n    this.#context = context;',
    instead: '    this.#context?.rollback();\n    this.#context = context;',
    quiet: 'in company',
  },
  {
    name: 'only the first who waits for a leader hears of it',
    file: 'simulator/observer/log-streams.ts',
    text: 'if (awaited === stream && this.#waiters.delete(waiter)) waiter.leaderFound();',
    instead:
      'if (awaited === stream && this.#waiters.delete(waiter)) {\n        waiter.leaderFound();\n        return;\n      }',
  },
  {
    name: 'the OK behind an error says that there is no transaction',
    file: 'simulator/observer/reply.ts',
    text: 'writeObserverOk(this.out, { ...PLAIN_OK, status: this.#okStatus(false), state });',
    instead: 'writeObserverOk(this.out, { ...PLAIN_OK, status: OBSERVER_OK_STATUS, state });',
  },
  {
    name: 'the row of SELECT FOR UPDATE stays locked',
    file: 'simulator/observer/store.ts',
    text: 'this.#undo.push({ table, key, before: this.#layer.get(table)?.get(key), locked: true });',
    instead: 'this.#undo.push({ table, key, before: this.#layer.get(table)?.get(key), locked: this.#layer.size > 0 });',
  },
  {
    name: 'a session that ends in a transaction commits it, if it is idle',
    file: 'simulator/observer/session.ts',
    text: '      this.#armPoll();\n      return;\n    }\n    this.#depart();',
    instead:
      '      this.#armPoll();\n      return;\n    }\n    if (this.#context?.transaction.isIdling === true) this.#context.commit();\n    this.#depart();',
  },
  {
    name: 'what a transaction has changed is not forgotten before the next BEGIN',
    file: 'simulator/observer/context.ts',
    text: '    this.#reach.forget();\n    this.transaction.begin(',
    instead: '    this.transaction.begin(',
  },
  {
    name: 'the statements with names of a session that ends are counted for ever',
    file: 'simulator/observer/prepared.ts',
    text: 'this.#quota.preparedCount -= this.#byId.size + this.#byName.size;',
    instead: 'this.#quota.preparedCount -= this.#byId.size;',
    quiet: 'in company',
  },
  {
    name: 'an observer that dies leaves the rows of its sessions locked',
    file: 'simulator/observer/session.ts',
    text: '    this.#linger?.cancel();\n    this.#context?.end();',
    instead: '    this.#linger?.cancel();',
  },
  {
    name: 'the OK to what changes no row says that there is no transaction',
    file: 'simulator/observer/reply.ts',
    text: '      status: this.#okStatus(more),\n',
    instead: '      status: this.#okStatus(more) & (affectedRows === 0 ? ~STATUS.IN_TRANS : ~0),\n',
  },
  {
    name: 'of two rows the first stays where the second cannot be inserted',
    file: 'simulator/observer/transaction-state.ts',
    text: '    else this.#state.transaction.rollbackTo(this.#mark);\n',
    instead: '',
  },
  {
    name: 'ROLLBACK TO takes nothing back',
    file: 'simulator/observer/transaction-state.ts',
    text: '    this.#state.transaction.rollbackTo(this.#savepoints[index]!.mark);\n',
    instead: '',
  },
  {
    name: 'savepoints outlive their transaction',
    file: 'simulator/observer/transaction-state.ts',
    text: '    this.#state = NONE;\n    this.#savepoints = [];\n',
    instead: '    this.#state = NONE;\n',
  },
  {
    name: 'autocommit that is switched on commits nothing',
    file: 'simulator/observer/run-settings.ts',
    text: "text === 'ON' && !context.autocommit) context.commit();",
    instead: "text === 'ON' && !context.autocommit) context.rollback();",
  },
  {
    name: 'what was stopped while it waited for a row goes on when the row is free',
    file: 'simulator/observer/query-run.ts',
    text: '    timer.cancel();\n    if (this.#bench.interrupted) {\n      this.#bench.notice();\n      return;\n    }\n    this.#work();\n',
    instead: '    timer.cancel();\n    this.#work();\n',
  },
  {
    name: 'a transaction that was aborted begins anew with its next change',
    file: 'simulator/observer/transaction-state.ts',
    text: "    if (this.#state.kind === 'aborted') throw new Refusal(this.#state.cause);\n    if (this.#state.kind !== 'none') return",
    instead: "    if (this.#state.kind === 'open' || this.#state.kind === 'autocommit') return",
  },
  {
    name: 'autocommit that is off has no effect',
    file: 'simulator/observer/transaction-state.ts',
    text: "kind: autocommit ? 'autocommit' : 'open'",
    instead: "kind: 'autocommit'",
  },
  {
    name: 'autocommit that is on commits once more when it is switched on',
    file: 'simulator/observer/run-settings.ts',
    text: "text === 'ON' && !context.autocommit",
    instead: "text === 'ON'",
  },
];
