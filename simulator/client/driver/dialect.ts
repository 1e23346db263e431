/**
 * What a driver is, as far as its caller and its server can tell: a record of data, no code.
 *
 * A dialect joins four parts: the login it sends, what it says of each failure, the model of its connection (clients.md
 * §12: CLI type, Node type, PyMySQL type, mysqlnd type, silent-retry type) and, where it has one, its pool. The tables
 * are in `drivers.ts`; `session.ts` and `pool.ts` are the only machines.
 */
import type { Row } from '../table.ts';

/** A failure as the caller gets it. `''` and null stand for what a driver does not fill in. */
export interface DriverError {
  /** The class that is thrown; `''` in a language without one. */
  readonly thrown: string;
  readonly code: string;
  readonly errno: number | null;
  readonly sqlState: string;
  readonly message: string;
  readonly fatal: boolean;
}

export type Outcome =
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: readonly Row[] }
  | { readonly kind: 'ok'; readonly affectedRows: number; readonly lastInsertId: number | bigint }
  /** A statement that the server keeps for this session under an id. */
  | { readonly kind: 'prepared'; readonly id: number; readonly parameters: number }
  | { readonly kind: 'error'; readonly error: DriverError };

/** Gets the outcome of one request, exactly once; never from inside a call into a port, but possibly before `query` returns. */
export type Done = (outcome: Outcome) => void;

/** What a driver tells apart from the outcomes: Node's `'error'` and `'end'`, a CLI's "Trying to reconnect". */
export interface DriverEvent {
  readonly name: 'connected' | 'error' | 'end' | 'reconnecting';
  readonly threadId: number;
  readonly error: DriverError | null;
}

/**
 * A failure as a dialect words it: `%i` is the thread id, `%h` host and `%p` port of the target, `%n` the number and `%m`
 * the text of the server's error, `%t` milliseconds.
 */
export type Wording = DriverError;

/** Why an attempt to connect failed before the login was through. */
export type ConnectFailure =
  | 'refused'
  /** Reset so early that the driver takes it for a failed connect; only where a driver sometimes does. */
  | 'reset'
  | 'greeting fin'
  | 'greeting rst'
  | 'login fin'
  | 'login rst'
  | 'timeout';

/** How an ERR of the server is shown. */
export interface ServerErrorForm {
  readonly message: string;
  /** The same for an ERR to the login. */
  readonly messageAtLogin: string;
  /** `code`: names of numbers (Node), the number itself, or nothing. */
  readonly code: 'names' | 'none';
  /** The `code` of a number that is in no list. */
  readonly unknownCode: string;
  /** SQLSTATE classes (first two characters) that are flagged fatal. */
  readonly fatalStates: readonly string[];
  /** Class thrown, by the beginning of the SQLSTATE; the first that fits, `''` fits all. */
  readonly thrown: readonly (readonly [state: string, name: string])[];
  /** Numbers that count as a malformed packet (clients.md §3 M). */
  readonly mistrusted: readonly (readonly [from: number, to: number])[];
  /** What an ERR in the greeting's place becomes; null: what it always is. */
  readonly atGreeting: Wording | null;
  /** SQLSTATE of an ERR that came without one in the greeting's place. */
  readonly stateWithout: string;
  /** SQLSTATE of any ERR to the login; null: as sent. */
  readonly stateAtLogin: string | null;
  /** Characters of the text that are lost where no SQLSTATE came (PyMySQL skips blindly, clients.md §1.10). */
  readonly skipsWithout: number;
}

/** What the driver says of each way to fail. */
export interface Failures {
  /** The command was written, then FIN or RST in place of an answer. */
  readonly lostFin: Wording;
  readonly lostRst: Wording;
  /** The command could not be written. */
  readonly unwritten: Wording;
  /** A command in state down, and in state dead. */
  readonly down: Wording;
  readonly dead: Wording;
  /** An answer that cannot be read. */
  readonly malformed: Wording;
  readonly connect: Readonly<Record<ConnectFailure, Wording | null>>;
  readonly server: ServerErrorForm;
}

/** States of a driver's connection; the table stands in `session.ts`. */
export type After = 'down' | 'dead';

/**
 * How soon a caller's next command leaves, seen from a FIN or RST that comes right behind the last answer: before it is
 * seen, after it, or by chance.
 */
export type Pace = 'before' | 'after' | 'either';

/** What a driver does about a session that is gone, without being asked. */
export type Reconnect =
  | 'never'
  /** The next command connects first, and is sent there (Connector/J, ruby). */
  | 'next command'
  /** A command that was lost is sent once more on a new session, and nobody hears (DBD::mysql). */
  | 'silently again'
  /** On 2006 only: says so, connects, sends the command again, three times at most (the command-line clients). */
  | 'aloud';

export interface Model {
  /** Whether a FIN or RST acts at once (Node), or is found by the next command. */
  readonly notices: 'at once' | 'next command';
  /** Whether it looks at the socket before it writes; `taken`: only at the first command after it left the pool. */
  readonly peeks: 'never' | 'always' | 'taken';
  /** All that is asked is sent at once (mariadb npm), or one command at a time. */
  readonly pipelines: boolean;
  /** A packet with another sequence number than its answer's next counts as the end of the connection. */
  readonly checksSequence: boolean;
  /** The state after a command was lost, could not be written, was refused in state down. */
  readonly afterLost: After;
  readonly afterUnwritten: After;
  readonly afterDown: After;
  readonly reconnects: Reconnect;
  /** The state after such a reconnect was refused. */
  readonly afterRefused: After;
  /** Milliseconds until a login that is not answered fails; null waits for ever. */
  readonly connectTimeout: number | null;
  /** How the caller's next command races a cut behind an ERR, and behind any other answer. */
  readonly paceAfterError: Pace;
  readonly paceAfterRows: Pace;
  /** How soon a caller hears of a FIN that came behind an answer with rows; a pool may have filled up meanwhile. */
  readonly tellsFin: Pace;
  /** What an elapsed `timeout` of a query does (clients.md §7). */
  readonly onTimeout: 'nothing' | 'forget' | 'close' | 'kill query';
  readonly timedOut: Wording | null;
  /** How it asks the server to end another session. */
  readonly kills: 'KILL' | 'COM_PROCESS_KILL';
  /** How a program prepares a statement with it: by COM_STMT_PREPARE, or by the statement PREPARE. */
  readonly prepares: 'binary' | 'text';
}

export interface LoginForm {
  readonly capabilities: number;
  readonly maxPacket: number;
  /** `greeting`: the one the server greeted with. */
  readonly charset: number | 'greeting';
  /** CONNECT_WITH_DB is set without a database, and the field is there, empty. */
  readonly alwaysDatabase: boolean;
  /** In order. `%…` in a value: pid, host (the client's name), server, port and ip (the client's own). */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  /** The block's length is written in three bytes though one would do (mariadb npm). */
  readonly longBlock: boolean;
  /** Sent after the login OK, before anything else; answers are not shown, errors tolerated. */
  readonly startUp: readonly string[];
  /** Sent first if the greeting's status says AUTOCOMMIT (PyMySQL). */
  readonly ifAutocommit: string | null;
  /** The start-up statements go out in one segment. */
  readonly startUpTogether: boolean;
}

export interface PoolForm {
  readonly limit: number;
  /** Opened in the background as soon as there is a pool, one after the other. */
  readonly minimum: number;
  /** More than this many idle ones are closed; null keeps all. */
  readonly keeps: number | null;
  readonly takes: 'oldest' | 'newest';
  /** Asks an idle connection for a sign of life before it is used: after so many idle milliseconds; null never. */
  readonly pingsAfter: number | null;
  /** Connections tried again, unseen, when the driver says "bad connection" (Go: 2, then a new one). */
  readonly retries: number;
  /** Errors with these SQLSTATE classes make the pool drop the connection, whatever the driver thinks of it. */
  readonly evicts: readonly string[];
  /** A connection older than this is replaced when nobody uses it. */
  readonly maxLifetime: number | null;
  /** How long a caller waits for a connection while connecting fails, and the pause between the attempts; null: not at all. */
  readonly acquires: { readonly timeout: number; readonly pause: number; readonly failed: Wording } | null;
}

export interface DriverDialect {
  readonly name: string;
  readonly login: LoginForm;
  readonly failures: Failures;
  readonly model: Model;
  readonly pool: PoolForm | null;
}
