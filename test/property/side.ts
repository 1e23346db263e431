/**
 * One side of the twins: a world of its own, a cluster in it, and a client that talks to one observer or through the proxy.
 *
 * Knows how to ask and where to look, not what should be found.
 */
import { DEFAULT_ITEMS } from '../../proxy/config.ts';
import { type Choices, PLAIN } from '../../proxy/ports.ts';
import { OdpProxy } from '../../proxy/proxy.ts';
import { changeUserPayload } from '../../proxy/wire/change-user.ts';
import { COM } from '../../proxy/wire/constants.ts';
import { attribute } from '../../proxy/wire/login.ts';
import { executePayload } from '../../proxy/wire/prepared.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD, nativePassword } from '../../proxy/wire/scramble.ts';
import { DriverClient, type Outcome } from '../../simulator/client/driver/driver-client.ts';
import { driverNamed } from '../../simulator/client/driver/drivers.ts';
import { commandPayload } from '../../simulator/client/line.ts';
import { Cluster } from '../../simulator/observer/cluster.ts';
import type { SessionContext } from '../../simulator/observer/context.ts';
import { scrambleOf } from '../../simulator/observer/greeting.ts';
import { type ClusterSpec, clusterConfig } from '../../simulator/world/topology.ts';
import { World } from '../../simulator/world/world.ts';
import { sha1 } from '../client/fake-server.ts';
import type { Parameter } from './steps.ts';

const PROXY = { host: '172.30.140.64', port: 2883 };
const FIRST_OBSERVER = { host: '10.0.0.1', port: 2881 };
const DRIVER = driverNamed('mysqli');

/** A prepared statement of the binary protocol, as the client knows it. */
interface Held {
  readonly id: number;
  readonly parameters: number;
  /** The types that it has sent last. */
  types: readonly number[];
  /** Parameters that long data were sent for. */
  readonly long: Set<number>;
}

/** A server session, as SHOW PROXYSESSION has it. */
export interface Shown {
  readonly ssId: string;
  readonly serverSessid: number;
  /** It served last. */
  readonly isLast: boolean;
}

export class Side {
  readonly world: World;
  readonly cluster: Cluster;
  readonly client: DriverClient;
  readonly #through: boolean;
  readonly #held = new Map<number, Held>();

  constructor(spec: ClusterSpec, through: boolean, choices: Choices) {
    this.#through = through;
    this.world = new World({ choices });
    const { network, clock } = this.world;
    this.cluster = new Cluster(spec, { clock, choices: PLAIN, sha1 });
    const addresses = new Map(spec.servers.map(({ id }) => [id, addressOf(id)]));
    for (const it of this.cluster.observers) it.start(network, addresses.get(it.id)!, () => {});
    this.world.settle();
    if (through) {
      const clusters = [clusterConfig(spec, addresses)];
      const config = { listen: PROXY, clusters, items: DEFAULT_ITEMS, localIp: PROXY.host, pid: 1 };
      new OdpProxy(config, { network, clock, choices, sha1 }).start({ listening() {}, failed() {} });
    }
    this.world.settle();
    this.client = this.login(this.userName('app'), 'bank');
  }

  /** A user of the tenant, as its login names it here. */
  userName(user: string): string {
    return this.#through ? `${user}@shop#obdemo` : `${user}@shop`;
  }

  login(user: string, database: string | null): DriverClient {
    const { network, clock } = this.world;
    const account = { target: this.#through ? PROXY : FIRST_OBSERVER, user, password: '', database };
    return new DriverClient(DRIVER, account, { network, clock, choices: PLAIN, sha1 });
  }

  say(sql: string): Outcome {
    return this.ask(commandPayload(COM.QUERY, sql));
  }

  /** What is never answered counts as answered OK. */
  ask(payload: Buffer, client: DriverClient = this.client): Outcome {
    let told: Outcome | null = null;
    client.request(payload, (outcome) => {
      told = outcome;
    });
    this.world.settle();
    if (told === null) throw new Error(`no answer to ${payload.toString('latin1')}`);
    return told;
  }

  prepare(slot: number, text: string): Outcome {
    this.close(slot);
    const outcome = this.ask(commandPayload(COM.STMT_PREPARE, text));
    if (outcome.kind === 'prepared') {
      this.#held.set(slot, { id: outcome.id, parameters: outcome.parameters, types: [], long: new Set() });
    }
    return outcome;
  }

  /** Null: there is no such statement. Types go along if they are others than the last ones, or if `again` says so. */
  execute(slot: number, given: readonly Parameter[], again: boolean): Outcome | null {
    const held = this.#held.get(slot);
    if (held === undefined) return null;
    const { id, parameters, long } = held;
    const all = Array.from({ length: parameters }, (_, index) => given[index % given.length]!);
    const types = all.map(([type]) => type);
    const values = all.map(([, value], index) => (long.has(index) ? undefined : value));
    const knows = parameters > 0 && types.every((type, index) => type === held.types[index]);
    const payload = executePayload(id, 0, types, values);
    held.types = types;
    held.long.clear();
    return this.ask(knows && !again ? withoutTypes(payload, parameters) : payload);
  }

  /** False: there is no such parameter. */
  longData(slot: number, parameter: number, piece: string): boolean {
    const held = this.#held.get(slot);
    if (held === undefined || held.parameters === 0) return false;
    const which = parameter % held.parameters;
    const head = Buffer.alloc(7, COM.STMT_SEND_LONG_DATA);
    head.writeUInt32LE(held.id, 1);
    head.writeUInt16LE(which, 5);
    held.long.add(which);
    this.ask(Buffer.concat([head, Buffer.from(piece)]));
    return true;
  }

  reset(slot: number): Outcome | null {
    const held = this.#held.get(slot);
    held?.long.clear();
    return held === undefined ? null : this.ask(about(COM.STMT_RESET, held.id));
  }

  close(slot: number): void {
    const held = this.#held.get(slot);
    if (held !== undefined) this.ask(about(COM.STMT_CLOSE, held.id));
    this.#held.delete(slot);
  }

  /** The scramble is the one that this side's greeting has shown. */
  changeUser(user: string, password: string, database: string, charset: number): Outcome {
    const { capabilities, maxPacket } = DRIVER.login;
    const scramble = this.#through ? CONSTANT_SCRAMBLE : scrambleOf(this.client.threadId);
    const outcome = this.ask(
      changeUserPayload({
        capabilities,
        maxPacket,
        charset,
        filler: Buffer.alloc(0),
        user: this.userName(user),
        authResponse: nativePassword(sha1, password, scramble),
        database,
        plugin: NATIVE_PASSWORD,
        attributes: [attribute('_client_name', 'mysqlnd')],
      }),
    );
    if (outcome.kind === 'ok') this.#held.clear();
    return outcome;
  }

  /** The session begins anew, as the user that it is. */
  beginAnew(): Outcome {
    const outcome = this.ask(Buffer.of(COM.RESET_CONNECTION));
    this.#held.clear();
    return outcome;
  }

  setOption(on: boolean): Outcome {
    return this.ask(Buffer.of(COM.SET_OPTION, on ? 0 : 1, 0));
  }

  /** What an observer has of the session with this id; null: nothing any more. */
  contextOf(id: number): SessionContext | null {
    for (const observer of this.cluster.observers) {
      const found = observer.findSession(id);
      if (found !== null) return found.context;
    }
    return null;
  }

  /** The server sessions of the client, asked by `boss`; null: the proxy has no such client. */
  serverSessions(boss: DriverClient): readonly Shown[] | null {
    const ssIds = this.#attribute(boss, 'ss_id');
    const ids = this.#attribute(boss, 'server_sessid');
    if (ssIds === null || ids === null) return null;
    return ssIds.map(([, ssId, info], index) => ({
      ssId: ssId!.toString(),
      serverSessid: Number(ids[index]![1]),
      isLast: info!.toString().startsWith('last used'),
    }));
  }

  #attribute(boss: DriverClient, name: string) {
    const sql = `SHOW PROXYSESSION ATTRIBUTE ${this.client.threadId} LIKE '${name}'`;
    const outcome = this.ask(commandPayload(COM.QUERY, sql), boss);
    return outcome.kind === 'rows' ? outcome.rows : null;
  }
}

export function addressOf(observer: number): { readonly host: string; readonly port: number } {
  return { host: `10.0.0.${observer}`, port: 2881 };
}

function about(command: number, id: number): Buffer {
  const payload = Buffer.alloc(5, command);
  payload.writeUInt32LE(id, 1);
  return payload;
}

/** Command, id, flags and iteration count of an EXECUTE stand before the bitmap of NULLs. */
const BITMAP_AT = 1 + 4 + 1 + 4;

/** An EXECUTE as drivers send it where the server knows the types already. */
function withoutTypes(payload: Buffer, parameters: number): Buffer {
  const flagAt = BITMAP_AT + ((parameters + 7) >> 3);
  return Buffer.concat([payload.subarray(0, flagAt), Buffer.of(0), payload.subarray(flagAt + 1 + 2 * parameters)]);
}
