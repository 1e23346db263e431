/**
 * Who plays in a hunt: up to four applications with names from faker, an administrator, somebody with SUPER.
 */
import { faker } from '@faker-js/faker/locale/en';
import type { DialectName } from '../client/dialects.ts';
import type { ClientSpec } from '../scenario/front-matter.ts';

export interface Cast {
  readonly applications: readonly ClientSpec[];
  /** root of the cluster's sys tenant: may end every session. */
  readonly administrator: ClientSpec;
  /** SUPER in the applications' tenant. */
  readonly supervisor: ClientSpec;
}

export const MOST_APPLICATIONS = 4;
/** The applications' first names are neighbours among so many. */
export const NAMES = 32;
export const DIALECT_NAMES: readonly DialectName[] = ['obclient', 'mariadb', 'mysql'];

const NAME_SEED = 1;

/** Longer than whatever a run waits for: an application gives up when its clock jumps, and hides nobody's silence. */
const READ_TIMEOUT = 600_000;

let known: readonly string[] | null = null;

/** Made once in a process: faker costs 9 µs a name. */
function names(): readonly string[] {
  if (known !== null) return known;
  faker.seed(NAME_SEED);
  const found = new Set<string>();
  while (found.size < NAMES + MOST_APPLICATIONS) {
    const name = faker.person.firstName().toLowerCase();
    if (/^[a-z]{3,7}$/.test(name)) found.add(name);
  }
  known = [...found];
  return known;
}

function client(name: string, user: string, database: string | null, dialect: DialectName): ClientSpec {
  return {
    name,
    user,
    password: '',
    database,
    dialect,
    reconnect: true,
    tls: false,
    comesFrom: null,
    readTimeout: null,
  };
}

/** `first`: the first application's place among the names; `dialects`: a digit of base 3 for each application. */
export function castOf(applications: number, first: number, dialects: number): Cast {
  const made: ClientSpec[] = [];
  let rest = dialects;
  for (let i = 0; i < applications; i += 1) {
    const dialect = DIALECT_NAMES[rest % DIALECT_NAMES.length]!;
    made.push({ ...client(names()[first + i]!, 'app@shop#obdemo', 'bank', dialect), readTimeout: READ_TIMEOUT });
    rest = Math.floor(rest / DIALECT_NAMES.length);
  }
  return {
    applications: made,
    administrator: client('root', 'root@sys#obdemo', null, 'obclient'),
    supervisor: client('boss', 'boss@shop#obdemo', null, 'obclient'),
  };
}
