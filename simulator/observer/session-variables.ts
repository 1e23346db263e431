/**
 * A session's variables, and which of them have changed since the last OK.
 *
 * Only what really changed is reported (observer.md §5): to a proxy all pairs in one entry, with wire forms and SQL
 * literals; to a client that tracks its session, an entry a pair, with the texts. Knows no statement.
 */
import { ByteWriter } from '../../proxy/wire/bytes.ts';
import { writeSessionState } from '../../proxy/wire/session-state.ts';
import type { Peer } from './peer.ts';
import { literalOf, type Value } from './sql/value.ts';
import { shownForm, sqlForm, TWINS, VARIABLES, type Variable, variable, wireForm } from './variables.ts';

/** Types of the standard state entries (MySQL's SESSION_TRACK_…). */
const TRACK_SYSTEM_VARIABLES = 0;
const TRACK_SCHEMA = 1;

export class SessionVariables {
  readonly #values: string[];
  readonly #users = new Map<string, Value>();
  readonly #changed = new Set<Variable>();
  readonly #changedUsers = new Set<string>();
  #changedDatabase: string | null = null;

  constructor(globals: readonly string[]) {
    this.#values = globals.slice();
  }

  get values(): readonly string[] {
    return this.#values;
  }

  text(it: Variable): string {
    return this.#values[it.index]!;
  }

  value(it: Variable): Value {
    return sqlForm(it, this.#values[it.index]!);
  }

  shown(it: Variable): string {
    return shownForm(this.#values[it.index]!);
  }

  /** As a number, for a variable whose text is one. */
  number(it: Variable): number {
    return Number(this.#values[it.index]);
  }

  /** Sets it without a report: at login, where all are reported anyway. */
  start(name: string, text: string): void {
    this.#values[variable(name).index] = text;
  }

  set(it: Variable, text: string): void {
    if (this.#values[it.index] === text) return;
    this.#values[it.index] = text;
    this.#changed.add(it);
    const twin = TWINS[it.name];
    if (twin !== undefined) this.set(variable(twin), text);
  }

  /** Sets it, and reports it whether it has changed or not. */
  report(it: Variable, text: string): void {
    this.#values[it.index] = text;
    this.#changed.add(it);
  }

  /** Undefined variables are NULL. */
  user(name: string): Value {
    return this.#users.get(name) ?? null;
  }

  setUser(name: string, value: Value): void {
    const before = this.#users.get(name);
    if (before !== undefined && before === value) return;
    this.#users.set(name, value);
    this.#changedUsers.add(name);
  }

  databaseChanged(name: string): void {
    this.#changedDatabase = name;
  }

  /** The state block of what has changed since the last call; null if nothing has, or the peer does not want to know. */
  takeReport(peer: Peer): Buffer | null {
    const changed = this.#changed.size > 0 || this.#changedUsers.size > 0 || this.#changedDatabase !== null;
    if (!changed) return null;
    const report = peer.kind === 'proxy' ? this.#proxyReport() : peer.tracks ? this.#clientReport() : null;
    this.#changed.clear();
    this.#changedUsers.clear();
    this.#changedDatabase = null;
    return report;
  }

  /** Variables in the order of the table, user variables in the order in which they changed. */
  #systemChanges(): Variable[] {
    return this.#changed.size === 0 ? [] : VARIABLES.filter((it) => this.#changed.has(it));
  }

  #proxyReport(): Buffer {
    return writeSessionState({
      system: this.#systemChanges().map((it) => [it.name, wireForm(it, this.#values[it.index]!)]),
      user: [...this.#changedUsers].map((name) => [name, literalOf(this.user(name))]),
      database: this.#changedDatabase,
    });
  }

  #clientReport(): Buffer | null {
    const out = new ByteWriter(64);
    for (const it of this.#systemChanges()) {
      if (it.hidden) continue;
      const pair = new ByteWriter(64);
      pair.lenencText(it.name);
      pair.lenencText(this.shown(it));
      out.u8(TRACK_SYSTEM_VARIABLES);
      out.lenencBytes(pair.view());
    }
    if (this.#changedDatabase !== null) {
      const name = new ByteWriter(64);
      name.lenencText(this.#changedDatabase);
      out.u8(TRACK_SCHEMA);
      out.lenencBytes(name.view());
    }
    return out.length === 0 ? null : out.view();
  }
}
