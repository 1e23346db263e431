/**
 * A client as the jobs know it: what its caller can ask of a connection, and what the caller then sees, as one line of text.
 * What a client has no call for is null.
 */

export interface JobLogin {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** `files`: may send files of ours; `reconnecting`: opens a lost connection again by itself, where the client can. */
export type Variant = 'plain' | 'files' | 'reconnecting';

export interface Caller {
  /** The thread id that it shows; null if it shows none. */
  readonly session: number | null;
  /** Never rejects; what the caller sees, an error too. */
  query(sql: string): Promise<string>;
  /** Prepared by the protocol when this text is first asked for. Never rejects. */
  readonly execute: ((sql: string, values: readonly (string | null)[]) => Promise<string>) | null;
  /** One column; what came of it is looked at row by row, and told as `large` of `jobs.ts` wants it. Never rejects. */
  readonly large: ((sql: string) => Promise<string>) | null;
  /** Never rejects. */
  readonly changeUser: ((user: string, password: string, database: string) => Promise<string>) | null;
  /** Whether it has a call (a command, an option) of this name. */
  has(call: string): Promise<boolean>;
  /** A client that sees its connection end has seen it: what it was told. Others only look when they are asked. */
  noticed(): Promise<readonly string[]>;
  /** Once is enough. */
  close(): Promise<void>;
}

/** A login that failed; `seen` as the caller sees it. */
export class Refused extends Error {
  readonly seen: string;

  constructor(seen: string) {
    super(seen);
    this.seen = seen;
  }
}

/**
 * Without what differs by its nature: the number of a session, where a client says it – `(conn=12)` and `(conn:12, …)` of
 * MariaDB's connectors, `Connection id:    12` of the command line – and the port, where Connector/J and sysbench say it.
 */
export function nameless(text: string): string {
  return text
    .replaceAll(/\(conn([=:])\d+/g, '(conn$1#')
    .replaceAll(/^(Connection id: +)\d+$/gm, '$1#')
    .replaceAll(/(\(port=|on host '127\.0\.0\.1', port )\d+/g, '$1#');
}
