/**
 * A connection that asks and is answered, for what is done around scenarios on somebody else's server: looking, and making
 * tables anew. In real time: every question has a bound. Knows no pages.
 */
import type { Address, Clock, Network } from '../../proxy/ports.ts';
import { COM } from '../../proxy/wire/constants.ts';
import type { Sha1 } from '../../proxy/wire/scramble.ts';
import type { Result } from '../client/answer.ts';
import { CLIENT_ERROR, DIALECTS, type Dialect, type ShownError } from '../client/dialects.ts';
import { commandPayload, Line, type LineOwner } from '../client/line.ts';
import { errorLine } from '../client/print.ts';
import type { Row } from '../client/table.ts';
import type { Login } from './lab.ts';

/** Nobody listens there, or nobody answers. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The server said no; its message is the ERR as a client prints it. */
export class Refused extends Error {
  override name = 'Refused';
}

export interface AdministratorPorts {
  readonly network: Network;
  readonly clock: Clock;
  readonly sha1: Sha1;
}

/** A greeting, or an answer that holds no data to speak of; milliseconds. */
const GREETING_PATIENCE = 10_000;
const ANSWER_PATIENCE = 45_000;

interface Waiting {
  resolve(results: readonly Result[]): void;
  reject(error: Error): void;
}

export class Administrator implements LineOwner {
  readonly #clock: Clock;
  readonly #line: Line;
  readonly #address: Address;
  #waiting: Waiting | null = null;
  #greeted = false;

  private constructor(target: Address, { user, password }: Login, dialect: Dialect, ports: AdministratorPorts) {
    this.#clock = ports.clock;
    this.#address = target;
    this.#line = new Line({ target, from: null, user, password, dialect }, ports.network, ports.sha1, this);
  }

  /** Connects, and reads the greeting. */
  static async greet(
    target: Address,
    login: Login,
    ports: AdministratorPorts,
    dialect: Dialect = DIALECTS.mysql,
  ): Promise<Administrator> {
    const administrator = new Administrator(target, login, dialect, ports);
    await administrator.#wait(GREETING_PATIENCE, () => {});
    return administrator;
  }

  /** The version that the server greets with. */
  get version(): string {
    return this.#line.serverVersion;
  }

  async login(): Promise<void> {
    await this.#wait(ANSWER_PATIENCE, () => this.#line.login(null));
  }

  /** The rows of the last result; empty for an OK. */
  async query(sql: string): Promise<readonly Row[]> {
    const last = (await this.ask(sql)).at(-1);
    return last?.kind === 'rows' ? last.rows : [];
  }

  async ask(sql: string): Promise<readonly Result[]> {
    const results = await this.#wait(ANSWER_PATIENCE, () => this.#line.command(commandPayload(COM.QUERY, sql)));
    const last = results.at(-1);
    if (last?.kind === 'error') throw new Refused(`${errorLine(last.error)} (${sql})`);
    return results;
  }

  /** Ends the connection, in whatever state it is. */
  leave(): void {
    this.#line.quit();
  }

  async #wait(patience: number, start: () => void): Promise<readonly Result[]> {
    let expire: () => void = () => {};
    const timer = this.#clock.after(patience, () => expire());
    try {
      return await new Promise<readonly Result[]>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        expire = () => reject(this.#late(patience / 1000));
        start();
      });
    } catch (error) {
      this.#line.hangUp();
      throw error;
    } finally {
      timer.cancel();
      this.#waiting = null;
    }
  }

  /** Who has greeted is there, whatever keeps the answer: a lock, most likely. */
  #late(seconds: number): Error {
    const { host, port } = this.#address;
    if (!this.#greeted) return new Unreachable(`nobody answers on ${host}:${port} within ${seconds} s`);
    return new Refused(`${host}:${port} gave no answer within ${seconds} s`);
  }

  greeted(): void {
    this.#greeted = true;
    this.#waiting?.resolve([]);
  }

  ready(): void {
    this.#waiting?.resolve([]);
  }

  failed(_line: Line, error: ShownError): void {
    const { host, port } = this.#address;
    // Before the greeting the client speaks for itself; 2013 is its own word for a FIN.
    const unreachable = !this.#greeted && error.code !== CLIENT_ERROR.BEFORE_TLS && error.code >= 2000;
    const what = unreachable ? new Unreachable(`nobody answers on ${host}:${port}`) : new Refused(errorLine(error));
    this.#waiting?.reject(what);
  }

  answered(_line: Line, results: readonly Result[]): void {
    this.#waiting?.resolve(results);
  }

  gone(_line: Line, error: ShownError): void {
    this.#waiting?.reject(new Refused(errorLine(error)));
  }

  lost(_line: Line, error: ShownError): void {
    this.#waiting?.reject(new Refused(errorLine(error)));
  }
}
