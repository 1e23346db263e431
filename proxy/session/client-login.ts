/**
 * A client's login, as its session keeps it: which packet may be it, whether TLS comes before it, what is made of it now, and
 * what for every observer that serves this client (odp-relay.md §2.2–2.3).
 *
 * It never knows the password. Whether the client is let in is decided in `admission.ts`.
 */
import type { ConfigItems } from '../config.ts';
import type { Address, Network } from '../ports.ts';
import type { Login } from '../wire/login.ts';
import { isSslRequest } from '../wire/login.ts';
import type { Request } from '../wire/request.ts';
import { CONSTANT_SCRAMBLE } from '../wire/scramble.ts';
import { type Admission, type AdmissionFacts, admit, type ClientPlace, isLoginHeader, loginOf } from './admission.ts';
import { askedWith, type Proof, provedBy } from './change-user.ts';
import type { Identity } from './identity.ts';
import type { Greeted, ObserverLoginFacts } from './observer-login.ts';

/** The greeting offers TLS: "only with `enable_client_ssl` and keys" (odp-relay.md §2.1). */
export function offersTls(services: { readonly items: ConfigItems; readonly network: Network }): boolean {
  return services.items.enable_client_ssl && services.network.acceptsTls;
}

export interface LoginServices extends Omit<AdmissionFacts, 'place'> {
  readonly network: Network;
}

/** `tls`: the login will come over it. */
export type LoginReading = { readonly kind: 'tls' } | Admission;

const TLS: LoginReading = { kind: 'tls' };

/** What the session knows of itself when an observer is to be told. */
export interface LoginSource {
  readonly identity: Identity | null;
  readonly csId: number;
  readonly proxySessid: bigint;
  readonly client: Address;
  readonly state: { readonly globalVersion: string };
}

export class ClientLogin {
  /** Of the login packet: 1, and behind a request for TLS 2; then of what else the client has proved itself with. */
  sequence = 1;
  readonly #connectTime: number;
  #login: Login | null = null;
  #scramble = CONSTANT_SCRAMBLE;

  /** `now`: when the client connected, milliseconds since 1970. */
  constructor(now: number) {
    this.#connectTime = Math.floor(now * 1000);
  }

  /** As it was read, or as a change of user has left it. Only once it has come. */
  get login(): Login {
    return this.#login!;
  }

  /** `scramble`: what its auth response answers. */
  keep(login: Login, scramble: Buffer = CONSTANT_SCRAMBLE): void {
    this.#login = login;
    this.#scramble = scramble;
  }

  /** An observer asks for another proof: of the plugin and for the scramble that it says. */
  questioned(question: Buffer): void {
    this.#keepProof(askedWith({ login: this.login, scramble: this.#scramble }, question));
  }

  /** The client's answer to that; its sequence id is the last one then. */
  proved(answer: Buffer, sequence: number): void {
    this.#keepProof(provedBy({ login: this.login, scramble: this.#scramble }, answer));
    this.sequence = sequence;
  }

  #keepProof({ login, scramble }: Proof): void {
    this.keep(login, scramble);
  }

  /** What is made of the client's packet, the first one or the one behind a request for TLS. */
  read(request: Request, services: LoginServices, place: ClientPlace): LoginReading {
    if (offersTls(services) && this.#asksForTls(request)) return TLS;
    const login = loginOf(request);
    if (typeof login === 'string') return { kind: 'close', cause: { kind: 'malformed', what: login } };
    this.#login = login;
    const { items, clusters, sha1, registry } = services;
    return admit(login, { items, clusters, sha1, registry, place });
  }

  /** By its header alone a packet is no login, and is not waited for. */
  isNot(header: { readonly length: number; readonly sequence: number }): boolean {
    return !isLoginHeader(header, this.sequence);
  }

  /** This is a request for TLS, the first one: the login comes over it, with the next sequence id. */
  #asksForTls(request: Request): boolean {
    if (this.sequence !== 1 || !isSslRequest(request.payload)) return false;
    this.sequence = 2;
    return true;
  }

  facts(source: LoginSource, greeted: Greeted): ObserverLoginFacts {
    const { name, cluster } = source.identity!;
    return {
      login: this.#login!,
      scramble: this.#scramble,
      name,
      cluster: cluster!.name,
      client: source.client,
      csId: source.csId,
      proxySessid: source.proxySessid,
      connectTime: this.#connectTime,
      greeted,
      globalVarsVersion: source.state.globalVersion,
    };
  }
}
