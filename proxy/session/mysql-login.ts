/**
 * The login of a client at a MySQL server, seen from between: what is changed in it (flags only), whose turn it is, and
 * when it is over. Also COM_CHANGE_USER, which is a login again.
 *
 * Who is of the proxy's own tenant, known by the name, does not go to the server: the proxy asks for `mysql_native_password` by a switch of
 * plugin, with the scramble that the client has already seen in the server's greeting – made for this connection, unlike
 * ODP's constant one. Writes to nobody.
 */
import type { ConfigItems } from '../config.ts';
import type { Network } from '../ports.ts';
import { cutGreeting, cutLogin, type Flags, NO_FLAGS, type Offer } from '../wire/agreement.ts';
import { type AuthPacket, PASSWORD_ITSELF, readAuthPacket, writeAuthSwitch } from '../wire/auth.ts';
import { WireError } from '../wire/bytes.ts';
import { readChangeUser } from '../wire/change-user.ts';
import { ERR_MARK } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { HEADER_SIZE, PacketWriter } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { isSslRequest, type Login, SSL_REQUEST_SIZE } from '../wire/login.ts';
import { type Err, readErr } from '../wire/ok.ts';
import type { Request } from '../wire/request.ts';
import { NATIVE_PASSWORD, type Sha1 } from '../wire/scramble.ts';
import {
  admitOwn,
  type ClientPlace,
  forcesTls,
  loginOf,
  type OwnAdmission,
  shutOut,
  TLS_IS_FORCED,
} from './admission.ts';
import type { Cause } from './cause.ts';
import { offersTls } from './client-login.ts';
import { PROXY_TENANT } from './identity.ts';
import { parseUserName, type UserName } from './user-name.ts';

/** Stands where a tenant is shown: a MySQL server has none, and its user names are taken as they are. */
const NO_TENANT = 'mysql';

export type LoginReading =
  /** TCP close, no ERR. */
  | { readonly kind: 'close'; readonly cause: Cause }
  /** The login will come over TLS. */
  | { readonly kind: 'client wants tls' }
  | { readonly kind: 'refuse'; readonly error: Err }
  /** `tls`: it goes over TLS, which is asked for with this first. */
  | { readonly kind: 'to server'; readonly packet: Buffer; readonly tls: Buffer | null }
  /** root@proxysys: the client is to answer this. */
  | { readonly kind: 'ask'; readonly packet: Buffer };

/** After a server's packet: it goes on; `insecure`: it must not. */
export type Step = 'admitted' | 'refused' | 'insecure' | 'on';

const STEPS: Record<AuthPacket['kind'], Step> = {
  ok: 'admitted',
  refused: 'refused',
  full: 'on',
  switch: 'on',
  content: 'on',
  data: 'on',
};

export interface LoginServices {
  readonly items: ConfigItems;
  readonly clusters: readonly { readonly name: string }[];
  readonly sha1: Sha1;
  readonly network: Network;
  readonly registry: { readonly size: number };
}

export class MysqlLogin {
  readonly #services: LoginServices;
  readonly #client: ClientPlace;
  #offered: Offer = { ...NO_FLAGS, tls: false };
  #scramble: Buffer = Buffer.alloc(0);
  #first: Login | null = null;
  #plugin = '';

  /** What is agreed between client and server, once the login has been read. */
  flags: Flags = NO_FLAGS;
  name: UserName | null = null;
  /** The database asked for in the login; latin1, as all state. */
  database: string | null = null;
  /** The next packet of the exchange is the client's. */
  clientSpeaks = false;
  /** It is a COM_CHANGE_USER. */
  isChange = false;
  /** Of the client's login packet: 1, and behind a request for TLS 2. */
  sequence = 1;
  /** The same at the server. */
  #serverSequence = 1;

  constructor(services: LoginServices, client: ClientPlace) {
    this.#services = services;
    this.#client = client;
  }

  /** Reads and cuts the server's first packet; its thread id, or null if that is no greeting. */
  greeting(payload: Buffer): number | null {
    if (payload[0] === ERR_MARK) return null;
    try {
      const { threadId, scramble } = readGreeting(payload);
      this.#scramble = Buffer.from(scramble);
      this.#offered = cutGreeting(payload, offersTls(this.#services));
      return threadId;
    } catch (error) {
      if (error instanceof WireError) return null;
      throw error;
    }
  }

  /** The client's login, its flags cut in place. */
  read(request: Request): LoginReading {
    const { items } = this.#services;
    if (this.sequence === 1 && offersTls(this.#services) && isSslRequest(request.payload)) {
      this.sequence = 2;
      return { kind: 'client wants tls' };
    }
    const login = loginOf(request);
    if (typeof login === 'string') return { kind: 'close', cause: { kind: 'malformed', what: login } };
    if (!this.#client.connection.secure && forcesTls(items)) return { kind: 'close', cause: TLS_IS_FORCED };
    const tls = items.enable_server_ssl && this.#offered.tls;
    this.#serverSequence = tls ? 2 : 1;
    this.#first = login;
    this.flags = cutLogin(request.payload, login, this.#offered, tls);
    const name = parseUserName(login.user);
    if (name?.tenant === PROXY_TENANT) {
      this.name = name;
      const out = new PacketWriter(request.sequence + 1, 64);
      writeAuthSwitch(out, NATIVE_PASSWORD, this.#scramble);
      return { kind: 'ask', packet: out.view() };
    }
    // Every user of the server is of the one "tenant" that is shown for it.
    const shut = shutOut(NO_TENANT, this.#services.clusters[0]!.name, { items, place: this.#client });
    if (shut !== null) return { kind: 'close', cause: shut };
    const most = items.client_max_connections;
    if (most > 0 && this.#services.registry.size > most) {
      return { kind: 'refuse', error: errorOf('TOO_MANY_SESSIONS') };
    }
    this.#begin(login);
    return { kind: 'to server', packet: this.toServer(request.packet), tls: tls ? sslRequest(request.payload) : null };
  }

  /** The client's packet with the sequence id that it has at the server: TLS may have taken one on one side only. */
  toServer(packet: Buffer): Buffer {
    const at = HEADER_SIZE - 1;
    packet[at] = packet[at]! + this.#shift;
    return packet;
  }

  /** The sequence id at the client of a server's packet. */
  toClient(sequence: number): number {
    return sequence - this.#shift;
  }

  get #shift(): number {
    return this.isChange ? 0 : this.#serverSequence - this.sequence;
  }

  /** The login of the connection. */
  get first(): Login {
    return this.#first!;
  }

  /** A COM_CHANGE_USER; false if it cannot be read, and is the server's to refuse. */
  change({ payload, whole }: Request): boolean {
    if (!whole || this.#first === null) return false;
    try {
      this.#begin(readChangeUser(Buffer.from(payload), this.#first));
      this.isChange = true;
      return true;
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  }

  #begin(login: Login): void {
    this.clientSpeaks = false;
    this.#plugin = login.plugin ?? NATIVE_PASSWORD;
    this.name = { user: login.user, tenant: NO_TENANT, cluster: null, clusterId: null };
    this.database = login.database ? Buffer.from(login.database).toString('latin1') : null;
  }

  /** A packet of the server. */
  heard(payload: Buffer): Step {
    const packet = readAuthPacket(payload, this.#plugin);
    if (packet.kind === 'switch') this.#plugin = packet.plugin;
    this.clientSpeaks = packet.kind === 'switch' || packet.kind === 'data' || packet.kind === 'full';
    const { secure } = this.#client.connection;
    const serverSecure = this.#serverSequence === 2;
    // Each end would take the other's side to be as its own: a password would be sent that nobody can read, or anybody.
    if (packet.kind === 'switch' && PASSWORD_ITSELF.has(packet.plugin) && secure !== serverSecure) return 'insecure';
    if (packet.kind === 'full' && !(secure && serverSecure)) return 'insecure';
    return STEPS[packet.kind];
  }

  /** Of an ERR, or of what has come in a greeting's place. */
  refusal(payload: Buffer): Cause {
    if (payload[0] !== ERR_MARK) return { kind: 'server lost', why: 'what it said first is no greeting' };
    const { code, message } = readErr(payload);
    return { kind: 'login refused', why: `the server said ${code}, ${message}` };
  }

  /** What root@proxysys has answered. */
  prove({ payload }: Request): OwnAdmission {
    const login = { ...this.#first!, authResponse: payload };
    const { items, sha1 } = this.#services;
    return admitOwn(login, this.name!, { items, sha1, place: this.#client }, this.#scramble);
  }
}

/** The start of a login that has the flag of TLS: a request for it. */
function sslRequest(login: Buffer): Buffer {
  const out = new PacketWriter(1, 64);
  out.packet(login.subarray(0, SSL_REQUEST_SIZE));
  return out.view();
}
