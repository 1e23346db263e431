/**
 * A server session in the place of one that was lost while idle, for a client whose password is configured: it logs in as
 * the client did, and is brought to where the client was (`mysql-keepsakes.ts`, its database).
 *
 * It is the server's owner until then. What goes wrong ends the client; nothing is tried twice.
 */
import { type Flags, followerTerms, offerOf } from '../wire/agreement.ts';
import { readAuthPacket } from '../wire/auth.ts';
import { WireError } from '../wire/bytes.ts';
import { CAP, ERR_MARK } from '../wire/constants.ts';
import { type Packet, PacketWriter } from '../wire/framing.ts';
import { readGreeting } from '../wire/greeting.ts';
import { FILLER_SIZE, type Login, writeLogin, writeSslRequest } from '../wire/login.ts';
import { readErr } from '../wire/ok.ts';
import { proofOf } from '../wire/proof.ts';
import type { Accounts } from './accounts.ts';
import type { MysqlServices } from './mysql-entrance.ts';
import { MysqlServer, type MysqlServerOwner, type OneServer } from './mysql-server.ts';

/** As whom and where to. */
export interface Former {
  readonly login: Login;
  readonly flags: Flags;
  readonly user: string;
  readonly password: string;
  /** latin1, as all state. */
  readonly database: string | null;
  /** Requests that are answered to nobody. */
  readonly sets: readonly Buffer[];
  /** The server that was lost. */
  readonly server: number;
}

/** The client session, as it is seen from here. */
export interface BereavedClient extends MysqlServerOwner {
  readonly servers: OneServer;
  /** It is there, idle, and as the lost one was. */
  replaced(server: MysqlServer): void;
  notReplaced(why: string): void;
}

export class MysqlReplacement implements MysqlServerOwner {
  readonly #client: BereavedClient;
  readonly #services: MysqlServices;
  readonly #accounts: Accounts;
  readonly #former: Former;
  readonly #steps: Buffer[];
  #plugin = '';

  constructor(client: BereavedClient, services: MysqlServices, accounts: Accounts, former: Former) {
    this.#client = client;
    this.#services = services;
    this.#accounts = accounts;
    this.#former = former;
    this.#steps = [...former.sets];
    const { address } = services.clusters[0]!.servers[former.server]!;
    client.servers.only = new MysqlServer(this, services, services.nextSsId(), former.server, address);
  }

  get csId(): number {
    return this.#client.csId;
  }

  serverGreeted(server: MysqlServer, { payload }: Packet): void {
    if (payload[0] === ERR_MARK) {
      this.#fail(server, `it said ${readErr(payload).code}`);
      return;
    }
    try {
      const { threadId, scramble, plugin, capabilities, charset } = readGreeting(payload);
      const { login, flags, user, password, database } = this.#former;
      const offer = offerOf(payload);
      // What was agreed with the client holds for its next answers, too.
      if (
        (flags.capabilities & CAP.DEPRECATE_EOF & ~offer.capabilities) !== 0 ||
        (flags.mariadb & ~offer.mariadb) !== 0
      ) {
        this.#fail(server, 'it offers less than the one before it');
        return;
      }
      server.greeted(threadId);
      this.#plugin = plugin;
      const tls = this.#services.items.enable_server_ssl && (capabilities & CAP.SSL) !== 0;
      const filler = Buffer.alloc(FILLER_SIZE);
      filler.writeUInt32LE(flags.mariadb, FILLER_SIZE - 4);
      const again: Login = {
        ...login,
        capabilities: withFlag(withFlag(flags.capabilities, CAP.SSL, tls), CAP.CONNECT_WITH_DB, database !== null),
        charset: login.charset === 0 ? charset : login.charset,
        filler,
        user,
        database: database === null ? null : Buffer.from(database, 'latin1').toString('utf8'),
        plugin,
        authResponse: proofOf(plugin, password, scramble, this.#accounts) ?? Buffer.alloc(0),
      };
      const out = new PacketWriter(tls ? 2 : 1, 512);
      writeLogin(out, again);
      const request = new PacketWriter(1, 64);
      if (tls) writeSslRequest(request, again);
      server.logIn(out.view(), tls ? request.view() : null);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#fail(server, error.message);
    }
  }

  serverAuthenticates(server: MysqlServer, { payload, sequence }: Packet): void {
    const packet = readAuthPacket(payload, this.#plugin);
    switch (packet.kind) {
      case 'ok':
        server.admitted(followerTerms(this.#former.flags));
        this.#step(server);
        break;
      case 'refused':
        this.#fail(server, `it said ${readErr(payload).code}`);
        break;
      case 'content':
        break;
      case 'switch': {
        this.#plugin = packet.plugin;
        const proof = proofOf(packet.plugin, this.#former.password, packet.data, this.#accounts);
        if (proof === null) this.#fail(server, `${packet.plugin} is a plugin that the proxy cannot answer`);
        else this.#answer(server, sequence, proof);
        break;
      }
      case 'full':
        if (server.secure) this.#answer(server, sequence, Buffer.from(`${this.#former.password}\0`));
        else this.#fail(server, `${this.#plugin} asks for the password itself, which needs TLS to the server`);
        break;
      case 'data':
        this.#fail(server, `${this.#plugin} asks for more`);
    }
  }

  #answer(server: MysqlServer, sequence: number, proof: Buffer): void {
    const out = new PacketWriter(sequence + 1, 64);
    out.packet(proof);
    server.write(out.view());
  }

  #step(server: MysqlServer): void {
    const step = this.#steps.shift();
    if (step !== undefined) {
      server.ask(step[4]!, step);
      return;
    }
    server.owner = this.#client;
    this.#client.replaced(server);
  }

  serverSaid(): void {}

  serverAnswered(server: MysqlServer): void {
    if (!server.endIfAnswered()) return;
    if (server.errorCode === 0) this.#step(server);
    else this.#fail(server, `the client's state could not be restored: error ${server.errorCode}`);
  }

  #fail(server: MysqlServer, why: string): void {
    server.close();
    this.#client.notReplaced(why);
  }

  serverRefused(): void {
    this.#client.notReplaced('the connection was refused');
  }

  serverInsecure(_server: MysqlServer, why: string): void {
    this.#client.notReplaced(`no TLS: ${why}`);
  }

  serverGone(_server: MysqlServer, how: 'FIN' | 'RST'): void {
    this.#client.notReplaced(`it has said ${how}`);
  }

  serverDrained(): void {}

  serverKilled(server: MysqlServer, by: number): void {
    this.#client.serverKilled(server, by);
  }
}

function withFlag(capabilities: number, flag: number, set: boolean): number {
  return (set ? capabilities | flag : capabilities & ~flag) >>> 0;
}
