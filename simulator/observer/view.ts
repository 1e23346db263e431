/**
 * What a view of the cluster is: columns by name, and rows made from what the house tells when it is asked.
 */
import type { ColumnSpec, ColumnType } from '../world/topology.ts';
import type { House, ServerFacts } from './house.ts';
import type { Row } from './store.ts';
import type { Tenant } from './tenant.ts';

/** What the rows of a view are made from. */
export interface Scene {
  readonly house: House;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A point in time as the session's time zone writes it. */
  time(milliseconds: number): string;
}

export interface View {
  readonly columns: readonly ColumnSpec[];
  rows(scene: Scene): Row[];
}

export type Views = Readonly<Record<string, View>>;

/** `NAME:TYPE NAME:TYPE`, VARCHAR where no type is said. */
export function columns(text: string): readonly ColumnSpec[] {
  return text.split(/\s+/).map((word) => {
    const [name, type] = word.split(':');
    return { name: name!, type: (type ?? 'VARCHAR') as ColumnType };
  });
}

/** An observer's RPC port is the one behind its SQL port: 2882, 2881. */
const RPC_PORT_STEP = 1;

/** The port by which OceanBase's own statements and views name a server. */
export function rpcPort({ address }: ServerFacts): bigint {
  return BigInt(address.port + RPC_PORT_STEP);
}

export function serversOf(house: House, tenant: Tenant): readonly ServerFacts[] {
  return house.servers.filter((it) => tenant.streams.replicas.includes(it.id));
}
