/** The client's state follows it to every server session, and a new login has none. */

import { COM } from '../../../proxy/wire/constants.ts';
import type { Result } from '../../client/answer.ts';
import type { ShownError } from '../../client/dialects.ts';
import { VARIABLES } from '../../observer/variables.ts';
import type { Invariant, Judge, Sight } from '../judge.ts';
import { beginsAnew } from '../kinds.ts';
import { errorOf, type Life, type Request } from '../life.ts';
import { changedIn, effectsOf, LAST_INSERT_ID, needsDatabase, preparedOf, probeOf, settingOf } from '../statements.ts';

export const STATE_FOLLOWS: Invariant = {
  name: 'state-follows',
  why: 'A client has one session: which server session serves it must not be seen in its variables, database or prepared statements.',
  judge: (sight) => new StateFollows(sight),
};

/** What a client has set; undefined: nobody can know. */
interface Own {
  readonly values: Map<string, string | null | undefined>;
  database: string | null | undefined;
  /** The text of the statement p; null: there is none. */
  prepared: string | null | undefined;
  /** A new beginning has failed: what of the binary protocol's statements is there, nobody can know. */
  unsure: boolean;
}

const FOLLOWED = 'group_concat_max_len';
/** What a new session has, as a probe shows it. */
const INITIAL: readonly (readonly [name: string, value: string])[] = [
  [FOLLOWED, VARIABLES.find(({ name }) => name === FOLLOWED)!.initial],
  ['autocommit', '1'],
  [LAST_INSERT_ID, '0'],
];
/** It may make ids. */
const ADDS = /^\s*(?:INSERT|REPLACE)\b/i;
/** The database of the tables. */
const HAS_TABLES = 'bank';

class StateFollows implements Judge {
  readonly #sight: Sight;
  readonly #own = new Map<Life, Own>();

  constructor(sight: Sight) {
    this.#sight = sight;
  }

  greeted(life: Life): void {
    this.#own.set(life, {
      values: new Map(INITIAL),
      database: life.database,
      prepared: null,
      unsure: false,
    });
  }

  answered(request: Request, results: readonly Result[]): void {
    const own = this.#own.get(request.life)!;
    const failed = errorOf(results) !== null;
    this.#learn(own, request, failed);
    const [first] = results;
    if (request.payload[0] === COM.STMT_EXECUTE && !own.unsure) this.#ran(request, results);
    if (request.kind === 'DEALLOCATE') this.#forgot(own, request, results);
    if (needsDatabase(request.sql)) this.#found(own, request, results);
    if (request.kind === 'EXECUTE') this.#executed(own, request, results);
    else if (first?.kind === 'rows') this.#compare(own, request, request.sql, first.rows);
  }

  /** What an error or a loss leaves of a change, nobody can know. */
  lost(request: Request, _error: ShownError): void {
    this.#learn(this.#own.get(request.life)!, request, true);
  }

  #learn(own: Own, { sql, payload }: Request, failed: boolean): void {
    const setting = settingOf(sql);
    if (setting !== null) own.values.set(setting.name, failed ? undefined : setting.value);
    const changed = changedIn(sql) ?? (ADDS.test(sql) && effectsOf(sql).length === 0 ? LAST_INSERT_ID : null);
    if (changed !== null) own.values.set(changed, undefined);
    const command = payload[0];
    if (command === COM.INIT_DB) own.database = failed ? undefined : payload.toString('utf8', 1);
    const prepared = preparedOf(sql);
    if (prepared !== null) own.prepared = failed ? undefined : prepared;
    if (!beginsAnew(payload)) return;
    own.values.clear();
    for (const [name, value] of INITIAL) own.values.set(name, value);
    own.prepared = null;
    if (command === COM.CHANGE_USER) own.database = failed ? undefined : databaseIn(payload);
    if (!failed) return;
    own.unsure = true;
    for (const name of ['@a', '@b']) own.values.set(name, undefined);
    for (const [name] of INITIAL) own.values.set(name, undefined);
    own.prepared = undefined;
  }

  /** An EXECUTE of the binary protocol: of what was prepared, and of nothing else. */
  #ran({ life, sql }: Request, results: readonly Result[]): void {
    const unknown = errorOf(results) === 1243;
    if (unknown && sql !== '') {
      this.#sight.blame(`${life.client} has prepared ${sql}, and was told that it is not known`);
    } else if (sql === '' && errorOf(results) === null) {
      this.#sight.blame(`${life.client} executed what nobody has prepared`);
    }
  }

  #forgot(own: Own, request: Request, results: readonly Result[]): void {
    const code = errorOf(results);
    if (own.prepared !== undefined && (code === null || code === 1243) && (code === null) !== (own.prepared !== null)) {
      const what = code === null ? 'forgotten, though nobody has prepared it' : 'not known, though it was prepared';
      this.#sight.blame(`${request.life.client}'s statement p is ${what}`, request);
    }
    own.prepared = code === null || code === 1243 ? null : undefined;
  }

  /** A table that is named alone is that of the database. */
  #found({ database }: Own, request: Request, results: readonly Result[]): void {
    const code = errorOf(results);
    if (database === undefined || (code !== null && code !== 1146)) return;
    if ((code === null) === (database === HAS_TABLES)) return;
    const what = code === null ? 'a table was found' : 'no table was found';
    this.#sight.blame(`${request.life.client} is in ${database}, and with ${request.sql} ${what}`, request);
  }

  #executed(own: Own, request: Request, results: readonly Result[]): void {
    const [first] = results;
    if (own.prepared === undefined) return;
    const unknown = errorOf(results) === 1243;
    if (unknown !== (own.prepared === null) && (unknown || errorOf(results) === null)) {
      const what = unknown ? 'not known, though it was prepared' : 'executed, though nobody has prepared it';
      this.#sight.blame(`${request.life.client}'s statement p is ${what}`, request);
    } else if (first?.kind === 'rows' && own.prepared !== null) {
      const mark = /^SELECT '(m\d+)'/i.exec(own.prepared)?.[1];
      if (mark !== undefined && first.rows[0]?.[0] !== mark) {
        this.#sight.blame(
          `${request.life.client} executed p, which is ${mark}, and got ${first.rows[0]?.[0]}`,
          request,
        );
      }
      this.#compare(own, request, own.prepared, first.rows);
    }
  }

  #compare(own: Own, request: Request, sql: string, rows: readonly (readonly (string | null)[])[]): void {
    const columns = probeOf(sql);
    const [row] = rows;
    if (columns === null || row === undefined) return;
    for (const [index, column] of columns.entries()) {
      const due = dueValue(own, column);
      const seen = row[index] ?? null;
      if (due === undefined || due === seen) continue;
      this.#sight.blame(`${request.life.client} has ${column} = ${seen}, where ${due} was due`, request);
      return;
    }
  }
}

/** The database in a COM_CHANGE_USER without a password: behind the name and an empty answer; null: none. */
function databaseIn(payload: Buffer): string | null {
  const start = payload.indexOf(0, 1) + 2;
  return payload.toString('utf8', start, payload.indexOf(0, start)) || null;
}

/** What a column of a probe must show; undefined: anything. */
function dueValue(own: Own, column: string): string | null | undefined {
  if (column === 'database()') return own.database;
  if (/^\d+$/.test(column)) return column;
  if (column.startsWith('@@')) return own.values.get(column.slice(2));
  if (column === LAST_INSERT_ID) return own.values.get(column);
  if (!column.startsWith('@')) return undefined;
  return own.values.has(column) ? own.values.get(column) : null;
}
