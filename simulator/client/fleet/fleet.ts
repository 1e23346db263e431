/**
 * A fleet of clients: who they are, which drivers they use and what they do is drawn from a seed.
 *
 * The way in: `fleet(world, options)`, then `start`, and let the world run; `stop` sends everybody home. Same seed, same
 * world, same history.
 */
import type { Address } from '../../../proxy/ports.ts';
import { SeededChoices } from '../../world/choices.ts';
import type { DriverDialect } from '../driver/dialect.ts';
import type { DriverPorts } from '../driver/driver-client.ts';
import { driverNamed } from '../driver/drivers.ts';
import { BEHAVIOURS, type BehaviourName, type BehaviourSpec, type Role } from './behaviours.ts';
import { History } from './history.ts';
import { Ledger } from './ledger.ts';
import { keepsTransactions, Member, type Tally } from './member.ts';
import { people, SIZES, type Sizes } from './people.ts';

/** Where a fleet lives. */
export interface FleetWorld extends Omit<DriverPorts, 'choices'> {
  readonly target: Address;
}

/** One identity that a back end knows. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface FleetOptions {
  readonly size: number;
  /** Names of `drivers.ts`; each member gets one of them. */
  readonly dialects?: readonly string[];
  /** Dealt to the members in turn; supervisor and administrator are one each, the last members. */
  readonly behaviours?: readonly BehaviourName[];
  readonly seed: number;
  readonly sizes?: Sizes;
  /** How many times as long as usual the application thinks between two runs; a whole number, 1 unless said. */
  readonly ease?: number;
  readonly database?: string;
  /** Gets the history's lines, in portions. */
  readonly written?: (text: string) => void;
  /** In place of `LOGINS`. */
  readonly logins?: Partial<Readonly<Record<Role, Login>>>;
}

/** One of each kind of model. */
const DIALECTS = [
  'obclient',
  'mariadb CLI -skip',
  'MySQLdb',
  'PyMySQL',
  'mysqli',
  'mysql2 conn',
  'mysql2 pool',
  'mysql pool',
  'mariadb conn',
  'mariadb pool',
  'C/J',
  'C/J Hikari',
  'go DB',
  'ruby rc',
  'DBD::mysql ar=1',
];

/** Who a fleet logs in as before the ready topologies. */
const LOGINS: Readonly<Record<Role, Login>> = {
  application: { user: 'app@shop#obdemo', password: '' },
  supervisor: { user: 'boss@shop#obdemo', password: '' },
  administrator: { user: 'root@sys#obdemo', password: '' },
};

export interface FleetFacts {
  readonly statements: number;
  readonly errors: number;
  /** Live sessions that an administrator has ended, and sessions that were lost inside a transaction. */
  readonly kills: number;
  readonly lostInTransaction: number;
  readonly byError: Readonly<Record<string, number>>;
  /** Runs that did what they meant to, and that did not, by behaviour. */
  readonly done: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  readonly transfers: Readonly<Record<'committed' | 'undone' | 'unknown', number>>;
}

export function fleet(world: FleetWorld, options: FleetOptions): Fleet {
  return new Fleet(world, options);
}

export class Fleet {
  readonly history: History;
  readonly ledger = new Ledger();
  readonly members: readonly Member[];
  readonly #tally: Tally = {
    statements: 0,
    errors: 0,
    killed: new Set(),
    lostInTransaction: 0,
    byError: new Map(),
    done: new Map(),
    failed: new Map(),
  };

  constructor(world: FleetWorld, options: FleetOptions) {
    const choices = new SeededChoices(options.seed);
    const ports: DriverPorts = { network: world.network, clock: world.clock, sha1: world.sha1, choices };
    const start = world.clock.now();
    const { behaviours = Object.keys(BEHAVIOURS) as BehaviourName[], sizes = SIZES, database = 'bank' } = options;
    const dialects = (options.dialects ?? DIALECTS).map(driverNamed);
    const ordinary = behaviours.filter((name) => BEHAVIOURS[name].role === 'application');
    const special = behaviours.filter((name) => BEHAVIOURS[name].role !== 'application');
    const logins = { ...LOGINS, ...options.logins };
    const firstSpecial = options.size - special.length;
    const history = new History(world.sha1, options.written);
    const { ledger } = this;
    this.history = history;
    this.members = people(choices, start, options.size).map((person, index) => {
      const name = special[index - firstSpecial] ?? ordinary[index % ordinary.length];
      if (name === undefined) throw new Error('a fleet without a behaviour');
      const behaviour: BehaviourSpec = BEHAVIOURS[name];
      const fit = behaviour.transactions ? dialects.filter(keepsTransactions) : dialects;
      if (fit.length === 0)
        throw new Error(`${name} needs a driver that does not reconnect in the middle of a transaction`);
      const dialect: DriverDialect = fit[choices.choose('fleet.dialect', fit.length)]!;
      const plain = behaviour.role === 'application';
      const ease = plain ? (options.ease ?? 1) : 1;
      const where = { target: world.target, ...logins[behaviour.role], database: plain ? database : null };
      return new Member(
        { person, name, behaviour, dialect, ...where, sizes, history, ledger, ease, start },
        ports,
        this.#tally,
      );
    });
  }

  start(): void {
    for (const member of this.members) member.start();
  }

  /** Everybody goes home at once; what is asked stays unanswered. */
  stop(): void {
    for (const member of this.members) member.stop();
  }

  /** What has happened so far, in numbers. */
  facts(): FleetFacts {
    const { statements, errors, killed, lostInTransaction, byError, done, failed } = this.#tally;
    return {
      statements,
      errors,
      kills: killed.size,
      lostInTransaction,
      byError: Object.fromEntries(byError),
      done: Object.fromEntries(done),
      failed: Object.fromEntries(failed),
      transfers: {
        committed: this.ledger.count('committed'),
        undone: this.ledger.count('undone'),
        unknown: this.ledger.count('unknown'),
      },
    };
  }
}
