/**
 * A scripted server on a real socket that answers as a quiet MySQL would, and resets: in the middle of the statement
 * `RESET_ME` (mode C of clients.md §3), or when the test says so (mode E). ODP and its observers send FIN and never RST.
 *
 * A shut door keeps the logins of those that come. It must never know who its client is, a driver or a proxy.
 */
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Address } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { FakeServer, type FakeSession } from '../client/fake-server.ts';
import type { PoolDoor } from './opened-ahead.ts';
import { until } from './until.ts';

/** Reset where it would be answered. */
export const RESET_ME = 'RESET ME';

const PING = COM.PING.toString(16).padStart(2, '0');

/** What Connector/J asks behind its login (clients.md §8.2). */
const SETTINGS = '@@max_allowed_packet,@@system_time_zone,@@time_zone,@@auto_increment_increment';

export class ResetServer implements PoolDoor {
  readonly address: Address;
  readonly #server: FakeServer;
  readonly #waiting: FakeSession[] = [];
  #mayPass = Number.POSITIVE_INFINITY;

  private constructor(server: FakeServer, address: Address) {
    this.#server = server;
    this.address = address;
  }

  static async start(): Promise<ResetServer> {
    let self!: ResetServer;
    let bound: Address | undefined;
    const script = {
      login: (session: FakeSession) => self.#login(session),
      command: (session: FakeSession, text: string) => self.#command(session, text),
    };
    const server = new FakeServer(new NodeNetwork(), script, { host: '127.0.0.1', port: 0 }, (address) => {
      bound = address;
    });
    await until(() => bound !== undefined, 'a scripted server to listen');
    self = new ResetServer(server, bound!);
    return self;
  }

  /** RST to the session with this id, now. */
  reset(id: number): void {
    this.#server.sessions.find((session) => session.id === id)!.rst();
  }

  /** From now on so many clients may still log in. */
  shutAfter(clients: number): void {
    this.#mayPass = clients;
  }

  letOneIn(): void {
    const session = this.#waiting.shift();
    if (session === undefined) this.#mayPass += 1;
    else session.ok();
  }

  open(): void {
    this.#mayPass = Number.POSITIVE_INFINITY;
    for (const session of this.#waiting.splice(0)) session.ok();
  }

  holdRequests(): void {
    throw new Error('no cell needs it');
  }

  releaseRequests(): void {}

  stop(): void {
    this.#server.stop();
  }

  #login(session: FakeSession): void {
    if (this.#mayPass > 0) {
      this.#mayPass -= 1;
      session.ok();
    } else {
      this.#waiting.push(session);
    }
  }

  #command(session: FakeSession, text: string): void {
    if (text === RESET_ME) session.rst();
    else if (text === PING || /^set /i.test(text)) session.ok();
    else if (text === `SELECT ${SETTINGS}`) session.rows(SETTINGS.split(','), [['16777216', 'UTC', 'SYSTEM', '1']]);
    // PDO is asked which session it has: as ODP would say it.
    else if (text.startsWith('SHOW PROXYSESSION'))
      session.rows(['attribute_name', 'value', 'info'], [['cs_id', String(session.id), 'cs common']]);
    else session.rows(['CONNECTION_ID()'], [[String(session.id)]]);
  }
}
