/**
 * A command-line client without a keyboard: what it is told to do is carried out, and answered with the lines that the
 * real one would have printed (clients.md §2, §12 "CLI / libmariadb type").
 *
 * | state       | meaning                                                    | a statement …                          |
 * |-------------|------------------------------------------------------------|----------------------------------------|
 * | fresh       | no connection yet, or ended by the user                    | connects first, without a word         |
 * | greeted     | connected by `open`, not logged in                         | logs in first, without a word          |
 * | up          | logged in; the server may be gone without our knowing      | is sent                                |
 * | down        | a connection was lost                                      | prints 2006, then reconnects           |
 * | unconnected | a reconnect has failed                                     | reconnects at once                     |
 *
 * One task at a time (`run`, `open`, `login`); its answer may be given before the call returns. A machine on the network
 * port; without `patience` these clients wait for ever. Knows nothing of pages, names or expectations.
 */
import type { Network } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { Result } from './answer.ts';
import type { ClientWatch } from './client-watch.ts';
import { CLIENT_ERROR, type Dialect, goneError, notPreparedError, type ShownError } from './dialects.ts';
import type { ClientCommand } from './input.ts';
import { Interrupt } from './interrupt.ts';
import { type Account, commandPayload, Line, type LineOwner } from './line.ts';
import { type PreparedStatement, payloadOf } from './payloads.ts';
import { connectedLines, connectionIdLine, errorLine, flagsLine, printResults, SUCCESS } from './print.ts';

export interface ClientOptions extends Account {
  readonly database: string | null;
  /** Reconnect on 2006, as interactive clients do; false is `--skip-reconnect`. */
  readonly reconnect: boolean;
  /** Looks on. */
  readonly watch?: ClientWatch;
  /** Nobody reads what results look like: they are not printed. */
  readonly mute?: boolean;
}

/** Gets the lines that a task printed. */
export type Answered = (lines: readonly string[]) => void;

type State = 'fresh' | 'greeted' | 'up' | 'down' | 'unconnected';

/**
 * What the task under way is waiting for.
 * `connect`: a first login · `reconnect`: a login after 2006, or asked for by `connect` · `start-up`: answers nobody sees
 * · `database`: SELECT DATABASE() after a reconnect · `send`: the answer to the task's own command.
 */
type Stage = 'connect' | 'reconnect' | 'start-up' | 'database' | 'send';

/** Where a task that must connect first stops. */
type Goal = 'greeting' | 'login' | 'answer';

interface Task {
  readonly goal: Goal;
  readonly command: ClientCommand | null;
  /** The packet that was sent last for the command; null before. */
  payload: Buffer | null;
  readonly lines: string[];
  readonly answered: Answered;
  stage: Stage;
  /** Times the command has been sent or would have been. */
  sends: number;
  /** Start-up queries already sent. */
  startUp: number;
  /** Ctrl-C has been pressed this often. */
  interrupts: number;
}

/** Both command-line clients send a statement at most this often (clients.md §2). */
const MAX_SENDS = 3;

const CANNOT_CONNECT = "ERROR: Can't connect to the server";
const TRYING = 'No connection. Trying to reconnect...';

export class ScriptedClient implements LineOwner {
  readonly #options: ClientOptions;
  readonly #network: Network;
  readonly #sha1: Sha1;
  /** Status flags of the last answer that had any. */
  #status = 0;
  #state: State = 'fresh';
  #line: Line | null = null;
  #task: Task | null = null;
  #database: string | null;
  readonly #watch: ClientWatch | undefined;
  #interrupt: Interrupt | null = null;
  /** What was prepared last; of no use once its connection is gone. */
  #prepared: PreparedStatement | null = null;

  constructor(options: ClientOptions, ports: { readonly network: Network; readonly sha1: Sha1 }) {
    this.#options = options;
    this.#network = ports.network;
    this.#sha1 = ports.sha1;
    this.#database = options.database;
    this.#watch = options.watch;
  }

  get dialect(): Dialect {
    return this.#options.dialect;
  }

  /** A task is under way. */
  get busy(): boolean {
    return this.#task !== null;
  }

  get state(): State {
    return this.#state;
  }

  /** The thread id that the server last greeted with; 0 before the first greeting. */
  get connectionId(): number {
    return this.#line?.connectionId ?? 0;
  }

  get serverVersion(): string {
    return this.#line?.serverVersion ?? '';
  }

  /** The database last chosen with `use` or at login. */
  get database(): string | null {
    return this.#database;
  }

  /** Carries out a command; connects first if need be. An interrupt goes beside the task under way, anything else needs none. */
  run(command: ClientCommand, answered: Answered): void {
    if (command.kind === 'interrupt') {
      this.#interruptTask(answered);
      return;
    }
    this.#begin('answer', command, answered);
    if (command.kind === 'quit') this.#quit();
    else if (command.kind === 'connect') this.#connectAgain();
    else if (command.kind === 'flags') this.#finish([flagsLine(this.#status)]);
    else if (OF_A_STATEMENT.has(command.kind) && (this.#prepared === null || this.#prepared.line !== this.#line))
      this.#finish([errorLine(notPreparedError())]);
    else this.#approach();
  }

  /** Connects and reads the greeting, no more. Prints `Connection id:    N`. */
  open(answered: Answered): void {
    this.#begin('greeting', null, answered);
    if (this.#state === 'fresh' || this.#state === 'unconnected') this.#connect('connect');
    else this.#finish(['the client is connected already']);
  }

  /** Connects if need be, and logs in. Prints nothing. */
  login(answered: Answered): void {
    this.#begin('login', null, answered);
    if (this.#state === 'up' || this.#state === 'down') this.#finish(['the client is logged in already']);
    else this.#approach();
  }

  /** FIN without COM_QUIT, as when the client's process ends. A task under way is never answered. */
  close(): void {
    if (this.#line !== null) this.#watch?.left(this.#line);
    this.#line?.hangUp();
    this.#forget();
  }

  /**
   * FIN of the sending side alone, as `shutdown` of the system: what comes is still read, so a task under way may be
   * answered. Nothing more can be written: the next statement finds that out (2006).
   */
  halfClose(): void {
    this.#line?.endSending();
  }

  /** RST. A task under way is never answered. */
  reset(): void {
    if (this.#line !== null) this.#watch?.left(this.#line);
    this.#line?.abort();
    this.#forget();
  }

  // A task: from its beginning to the lines it prints.

  #begin(goal: Goal, command: ClientCommand | null, answered: Answered): void {
    if (this.#task !== null) throw new Error('this client is still busy');
    this.#task = {
      goal,
      command,
      payload: null,
      lines: [],
      answered,
      stage: 'connect',
      sends: 0,
      startUp: 0,
      interrupts: 0,
    };
  }

  #finish(lines: readonly string[]): void {
    const task = this.#task!;
    this.#task = null;
    task.lines.push(...lines);
    task.answered(task.lines);
  }

  #forget(): void {
    this.#line = null;
    this.#task = null;
    this.#state = 'fresh';
    this.#interrupt?.abandon();
    this.#interrupt = null;
  }

  /** Goes towards the task's goal from wherever the client stands. */
  #approach(): void {
    switch (this.#state) {
      case 'fresh':
        this.#connect('connect');
        break;
      case 'greeted':
        this.#task!.stage = 'connect';
        this.#line!.login(this.#database);
        break;
      case 'up':
      case 'down':
        this.#send();
        break;
      case 'unconnected':
        this.#reconnect();
        break;
    }
  }

  /** Sends the task's command; where the line is down, it says so (`gone`). */
  #send(): void {
    const task = this.#task!;
    task.stage = 'send';
    task.sends += 1;
    if (this.#line === null) {
      this.#noConnection(goneError(this.dialect));
      return;
    }
    task.payload = payloadOf(task.command!, this.#line, this.#prepared)!;
    this.#command(this.#line, task.payload);
  }

  #command(line: Line, payload: Buffer): void {
    this.#watch?.asks(line, payload, this.#task!.stage !== 'send');
    line.command(payload);
  }

  /** COM_QUIT and FIN, if there is a connection at all. */
  #hangUp(): void {
    if (this.#line === null) return;
    this.#watch?.left(this.#line);
    this.#line.quit();
  }

  #connect(stage: 'connect' | 'reconnect'): void {
    this.#task!.stage = stage;
    this.#line = new Line(this.#options, this.#network, this.#sha1, this);
  }

  #reconnect(): void {
    if (!this.#options.reconnect) {
      this.#finish([CANNOT_CONNECT, '']);
      return;
    }
    this.#task!.lines.push(TRYING);
    this.#hangUp();
    this.#connect('reconnect');
  }

  /** 2006: prints it, and tries again where this client does and has not done so twice. */
  #noConnection(error: ShownError): void {
    const task = this.#task!;
    this.#state = 'down';
    task.lines.push(errorLine(error));
    if (retries(task.command) && this.#options.reconnect && task.sends < MAX_SENDS) this.#reconnect();
    else this.#finish([]);
  }

  #quit(): void {
    this.#hangUp();
    this.#line = null;
    this.#state = 'fresh';
    this.#finish(['Bye']);
  }

  #connectAgain(): void {
    this.#hangUp();
    this.#connect('reconnect');
  }

  #interruptTask(answered: Answered): void {
    const task = this.#task;
    const line = this.#line;
    if (task === null || line === null) {
      // Nothing runs: the real client would exit. A page never comes here.
      answered([]);
      return;
    }
    const statement = task.interrupts === 0 ? `KILL QUERY ${line.connectionId}` : `KILL ${line.connectionId}`;
    const text = this.dialect.interrupted[task.interrupts === 0 ? 0 : 1];
    task.interrupts += 1;
    this.#interrupt = new Interrupt(this.#options, this.#network, this.#sha1, statement, text, answered);
  }

  // What the line reports.

  greeted(line: Line): void {
    this.#watch?.greeted(line);
    const task = this.#task!;
    if (task.goal === 'greeting') {
      this.#state = 'greeted';
      this.#finish([connectionIdLine(line.connectionId)]);
    } else {
      line.login(this.#database);
    }
  }

  ready(line: Line): void {
    this.#watch?.ready(line);
    const task = this.#task!;
    const again = task.stage === 'reconnect';
    this.#state = 'up';
    if (!again) {
      this.#startUp();
    } else if (this.dialect.asksDatabase) {
      task.stage = 'database';
      this.#command(line, commandPayload(COM.QUERY, 'SELECT DATABASE()'));
    } else {
      this.#reconnected();
    }
  }

  failed(line: Line, error: ShownError): void {
    this.#watch?.refused(line, error);
    const again = this.#task!.stage === 'reconnect';
    this.#line = null;
    this.#state = again ? 'unconnected' : 'fresh';
    const typed = this.#task!.command?.kind === 'connect';
    this.#finish(again && !typed ? [errorLine(error), CANNOT_CONNECT, ''] : [errorLine(error)]);
  }

  answered(line: Line, results: readonly Result[]): void {
    this.#watch?.answered(line, results);
    const task = this.#task!;
    switch (task.stage) {
      case 'start-up':
        this.#startUp();
        break;
      case 'database':
        this.#database = databaseOf(results, this.#database);
        this.#reconnected();
        break;
      default:
        this.#print(line, results);
    }
  }

  gone(line: Line, error: ShownError): void {
    this.#watch?.lost(line, error);
    this.#unheard(error, 'gone');
  }

  lost(line: Line, error: ShownError): void {
    this.#watch?.lost(line, error);
    this.#unheard(error, 'lost');
  }

  gaveUp(line: Line, error: ShownError): void {
    this.#watch?.left(line);
    this.#unheard(error, 'lost');
  }

  /** The line ended in place of an answer. Of the client's own queries nobody hears; the statement then finds it down. */
  #unheard(error: ShownError, how: 'gone' | 'lost'): void {
    const task = this.#task!;
    this.#state = 'down';
    if (task.stage === 'start-up') this.#afterLogin();
    else if (task.stage === 'database') this.#reconnected();
    else if (how === 'gone') this.#noConnection(error);
    else this.#finish([errorLine(error)]);
  }

  /** The next start-up query, or what comes behind the last. */
  #startUp(): void {
    const task = this.#task!;
    const query = this.dialect.startUp[task.startUp];
    if (query === undefined) {
      this.#afterLogin();
      return;
    }
    task.stage = 'start-up';
    task.startUp += 1;
    this.#command(this.#line!, commandPayload(COM.QUERY, query));
  }

  #afterLogin(): void {
    if (this.#task!.goal === 'login') this.#finish([]);
    else this.#send();
  }

  #reconnected(): void {
    const task = this.#task!;
    task.lines.push(...connectedLines(this.connectionId, this.#database));
    if (task.command === null || task.command.kind === 'connect') this.#finish([]);
    else this.#send();
  }

  #print(line: Line, results: readonly Result[]): void {
    const task = this.#task!;
    const command = task.command!;
    const first = results[0];
    this.#status = statusOf(results) ?? this.#status;
    // An ERR 2006 of the server is taken for our own (clients.md §3 M), but where the dialect does not believe it.
    if (first?.kind === 'error' && first.error.code === CLIENT_ERROR.GONE && this.dialect.mistrusted.length === 0) {
      line.quit();
      this.#line = null;
      this.#noConnection(first.error);
      return;
    }
    if (command.kind === 'close statement') this.#prepared = null;
    if (first?.kind === 'prepared') this.#prepared = { line, id: first.id, types: null };
    const text = SUCCESS[task.payload![0] ?? -1];
    if (first?.kind === 'ok' && text !== undefined) {
      if (command.kind === 'use') this.#database = command.database;
      this.#finish([text]);
      return;
    }
    if (this.#options.mute === true) {
      this.#finish([]);
      return;
    }
    const form = command.kind === 'statement' ? command.form : 'table';
    this.#finish(printResults(results, this.dialect, task.interrupts > 0 && form === 'table' ? 'frame' : form));
  }
}

/** They are about the statement that was prepared last. */
const OF_A_STATEMENT: ReadonlySet<ClientCommand['kind']> = new Set<ClientCommand['kind']>([
  'execute',
  'close statement',
]);

/** A ping and raw bytes report what they find; everything else is tried again on a new connection. */
function retries(command: ClientCommand | null): boolean {
  return command?.kind === 'statement' || command?.kind === 'use';
}

/** The status flags of the last OK or EOF; an ERR has none. */
function statusOf(results: readonly Result[]): number | undefined {
  const last = results.at(-1);
  return last?.kind === 'ok' ? last.ok.status : last?.kind === 'rows' ? last.status : undefined;
}

/** The one cell of SELECT DATABASE(); what was known, if it was not answered with rows. */
function databaseOf(results: readonly Result[], known: string | null): string | null {
  const first = results[0];
  return first?.kind === 'rows' ? (first.rows[0]?.[0] ?? null) : known;
}
