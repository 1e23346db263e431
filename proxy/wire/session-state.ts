/**
 * The session state that an OK carries: which variables and which database have changed.
 *
 * An observer writes it for a proxy in a form of its own: ONE entry of type 0 that lists all system variables, then –
 * if there are user variables – the pair `__NULL` = `__NULL` and after it the user variables; then the database (type
 * 1); then "something changed" (type 2) (observer.md §5, decisions.md §9.4). Clients get the standard form: an entry a
 * pair.
 */
import { ByteReader, ByteWriter, WireError } from './bytes.ts';

export interface SessionState {
  /** System variables with their internal literals, in the order they came. */
  readonly system: readonly (readonly [name: string, value: string])[];
  /** User variables with SQL literals (`'x'`, `1`, `NULL`). */
  readonly user: readonly (readonly [name: string, value: string])[];
  /** The database, if it was reported; `''` is none any more. */
  readonly database: string | null;
}

const SYSTEM_VARIABLES = 0;
const SCHEMA = 1;
const STATE_CHANGED = 2;
const SEPARATOR = '__NULL';

/**
 * Reads the block of an observer's OK (without its length), byte for byte: a character of the texts is a byte (latin1), as
 * their charset is the session's and nobody's business here. A `WireError` if it is malformed.
 */
export function readSessionState(block: Buffer): SessionState {
  const system: [string, string][] = [];
  const user: [string, string][] = [];
  let database: string | null = null;
  const from = new ByteReader(block);
  while (from.left > 0) {
    const type = from.u8('state type');
    const entry = new ByteReader(from.lenencBytes('state entry'));
    if (type === SYSTEM_VARIABLES) {
      let into = system;
      while (entry.left > 0) {
        const name = entry.lenencBytes('variable name').toString('latin1');
        const value = entry.lenencBytes('variable value').toString('latin1');
        if (name === SEPARATOR && into === system) into = user;
        else into.push([name, value]);
      }
    } else if (type === SCHEMA) {
      database = entry.lenencBytes('database').toString('latin1');
    } else if (type !== STATE_CHANGED) {
      throw new WireError(`session state of type ${type}`);
    }
  }
  return { system, user, database };
}

/** The block of an observer's OK to a proxy. */
export function writeSessionState(state: SessionState): Buffer {
  const out = new ByteWriter(512);
  if (state.system.length > 0 || state.user.length > 0) {
    const pairs = new ByteWriter(512);
    for (const [name, value] of state.system) {
      pairs.lenencText(name);
      pairs.lenencText(value);
    }
    if (state.user.length > 0) {
      pairs.lenencText(SEPARATOR);
      pairs.lenencText(SEPARATOR);
      for (const [name, value] of state.user) {
        pairs.lenencText(name);
        pairs.lenencText(value);
      }
    }
    out.u8(SYSTEM_VARIABLES);
    out.lenencBytes(pairs.view());
  }
  if (state.database !== null) {
    const name = new ByteWriter(64);
    name.lenencText(state.database);
    out.u8(SCHEMA);
    out.lenencBytes(name.view());
  }
  out.bytes(Buffer.of(STATE_CHANGED, 2, 1, 0x31));
  return out.view();
}
