/** The clients of the table: what each needs on the machine, and how it becomes a caller. `mariadb-dump` is none. */
import type { MatrixName } from '../matrix-clients.ts';
import { needsOf, type ProgramName, type Programs } from '../program-clients.ts';
import type { Caller, JobLogin, Variant } from './caller.ts';
import { openCommandLine } from './cli-caller.ts';
import { openMariadb, openMysql2 } from './node-callers.ts';
import { type Calls, openProgram, openSysbench } from './program-callers.ts';
import type { ClientName } from './table.ts';

export interface JobClient {
  readonly needs: readonly string[];
  /** Has the variant `reconnecting`. */
  readonly reconnects: boolean;
  /** A call that it has, by the name by which `Caller.has` asks for it. */
  readonly call: string;
  /** What clients.md calls it, and its variants. */
  readonly inSheet: readonly MatrixName[];
  open(login: JobLogin, variant: Variant, programs: Programs): Promise<Caller>;
}

function driver(call: string, calls: Calls, ...inSheet: readonly [ProgramName, ...ProgramName[]]): JobClient {
  const [name] = inSheet;
  return {
    needs: needsOf(name),
    reconnects: inSheet.length > 1,
    call,
    inSheet,
    open: (login, variant, programs) => openProgram(programs, name, calls, login, variant),
  };
}

export const CLIENTS: Readonly<Record<Exclude<ClientName, '`mariadb-dump`'>, JobClient>> = {
  mysql2: { needs: [], reconnects: false, call: 'changeUser', inSheet: ['mysql2 conn'], open: openMysql2 },
  'mariadb connector': {
    needs: [],
    reconnects: false,
    call: 'changeUser',
    inSheet: ['mariadb conn'],
    open: openMariadb,
  },
  '`mariadb`': {
    needs: ['mariadb', 'script'],
    reconnects: true,
    call: 'connect',
    inSheet: ['mariadb CLI -skip', 'mariadb CLI'],
    open: openCommandLine,
  },
  '`sysbench`': { needs: ['sysbench'], reconnects: false, call: 'bulk_insert_init', inSheet: [], open: openSysbench },
  PyMySQL: driver('ping', { execute: false, changeUser: false }, 'PyMySQL'),
  'PHP mysqli': driver('change_user', { execute: true, changeUser: true }, 'mysqli'),
  'PHP PDO': driver('prepare', { execute: true, changeUser: false }, 'PDO'),
  'Perl DBD::mysql': driver('prepare', { execute: true, changeUser: false }, 'DBD::mysql ar=0', 'DBD::mysql ar=1'),
  'Ruby mysql2': driver('prepare', { execute: true, changeUser: false }, 'ruby', 'ruby rc'),
  'Connector/J': driver('prepareStatement', { execute: true, changeUser: false }, 'C/J', 'C/J aR'),
};
