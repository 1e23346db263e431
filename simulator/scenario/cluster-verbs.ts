/**
 * The verbs for what goes wrong between hosts and in a cluster: `crash`, `stop`, `restart`, `fail`, `leader`,
 * `partition`, `repair`, `sever`.
 *
 * What is wrong with a line by itself is told here; who is down or parted at that point is `check-cluster.ts`'.
 */
import { findTable } from '../world/topology.ts';
import { listed } from './mistakes.ts';
import { readLink, readObserver } from './places.ts';
import { mistake, type VerbRow } from './verb-row.ts';

/** Two ends beside each other: `proxy observer 1`. */
const END = String.raw`(observer\s+\S+|\S+)`;

function processVerb(kind: 'crash' | 'stop' | 'restart'): VerbRow {
  return {
    form: `! ${kind} observer N`,
    pattern: new RegExp(String.raw`^${kind}\s+observer\s+(\d+)$`, 'i'),
    read(match, front) {
      const place = readObserver(match[1]!, front);
      return typeof place === 'string' ? mistake(place) : { kind, observer: place.number };
    },
  };
}

function partingVerb(kind: 'partition' | 'repair' | 'sever'): VerbRow {
  return {
    form: `! ${kind} A B`,
    pattern: new RegExp(String.raw`^${kind}\s+${END}\s+${END}$`, 'i'),
    read(match, front) {
      const [, a, b] = match;
      if (/^observer/i.test(a!) && /^observer/i.test(b!)) {
        return mistake(
          'observers do not talk to each other over the network here; part one from `proxy`, or `! crash` it',
        );
      }
      const link = readLink(a!, b!, front);
      return typeof link === 'string' ? mistake(link) : { kind, ...link };
    },
  };
}

const restart: VerbRow = {
  form: '! restart observer N|proxy',
  pattern: /^restart\s+(?:observer\s+(\d+)|proxy)$/i,
  read(match, front) {
    return match[1] === undefined ? { kind: 'restart proxy' } : processVerb('restart').read(match, front);
  },
};

/** An ERR has a number of two bytes. */
const MOST_CODE = 65_535;

const fail: VerbRow = {
  form: '! fail observer N [login] with CODE|garbage [M times]',
  pattern: /^fail\s+observer\s+(\d+)(\s+login)?\s+with\s+(\d+|garbage)(?:\s+(\d+)\s+times)?$/i,
  read(match, front) {
    const [, digits, login, what, times] = match;
    const place = readObserver(digits!, front);
    if (typeof place === 'string') return mistake(place);
    const fault = what!.toLowerCase() === 'garbage' ? 'garbage' : Number(what);
    if (fault !== 'garbage' && (fault < 1 || fault > MOST_CODE)) {
      return mistake(`${what} is no number of an error; they go from 1 to ${MOST_CODE}`);
    }
    return {
      kind: 'fail',
      observer: place.number,
      place: login === undefined ? 'statement' : 'login',
      fault,
      times: Number(times ?? 1),
    };
  },
};

const leader: VerbRow = {
  form: '! leader TENANT.DATABASE.TABLE observer N',
  pattern: /^leader\s+([^\s.]+)\.([^\s.]+)\.([^\s.]+)\s+observer\s+(\d+)$/i,
  read(match, front) {
    const [, tenantName, database, table, digits] = match;
    const place = readObserver(digits!, front);
    if (typeof place === 'string') return mistake(place);
    const { cluster, server, number } = place;
    const tenant = cluster.tenants.find((it) => it.name === tenantName);
    if (tenant === undefined) {
      const known = listed(cluster.tenants.map((it) => it.name));
      return mistake(
        `there is no tenant \`${tenantName}\` in ${cluster.name}, where observer ${digits} is; there are ${known}`,
      );
    }
    if (!tenant.servers.includes(server.id)) {
      return mistake(`tenant ${tenantName} is not on observer ${digits}: that one can lead nothing of it`);
    }
    if (findTable(tenant, database!, table!) === null) {
      const known = tenant.databases.flatMap((it) => it.tables.map(({ name }) => `${tenantName}.${it.name}.${name}`));
      const those = known.length === 0 ? 'it has none' : `there are ${listed(known)}`;
      return mistake(`tenant ${tenantName} has no table \`${database}.${table}\` from the start; ${those}`);
    }
    return { kind: 'leader', table: { tenant: tenantName!, database: database!, table: table! }, observer: number };
  },
};

export const CLUSTER_VERBS: Readonly<Record<string, VerbRow>> = {
  crash: processVerb('crash'),
  stop: processVerb('stop'),
  restart,
  fail,
  partition: partingVerb('partition'),
  repair: partingVerb('repair'),
  sever: partingVerb('sever'),
  leader,
};
