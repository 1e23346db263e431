/**
 * What clients have prepared in the binary protocol, so that an EXECUTE reads as the statement that it runs, with its
 * values in place.
 *
 * It believes what clients are told, and knows nothing of what the proxy makes of it.
 */
import { WireError } from '../../proxy/wire/bytes.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { readExecute, readStatementId } from '../../proxy/wire/prepared.ts';
import type { Result } from '../client/answer.ts';
import { beginsAnew } from './kinds.ts';
import { errorOf, type Life, type Request } from './life.ts';

interface Prepared {
  readonly sql: string;
  readonly parameters: number;
  /** As the last EXECUTE had them: they are said once. */
  types: readonly number[] | null;
}

const NOTHING_LONG: ReadonlyMap<number, readonly Buffer[]> = new Map();

export class PreparedRequests {
  readonly #statements = new Map<Life, Map<number, Prepared>>();

  /** The text of an EXECUTE; empty if nobody has prepared what it names. */
  textOf(life: Life, payload: Buffer): string {
    const prepared = this.#statements.get(life)?.get(readStatementId(payload));
    if (prepared === undefined) return '';
    const { sql, parameters } = prepared;
    try {
      const { values, types } = readExecute(payload, { parameters, types: prepared.types, long: NOTHING_LONG });
      prepared.types = types;
      let next = 0;
      return sql.replaceAll('?', () => String(values[next++] ?? 'NULL'));
    } catch (error) {
      // A page may send anything by hand.
      if (error instanceof WireError) return sql;
      throw error;
    }
  }

  /** CLOSE is never answered. */
  asks({ life, payload }: Request): void {
    if (payload[0] === COM.STMT_CLOSE) this.#statements.get(life)?.delete(readStatementId(payload));
  }

  answered({ life, payload }: Request, results: readonly Result[]): void {
    const [first] = results;
    if (beginsAnew(payload) && errorOf(results) === null) this.#statements.delete(life);
    if (first?.kind !== 'prepared') return;
    let all = this.#statements.get(life);
    if (all === undefined) {
      all = new Map();
      this.#statements.set(life, all);
    }
    all.set(first.id, { sql: payload.toString('utf8', 1), parameters: first.parameters, types: null });
  }
}
