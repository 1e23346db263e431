/**
 * Which client can do which of the jobs, as data: the tests run what stands here as done, and ask each client for the call
 * that is said to be missing. `../README.md` shows it.
 */

export const JOB_NAMES = [
  'log in',
  'DDL',
  'DML',
  'prepared',
  '100 MB result',
  'LOAD DATA LOCAL',
  'change user',
  'kill',
] as const;
export type JobName = (typeof JOB_NAMES)[number];

export const CLIENT_NAMES = [
  'mysql2',
  'mariadb connector',
  '`mariadb`',
  '`mariadb-dump`',
  '`sysbench`',
  'PyMySQL',
  'PHP mysqli',
  'PHP PDO',
  'Perl DBD::mysql',
  'Ruby mysql2',
  'Connector/J',
] as const;
export type ClientName = (typeof CLIENT_NAMES)[number];

/** What a client has no call for: by the name that the call has elsewhere, or would have. */
export interface Missing {
  readonly call: string;
}

export type Cell = 'does' | Missing;

function missing(call: string): Missing {
  return { call };
}

/** What is not here, a client does. */
const MISSING: Readonly<Record<ClientName, Readonly<Partial<Record<JobName, Missing>>>>> = {
  mysql2: {},
  'mariadb connector': {},
  // PREPARE is a statement, and stands among those of DML.
  '`mariadb`': { prepared: missing('prepare'), 'change user': missing('change_user') },
  // What it sends are SELECTs and SHOWs of its own; nobody can hand in another.
  '`mariadb-dump`': {
    DDL: missing('--execute'),
    DML: missing('--execute'),
    prepared: missing('--prepare'),
    'LOAD DATA LOCAL': missing('--local'),
    'change user': missing('--change-user'),
  },
  '`sysbench`': { 'change user': missing('change_user') },
  // It writes the values into the text.
  PyMySQL: { prepared: missing('prepare'), 'change user': missing('change_user') },
  'PHP mysqli': {},
  'PHP PDO': { 'change user': missing('changeUser') },
  'Perl DBD::mysql': { 'change user': missing('change_user') },
  'Ruby mysql2': { 'change user': missing('change_user') },
  'Connector/J': { 'change user': missing('changeUser') },
};

export function cell(client: ClientName, job: JobName): Cell {
  return MISSING[client][job] ?? 'does';
}

/** As Markdown. */
export function printedTable(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = CLIENT_NAMES.map((client) => line([client, ...JOB_NAMES.map((job) => printedCell(cell(client, job)))]));
  return [line(['', ...JOB_NAMES]), line(['', ...JOB_NAMES].map(() => '---')), ...rows].join('\n');
}

function printedCell(it: Cell): string {
  return it === 'does' ? '✓' : `no \`${it.call}\``;
}
