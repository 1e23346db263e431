/**
 * Does what `requests.ts` has decided about a request of a logged-in client: asks the server side, or answers by itself.
 *
 * Knows the client session as somebody who has a server side and can be told something; nothing of its connection's states.
 */
import type { ConfigItems } from '../config.ts';
import type { Address } from '../ports.ts';
import { COM } from '../wire/constants.ts';
import type { Login } from '../wire/login.ts';
import { PLAIN_OK } from '../wire/ok.ts';
import type { Request } from '../wire/request.ts';
import { errorAnswer, okAnswer } from './answers.ts';
import type { Cause } from './cause.ts';
import { changeOfUser, type NewUser } from './change-user.ts';
import { callerOf, type Identity } from './identity.ts';
import { NamedStatement } from './named-statements.ts';
import { ownAnswer } from './own-values.ts';
import type { HeldClient } from './registry.ts';
import { type Action, decide, heldBeginOk } from './requests.ts';
import type { Asked, ServerSide } from './server-side.ts';
import type { Commands, Outcome } from './services.ts';
import { aboutStatement, type Destination, type StatementAction } from './statement-requests.ts';
import type { Statement } from './statements.ts';

/** The client session, as its requests are dealt with. */
export interface Dispatched extends HeldClient {
  readonly identity: Identity | null;
  readonly login: Login;
  /** The address the client comes from; see `client-address.ts`. */
  readonly client: Address;
  readonly serverSide: ServerSide;
  /** The client gets OKs in the form of SESSION_TRACK. */
  readonly tracksState: boolean;
  readonly inTransaction: boolean;
  readonly autocommit: boolean;
  /** The status flags as they are, for an answer that shows them (decisions.md 22). */
  readonly status: number;
  active: boolean;
  /** Who a CHANGE_USER under way asks to be. */
  newUser: NewUser | null;
  /** Where the next statement that may go anywhere goes: `SET @obproxy_route_addr`. */
  routeTo: bigint | null;
  addressOf(server: number): Address;
  say(bytes: Buffer): void;
  /** The ERR of a self-kill: the flush, then the end (odp-sessions.md §4.1). */
  lastWords(bytes: Buffer): void;
  ask(asked: Asked): void;
  stop(cause: Cause): void;
}

type Named = Extract<Action, { kind: 'text prepare' | 'text execute' }>;

/** What is done with a request without an observer. */
type OwnAction = Exclude<
  Action | StatementAction,
  Named | { kind: 'forward' | 'prepare' | 'about statement' | 'ask' | 'change user' | 'reset connection' }
>;

export class Dispatcher<Client extends Dispatched> {
  readonly #client: Client;
  readonly #commands: Commands<Client>;
  readonly #items: ConfigItems;

  constructor(client: Client, services: { readonly commands: Commands<Client>; readonly items: ConfigItems }) {
    this.#client = client;
    this.#commands = services.commands;
    this.#items = services.items;
  }

  /** `request` is whole or the first part of a long one. */
  handle(request: Request): void {
    const client = this.#client;
    const { serverSide } = client;
    const action = decide(request, {
      caller: callerOf(client.identity),
      inTransaction: client.inTransaction,
    });
    switch (action.kind) {
      case 'forward':
        this.#ask(action.command, request.packet, action.last ? 'last' : 'any');
        break;
      case 'prepare': {
        const statement = serverSide.statements.add(request.packet, action.last, serverSide.state.meaning);
        this.#ask(COM.STMT_PREPARE, request.packet, action.last ? 'last' : 'any', statement);
        break;
      }
      case 'about statement':
        this.#handleStatement(request, action.command, action.id);
        break;
      case 'text prepare':
      case 'text execute':
        this.#handleNamed(request, action);
        break;
      case 'change user':
        this.#changeUser(request);
        break;
      case 'reset connection':
        this.#ask(COM.RESET_CONNECTION, request.packet, this.#lastOrAny());
        break;
      default:
        this.#handleHere(request, action);
    }
  }

  #ask(command: number, packet: Buffer, destination: Destination, statement: Statement | null = null): void {
    this.#client.ask({ command, packet, destination, statement, prepares: null, runs: null });
  }

  #handleStatement(request: Request, command: number, id: number): void {
    const action = aboutStatement(command, id, this.#client.serverSide);
    if (action.kind === 'ask') this.#ask(command, request.packet, action.destination, action.statement);
    else this.#handleHere(request, action);
  }

  #handleNamed({ packet }: Request, action: Named): void {
    const { named, state } = this.#client.serverSide;
    let prepares: NamedStatement | null = null;
    let runs: NamedStatement | null = null;
    if (action.kind === 'text prepare') {
      const text = action.variable === null ? undefined : state.user.get(action.variable);
      prepares = new NamedStatement(action.name, Buffer.from(packet), action.last, state.meaning, text);
    } else {
      runs = named.find(action.name) ?? null;
    }
    const destination = (prepares ?? runs)?.last === true ? 'last' : 'any';
    this.#client.ask({ command: COM.QUERY, packet, destination, statement: null, prepares, runs });
  }

  #changeUser(request: Request): void {
    const { login, identity, client } = this.#client;
    const change = changeOfUser(request.payload, login, identity!, { client, items: this.#items });
    switch (change.kind) {
      case 'to observer':
        this.#client.newUser = change.user;
        this.#ask(COM.CHANGE_USER, request.packet, this.#lastOrAny());
        break;
      case 'refuse':
        this.#handleHere(request, { kind: 'error', error: change.error });
        break;
      case 'close':
        this.#handleHere(request, { kind: 'close', why: change.why });
    }
  }

  /** What concerns the session as a whole goes where it was last, or to any if that has gone meanwhile. */
  #lastOrAny(): Destination {
    return this.#client.serverSide.servers.bound === null ? 'any' : 'last';
  }

  #handleHere(request: Request, action: OwnAction): void {
    const client = this.#client;
    const { serverSide } = client;
    const { sequence } = request;
    client.active = true;
    switch (action.kind) {
      case 'internal':
        this.#conclude(this.#commands.run(client, action.command, request));
        break;
      case 'hold begin':
        serverSide.hold(Buffer.from(request.packet));
        client.say(okAnswer(sequence, heldBeginOk(client.autocommit), client.tracksState));
        break;
      case 'ok':
        client.say(okAnswer(sequence, action.ok, client.tracksState));
        break;
      case 'error':
        client.say(errorAnswer(sequence, action.error));
        break;
      case 'refusal':
        client.say(action.bytes);
        break;
      case 'own select': {
        const { bound } = serverSide.servers;
        const lastServer = bound === null ? null : bound.address;
        const { status } = client;
        client.say(ownAnswer(sequence, action, { system: serverSide.state.system, lastServer, status }));
        break;
      }
      case 'set route':
        client.routeTo = action.address === 0n ? null : action.address;
        client.say(okAnswer(sequence, { ...PLAIN_OK, status: client.status }, client.tracksState));
        break;
      case 'deallocate':
        // One that is not known here is for an observer to refuse.
        if (serverSide.named.deallocate(action.name)) {
          client.say(okAnswer(sequence, { ...PLAIN_OK, status: client.status }, client.tracksState));
        } else {
          this.#ask(COM.QUERY, request.packet, 'any');
        }
        break;
      case 'ignore':
        break;
      case 'quit':
        // It goes to the bound server session if there is one; none is opened for it (decisions.md 20).
        serverSide.servers.bound?.farewell(request.packet);
        client.stop({ kind: 'quit' });
        break;
      case 'close':
        client.stop({ kind: 'malformed', what: action.why });
    }
  }

  #conclude(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'answer':
        this.#client.say(outcome.bytes);
        break;
      case 'answer and die':
        this.#client.lastWords(outcome.bytes);
        break;
      case 'send':
        this.#ask(COM.QUERY, outcome.packet, { server: outcome.server });
    }
  }
}
