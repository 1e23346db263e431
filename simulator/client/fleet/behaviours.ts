/**
 * What the members of a fleet do, as scripts of a few lines each.
 *
 * Only `transfer` changes balances, and only in pairs: the sum of all accounts stands, whatever is killed.
 */
import type { Outcome } from '../driver/dialect.ts';
import { quoted } from './people.ts';
import {
  type Actor,
  alone,
  ask,
  type Behaviour,
  draw,
  GIVE,
  KILL_SESSION,
  LEAVE,
  repeated,
  type Script,
  TAKE,
  transaction,
  wait,
} from './script.ts';

const BULK_ROWS = 40;
const STORM_ROUNDS = 5;
const PREPARED_RUNS = 8;
const SECOND = 1000;

function account(me: Actor): number {
  return draw(me, 'account', 1, me.sizes.accounts);
}

/** Point reads, a range, an aggregate, an update by key. */
function* oltp(me: Actor): Script {
  const id = account(me);
  switch (draw(me, 'oltp', 0, 5)) {
    case 0:
    case 1:
      return yield* alone(me, `SELECT id, owner, balance FROM account WHERE id = ${id}`);
    case 2:
      return yield* alone(me, `SELECT id, name, price FROM item WHERE stock > ${10 * id} ORDER BY price DESC LIMIT 5`);
    case 3:
      return yield* alone(me, 'SELECT COUNT(*), SUM(stock) FROM item');
    case 4:
      return yield* alone(me, `UPDATE account SET visits = visits + 1 WHERE id = ${id}`);
    default:
      return (
        (yield* transaction([
          ask(`SELECT stock FROM item WHERE id = ${draw(me, 'item', 1, me.sizes.items)}`),
          ask(`UPDATE item SET stock = stock + 1 WHERE id = ${draw(me, 'item', 1, me.sizes.items)}`),
        ])) === 'committed'
      );
  }
}

/** Money goes from one account to another, and a row says so. */
function* transfer(me: Actor): Script {
  const source = account(me);
  const target = 1 + ((source + draw(me, 'target', 0, me.sizes.accounts - 2)) % me.sizes.accounts);
  const amount = draw(me, 'amount', 1, 100);
  const entry = me.ledger.open(source, target, amount);
  const fate = yield* transaction([
    ask(`SELECT balance FROM account WHERE id = ${source}`),
    ask(`UPDATE account SET balance = balance - ${amount} WHERE id = ${source}`),
    wait(draw(me, 'between', 0, 200)),
    ask(`UPDATE account SET balance = balance + ${amount} WHERE id = ${target}`),
    ask(`INSERT INTO transfer (id, source, target, amount) VALUES (${entry.id}, ${source}, ${target}, ${amount})`),
  ]);
  me.ledger.close(entry, fate);
  return fate === 'committed';
}

function* longQuery(me: Actor): Script {
  return yield* alone(me, `SELECT SLEEP(${draw(me, 'sleep', 1, 4)})`);
}

/** Changes a row, thinks about it for seconds, and mostly drops the change. */
function* idleInTransaction(me: Actor): Script {
  const pause = wait(SECOND * draw(me, 'idle', 1, 8));
  const change = ask(`UPDATE account SET visits = visits + 1000 WHERE id = ${account(me)}`);
  const keeps = draw(me, 'keeps', 0, 3) === 0;
  return (yield* transaction(keeps ? [change, pause] : [change, pause, ask('ROLLBACK')])) === 'committed';
}

/** Many rows in one statement, then its own old ones away. */
function* bulkInsert(me: Actor): Script {
  const who = quoted(me.person.name);
  const first = draw(me, 'bulk', 1, 1_000_000);
  const rows = Array.from({ length: BULK_ROWS }, (_, index) => `(${who}, 'event ${first + index}')`);
  const done = yield* alone(me, `INSERT INTO event (who, what) VALUES ${rows.join(', ')}`);
  yield wait(draw(me, 'pause', 100, SECOND));
  return (yield* alone(me, `DELETE FROM event WHERE who = ${who}`)) && done;
}

/** Prepares one statement and executes it again and again, with other values each time. */
function* preparedLoop(me: Actor): Script {
  const taken = yield TAKE;
  if (taken.kind === 'error') return false;
  const reads = draw(me, 'prepared', 0, 2) > 0;
  const sql = reads
    ? 'SELECT id, owner, balance, opened FROM account WHERE id = ?'
    : 'UPDATE account SET visits = visits + ? WHERE id = ?';
  const runs = Array.from({ length: PREPARED_RUNS }, (_, run) => (reads ? [account(me)] : [run, account(me)]));
  let done = yield* repeated(me, sql, runs);
  if (!me.autocommits) done = (yield ask('COMMIT')).kind !== 'error' && done;
  yield GIVE;
  return done;
}

/** Connects, asks one thing, leaves; again and again. */
function* storm(me: Actor): Script {
  let done = true;
  for (let round = 0; round < STORM_ROUNDS; round += 1) {
    done = (yield* alone(me, 'SELECT 1')) && done;
    yield LEAVE;
  }
  return done;
}

/** Looks at who is there, and ends one session that is not its own. */
function* administrator(me: Actor): Script {
  yield wait(draw(me, 'watch', SECOND / 4, (3 * SECOND) / 2));
  const seen = yield ask('SHOW PROXYSESSION');
  const others = columnOf(seen, 'Id').filter((id) => id !== String(me.threadId));
  if (others.length === 0) return false;
  const killed = yield ask(`${KILL_SESSION}${others[draw(me, 'victim', 0, others.length - 1)]}`);
  return killed.kind !== 'error';
}

/** Looks at what her tenant is doing, and stops a statement; now and then the whole session, or one that is idle. */
function* supervisor(me: Actor): Script {
  yield wait(draw(me, 'watch', SECOND / 4, 2 * SECOND));
  // The observers' list: the proxy's own names no statements, and shows only one's own sessions.
  const look = 'SHOW FULL PROCESSLIST';
  const seen = yield ask(look);
  const commands = columnOf(seen, 'Command');
  const infos = columnOf(seen, 'Info');
  const others = columnOf(seen, 'Id').filter((_, index) => infos[index] !== look);
  const busy = columnOf(seen, 'Id').filter((_, index) => infos[index] !== look && commands[index] !== 'Sleep');
  const victims = busy.length > 0 ? busy : others;
  if (victims.length === 0) return false;
  const kill = draw(me, 'kill', 0, 4) === 0 ? 'KILL' : 'KILL QUERY';
  const killed = yield ask(`${kill} ${victims[draw(me, 'victim', 0, victims.length - 1)]}`);
  return killed.kind !== 'error';
}

function columnOf(seen: Outcome, name: string): (string | null)[] {
  if (seen.kind !== 'rows') return [];
  const at = seen.columns.indexOf(name);
  return seen.rows.map((row) => row[at] ?? null);
}

/** The application's user, one with SUPER in its tenant, and root of the cluster's own tenant. */
export type Role = 'application' | 'supervisor' | 'administrator';

export interface BehaviourSpec {
  readonly script: Behaviour;
  /** Needs a driver that never goes on in another session without an error (`keepsTransactions`, member.ts). */
  readonly transactions: boolean;
  /** Who it logs in as. Of those that are not the application there is one each in a fleet. */
  readonly role: Role;
  /** Milliseconds between two runs, at most. */
  readonly thinks: number;
}

const PLAIN = { transactions: false, role: 'application', thinks: 200 } as const;

export const BEHAVIOURS = {
  'OLTP mix': { ...PLAIN, script: oltp, thinks: 100 },
  transfer: { ...PLAIN, script: transfer, transactions: true, thinks: SECOND },
  'long query': { ...PLAIN, script: longQuery },
  'idle in transaction': { ...PLAIN, script: idleInTransaction },
  'bulk insert': { ...PLAIN, script: bulkInsert },
  'prepared loop': { ...PLAIN, script: preparedLoop },
  storm: { ...PLAIN, script: storm, thinks: 3 * SECOND },
  supervisor: { ...PLAIN, script: supervisor, role: 'supervisor' },
  administrator: { ...PLAIN, script: administrator, role: 'administrator' },
} as const satisfies Record<string, BehaviourSpec>;

export type BehaviourName = keyof typeof BEHAVIOURS;
