/**
 * A driver's connection object as its caller holds it: it may outlive the TCP connection, and some get a new one.
 *
 * | state      | event                    | then                                                                       |
 * |------------|--------------------------|----------------------------------------------------------------------------|
 * | fresh      | a request, `connect()`   | connecting                                                                 |
 * | connecting | login OK                 | starting: the start-up statements; without any, up                         |
 * |            | refused, lost, too late  | fresh; Node's drivers down; a *re*connect that fails: `afterRefused`       |
 * | starting   | the last answer          | up                                                                         |
 * | up         | a request                | sent, after a look at the socket where the driver `peeks`                  |
 * |            | a whole answer           | up                                                                         |
 * |            | lost                     | `afterLost`; `silently again`: connecting, and the command once more       |
 * |            | could not be written     | `afterUnwritten`; `silently again`, `aloud`: connecting, and once more     |
 * |            | noticed while idle       | `afterLost`, an event                                                      |
 * | down       | a request                | fails, `afterDown`; with any way to reconnect: connecting                  |
 * | dead       | a request                | fails                                                                      |
 * | closed     | –                        | nothing is answered any more                                               |
 *
 * Knows nothing of pools, nor of SQL.
 */
import type { Choices, Clock, Network, Timer } from '../../../proxy/ports.ts';
import { COM } from '../../../proxy/wire/constants.ts';
import type { Sha1 } from '../../../proxy/wire/scramble.ts';
import { type Result, SILENT } from '../answer.ts';
import { commandPayload } from '../line.ts';
import type {
  ConnectFailure,
  Done,
  DriverDialect,
  DriverError,
  DriverEvent,
  Failures,
  Outcome,
  Wording,
} from './dialect.ts';
import { type Account, type Cut, Link, type LinkOwner } from './link.ts';
import { Race } from './race.ts';
import { Request } from './request.ts';
import { StartUp } from './start-up.ts';
import { fill, outcomeOf, type RawError, serverError } from './wording.ts';

export interface DriverPorts {
  readonly network: Network;
  readonly clock: Clock;
  readonly choices: Choices;
  readonly sha1: Sha1;
}

/** Hears what concerns the session as a whole. */
export interface SessionOwner {
  sessionReady(session: Session): void;
  /** A connect or reconnect has failed; who had asked for something has been told. */
  sessionFailed(session: Session, error: DriverError): void;
  /** The TCP connection is gone. */
  sessionGone(session: Session): void;
  heard(event: DriverEvent): void;
}

type State = 'fresh' | 'connecting' | 'starting' | 'up' | 'down' | 'dead' | 'closed';

/** Both command-line clients send a statement at most this often (clients.md §2), DBD::mysql twice. */
const MOST_SENDS = { aloud: 3, 'silently again': 2, 'next command': 1, never: 1 } as const;

export class Session implements LinkOwner {
  readonly #dialect: DriverDialect;
  readonly #account: Account;
  readonly #ports: DriverPorts;
  readonly #owner: SessionOwner;
  #state: State = 'fresh';
  #link: Link | null = null;
  /** A connection was there before. */
  #again = false;
  #connectTimer: Timer | null = null;
  #connectBegan = 0;
  readonly #waiting: Request[] = [];
  readonly #sent: Request[] = [];
  #startUp: StartUp | null = null;
  readonly #race: Race;
  /** Armed while a command waits for what came right behind the last answer. */
  #pause: Timer | null = null;
  #peekDue = false;
  #threadId = 0;

  constructor(dialect: DriverDialect, account: Account, ports: DriverPorts, owner: SessionOwner) {
    this.#dialect = dialect;
    this.#account = account;
    this.#ports = ports;
    this.#owner = owner;
    this.#race = new Race(dialect.model, ports.clock, ports.choices);
  }

  /** The last greeting's; 0 before the first. */
  get threadId(): number {
    return this.#threadId;
  }

  get state(): State {
    return this.#state;
  }

  /** Nothing is asked. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.#sent.length === 0;
  }

  connect(): void {
    if (this.#state === 'fresh') this.#connect();
  }

  /** Somebody gets it from the pool: Go looks at the socket before the first command. */
  taken(): void {
    this.#peekDue = true;
  }

  /** Sends one command, in its turn. `timeout` in milliseconds; what it does is the dialect's. */
  request(payload: Buffer, done: Done, timeout: number | null = null): void {
    if (this.#state === 'closed') return;
    const request = new Request(payload, done);
    if (timeout !== null && this.#dialect.model.onTimeout !== 'nothing') {
      request.timer = this.#ports.clock.after(timeout, () => this.#expire(request));
    }
    this.#waiting.push(request);
    this.#pump();
  }

  /** A clean end: COM_QUIT and FIN; what is asked is never answered. */
  quit(): void {
    this.#end();
    this.#link?.quit();
  }

  /** FIN without a word, as when the process ends. */
  destroy(): void {
    this.#end();
    this.#link?.hangUp();
  }

  #end(): void {
    this.#state = 'closed';
    this.#connectTimer?.cancel();
    this.#pause?.cancel();
    for (const request of [...this.#sent, ...this.#waiting]) request.timer?.cancel();
    this.#sent.length = 0;
    this.#waiting.length = 0;
  }

  // Requests: from the queue to the wire.

  #pump(): void {
    while (this.#waiting.length > 0) {
      switch (this.#state) {
        case 'fresh':
          this.#connect();
          return;
        case 'up':
          if (!this.#write()) return;
          break;
        case 'down':
          if (!this.#down(this.#waiting[0]!)) return;
          break;
        case 'dead':
          this.#waiting.shift()!.fail(this.#fill(this.#failures.dead));
          break;
        default:
          return;
      }
    }
  }

  /** Sends the next request if it may go now. */
  #write(): boolean {
    const { model } = this.#dialect;
    if (this.#pause !== null || (this.#sent.length > 0 && !model.pipelines)) return false;
    if (this.#sent.length === 0 && this.#race.commandIsLate()) {
      this.#pause = this.#ports.clock.after(0, () => this.#pauseEnds());
      return false;
    }
    const request = this.#waiting.shift()!;
    const looks = model.peeks === 'always' || (model.peeks === 'taken' && this.#peekDue);
    this.#peekDue = false;
    if (looks && this.#link!.stale) {
      this.#link!.quit();
      this.#unwritten(request, true);
      return true;
    }
    request.sends += 1;
    this.#sent.push(request);
    if (!this.#link!.send([request.payload])) {
      this.#sent.pop();
      this.#unwritten(request, false);
    } else if (SILENT.has(request.payload[0] ?? -1)) {
      this.#sent.pop();
      request.finish(DONE);
    }
    return true;
  }

  #pauseEnds(): void {
    this.#pause = null;
    this.#pump();
  }

  /** The command found the connection gone before a byte of it was written. */
  #unwritten(request: Request, peeked: boolean): void {
    const { model } = this.#dialect;
    const error = this.#fill(this.#failures.unwritten);
    this.#gone(model.afterUnwritten);
    if (peeked && model.reconnects === 'next command') {
      this.#state = 'down';
      this.#waiting.unshift(request);
      return;
    }
    // What the peeking look saw does not count as sent.
    if (peeked) request.sends += 1;
    this.#once(request, error);
  }

  /** A request in state down. False: a new connection is on its way to it. */
  #down(request: Request): boolean {
    const { reconnects, afterDown } = this.#dialect.model;
    if (reconnects === 'never') {
      this.#waiting.shift();
      this.#state = afterDown;
      request.fail(this.#fill(this.#failures.down));
      return true;
    }
    if (reconnects === 'aloud') {
      this.#waiting.shift();
      request.sends += 1;
      this.#once(request, this.#fill(this.#failures.down));
      return this.#state !== 'connecting';
    }
    this.#connect();
    return false;
  }

  /** Sent again on a new connection where this driver does that and has not done so too often; else it has failed. */
  #once(request: Request, error: DriverError): void {
    const { reconnects } = this.#dialect.model;
    const again = reconnects === 'aloud' || reconnects === 'silently again';
    if (!again || request.sends >= MOST_SENDS[reconnects] || request.told) {
      request.fail(error);
      return;
    }
    request.first = reconnects === 'silently again' ? error : null;
    this.#waiting.unshift(request);
    if (reconnects === 'aloud') this.#event('reconnecting', error);
    this.#connect();
  }

  // The connection.

  #connect(): void {
    const { model } = this.#dialect;
    const { clock, network, sha1 } = this.#ports;
    this.#state = 'connecting';
    this.#race.connecting();
    this.#connectBegan = clock.now();
    if (model.connectTimeout !== null) {
      this.#connectTimer = clock.after(model.connectTimeout, () => this.#connectTooLong());
    }
    this.#link = new Link(this.#dialect, this.#account, network, sha1, this);
  }

  #connectTooLong(): void {
    const link = this.#link!;
    link.hangUp();
    this.failed(link, 'timeout');
  }

  ready(link: Link): void {
    this.#threadId = link.threadId;
    this.#state = 'starting';
    this.#startUp = new StartUp(this.#dialect.login, link.greetingStatus);
    this.#goOn();
  }

  /** The next start-up statements, or up. */
  #goOn(): void {
    const next = this.#startUp!.next();
    if (next !== null) {
      if (next.length > 0 && !this.#link!.send(next)) this.failed(this.#link!, 'login rst');
      return;
    }
    this.#connectTimer?.cancel();
    this.#state = 'up';
    this.#again = true;
    this.#event('connected', null);
    this.#owner.sessionReady(this);
    this.#pump();
  }

  failed(_link: Link, failure: ConnectFailure): void {
    const { connect } = this.#failures;
    // A RST that comes with the connection: connect() or the first read may be the one to see it.
    const early = failure === 'greeting rst' && connect.reset !== null;
    const cause = early && this.#ports.choices.choose('client.connect', 2) === 1 ? 'reset' : failure;
    this.#notConnected(this.#fill(connect[cause] ?? connect['login fin']!));
  }

  rejected(_link: Link, raw: RawError, place: 'greeting' | 'login'): void {
    this.#notConnected(serverError(this.#failures, raw, place, this.#filling));
  }

  #notConnected(error: DriverError): void {
    const { model } = this.#dialect;
    this.#connectTimer?.cancel();
    const node = model.notices === 'at once';
    const again = this.#again;
    this.#state = again ? model.afterRefused : node ? 'down' : 'fresh';
    const told = again && this.#state === 'dead' ? this.#fill(this.#failures.dead) : error;
    // Who asks a Node connection before it is up shares its fate; elsewhere only the one who made it connect.
    const victims = this.#waiting.splice(0, node ? this.#waiting.length : 1);
    this.#owner.sessionFailed(this, error);
    for (const request of victims) request.fail(request.first ?? told);
    this.#pump();
  }

  answered(link: Link, results: readonly Result[]): void {
    if (this.#state === 'starting') {
      this.#startUp!.answered();
      this.#goOn();
      return;
    }
    const request = this.#sent.shift()!;
    const outcome = outcomeOf(results, this.#failures, this.#filling);
    const wasError = outcome.kind === 'error';
    this.#race.answered(wasError ? 'error' : 'rows');
    if (wasError && outcome.error.errno === CLIENT_GONE && this.#dialect.model.reconnects === 'aloud') {
      // An ERR 2006 of the server is taken for our own (clients.md §3 M).
      link.quit();
      this.#gone('down');
      this.#once(request, outcome.error);
      this.#pump();
      return;
    }
    request.finish(outcome);
    this.#pump();
  }

  lost(link: Link, by: Cut, begun: boolean): void {
    if (this.#state === 'starting') {
      this.failed(link, `login ${by}`);
      return;
    }
    this.#loseAll(this.#failures[by === 'fin' ? 'lostFin' : 'lostRst'], by, begun);
  }

  malformed(link: Link): void {
    if (this.#state === 'up') this.#loseAll(this.#failures.malformed, 'rst', true);
    else this.failed(link, 'login fin');
  }

  #loseAll(wording: Wording, by: Cut, begun: boolean): void {
    const { model } = this.#dialect;
    const error = this.#fill(wording);
    const victims = this.#sent.splice(0);
    if (model.notices === 'at once') victims.push(...this.#waiting.splice(0));
    const late = by === 'fin' && this.#race.finIsToldLate();
    this.#gone(model.afterLost);
    if (model.notices === 'at once') this.#event('end', error);
    if (late) {
      this.#ports.clock.after(0, () => this.#tellAll(victims, error));
      return;
    }
    if (!begun && model.reconnects === 'silently again' && victims.length === 1) {
      this.#once(victims[0]!, error);
      this.#pump();
      return;
    }
    this.#tellAll(victims, error);
  }

  #tellAll(victims: readonly Request[], error: DriverError): void {
    for (const request of victims) request.fail(error);
    this.#pump();
  }

  cut(_link: Link, by: Cut): void {
    const error = this.#fill(this.#failures[by === 'fin' ? 'lostFin' : 'lostRst']);
    this.#gone(this.#dialect.model.afterLost);
    this.#event('error', error);
    this.#event('end', error);
  }

  #gone(state: 'down' | 'dead'): void {
    this.#state = state;
    this.#owner.sessionGone(this);
  }

  // A request whose time is up (clients.md §7).

  #expire(request: Request): void {
    const { onTimeout, timedOut } = this.#dialect.model;
    const error = this.#fill(timedOut!);
    switch (onTimeout) {
      case 'forget':
        request.fail(error);
        break;
      case 'close':
        this.#link?.hangUp();
        this.#loseAll(timedOut!, 'rst', true);
        break;
      case 'kill query': {
        request.killed = error;
        const plain = { ...this.#dialect, login: { ...this.#dialect.login, startUp: [] } };
        const errand = new Session(plain, this.#account, this.#ports, NOBODY);
        errand.request(commandPayload(COM.QUERY, `KILL QUERY ${this.#threadId}`), () => errand.quit());
        break;
      }
      default:
    }
  }

  get #failures(): Failures {
    return this.#dialect.failures;
  }

  get #filling() {
    const { host, port } = this.#account.target;
    const threadId = this.#link?.threadId || this.#threadId;
    return { threadId, host, port, milliseconds: this.#ports.clock.now() - this.#connectBegan };
  }

  #fill(wording: Wording): DriverError {
    return fill(wording, this.#filling);
  }

  #event(name: DriverEvent['name'], error: DriverError | null): void {
    this.#owner.heard({ name, threadId: this.#threadId, error });
  }
}

const CLIENT_GONE = 2006;

const DONE: Outcome = { kind: 'ok', affectedRows: 0, lastInsertId: 0 };

const NOBODY: SessionOwner = {
  sessionReady() {},
  sessionFailed() {},
  sessionGone() {},
  heard() {},
};
