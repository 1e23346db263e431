/**
 * The grammar of SHOW.
 *
 * Subjects that this simulation has nothing to say about are answered with their columns and no row; those that an
 * observer knows and that would need rows are refused as not supported.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { parseLimit } from './select.ts';
import { parseTableName } from './sources.ts';
import type { ShowFilter, ShowSubject, Statement, TableName, VariableScope } from './syntax.ts';
import { objectRefusal } from './unbuilt.ts';

const SCOPES: Readonly<Record<string, VariableScope>> = { SESSION: 'session', LOCAL: 'session', GLOBAL: 'global' };
const TRIGGER_COLUMNS: readonly string[] = [
  ...'Trigger Event Table Statement Timing Created sql_mode Definer character_set_client collation_connection'.split(
    ' ',
  ),
  'Database Collation',
];
const ROUTINE_COLUMNS: readonly string[] = [
  ...'Db Name Type Definer Modified Created Security_type Comment character_set_client collation_connection'.split(' '),
  'Database Collation',
];
const EVENT_COLUMNS: readonly string[] = 'Db Name Definer Time_zone Type Status'.split(' ');
const PLUGIN_COLUMNS: readonly string[] = ['Name', 'Status', 'Type', 'Library', 'License'];
const OPEN_COLUMNS: readonly string[] = ['Database', 'Table', 'In_use', 'Name_locked'];

type Rule = (from: Cursor, full: boolean, scope: VariableScope) => ShowSubject;

const SUBJECTS: Readonly<Record<string, Rule>> = {
  DATABASES: () => ({ kind: 'databases' }),
  SCHEMAS: () => ({ kind: 'databases' }),
  TABLES: (from, full) => ({ kind: 'tables', database: fromDatabase(from), full }),
  COLUMNS: columns,
  FIELDS: columns,
  INDEX: indexes,
  INDEXES: indexes,
  KEYS: indexes,
  TABLE: tableStatus,
  VARIABLES: (_from, _full, scope) => ({ kind: 'variables', scope }),
  STATUS: () => ({ kind: 'status' }),
  COLLATION: () => ({ kind: 'collation' }),
  CHARACTER: characterSet,
  CHARSET: () => ({ kind: 'charset' }),
  ENGINES: () => ({ kind: 'engines' }),
  STORAGE: engines,
  PRIVILEGES: () => ({ kind: 'privileges' }),
  GRANTS: grants,
  PROCESSLIST: (_from, full) => ({ kind: 'processlist', full }),
  CREATE: create,
  WARNINGS: (from) => ({ kind: 'messages', errorsOnly: false, limit: parseLimit(from) }),
  ERRORS: (from) => ({ kind: 'messages', errorsOnly: true, limit: parseLimit(from) }),
  COUNT: countMessages,
  TRIGGERS: (from) => nothing(from, TRIGGER_COLUMNS),
  PROCEDURE: routines,
  FUNCTION: routines,
  EVENTS: (from) => nothing(from, EVENT_COLUMNS),
  PLUGINS: (from) => nothing(from, PLUGIN_COLUMNS),
  OPEN: openTables,
};

const UNBUILT: ReadonlySet<string> = new Set(
  'BINARY ENGINE MASTER PARAMETERS PROFILE PROFILES RECYCLEBIN SLAVE TENANT TRACE'.split(' '),
);

export function parseShow(from: Cursor): Statement {
  from.expect('SHOW');
  const full = from.accept('FULL');
  const scope = SCOPES[from.peek().upper];
  if (scope !== undefined) from.take();
  const word = from.peek().upper;
  const subject = SUBJECTS[word];
  if (subject === undefined) throw UNBUILT.has(word) ? refuse('NOT_SUPPORTED') : from.refusal();
  from.take();
  const read = subject(from, full, scope ?? 'session');
  return { kind: 'show', subject: read, filter: filter(from) };
}

function filter(from: Cursor): ShowFilter {
  if (from.accept('LIKE')) {
    if (from.peek().kind !== 'string') throw from.refusal();
    return { like: from.take().text, where: null };
  }
  if (from.accept('WHERE')) return { like: null, where: parseExpression(from) };
  return { like: null, where: null };
}

function fromDatabase(from: Cursor): string | null {
  return from.accept('FROM') || from.accept('IN') ? from.name() : null;
}

function columns(from: Cursor, full: boolean): ShowSubject {
  return { kind: 'columns', table: tableThere(from), full };
}

function indexes(from: Cursor): ShowSubject {
  return { kind: 'index', table: tableThere(from) };
}

function tableThere(from: Cursor): TableName {
  if (!from.accept('FROM')) from.expect('IN');
  const table = parseTableName(from, false);
  const database = fromDatabase(from);
  return database === null ? table : { ...table, database };
}

function tableStatus(from: Cursor): ShowSubject {
  from.expect('STATUS');
  return { kind: 'table status', database: fromDatabase(from) };
}

function characterSet(from: Cursor): ShowSubject {
  from.expect('SET');
  return { kind: 'charset' };
}

function engines(from: Cursor): ShowSubject {
  from.expect('ENGINES');
  return { kind: 'engines' };
}

function grants(from: Cursor): ShowSubject {
  if (from.accept('FOR')) {
    if (!from.accept('CURRENT_USER')) throw refuse('NOT_SUPPORTED_DETAIL', 'SHOW GRANTS FOR');
    if (from.acceptMark('(')) from.expectMark(')');
  }
  return { kind: 'grants' };
}

function create(from: Cursor): ShowSubject {
  if (from.accept('DATABASE') || from.accept('SCHEMA')) {
    from.accept('IF', 'NOT', 'EXISTS');
    return { kind: 'create database', name: from.name() };
  }
  if (!from.accept('TABLE')) throw objectRefusal(from);
  return { kind: 'create table', table: parseTableName(from, false) };
}

/** `SHOW COUNT(*) WARNINGS`. */
function countMessages(from: Cursor): ShowSubject {
  from.expectMark('(');
  from.expectMark('*');
  from.expectMark(')');
  const errorsOnly = from.accept('ERRORS');
  if (!errorsOnly) from.expect('WARNINGS');
  return { kind: 'count messages', errorsOnly };
}

function routines(from: Cursor): ShowSubject {
  from.expect('STATUS');
  return { kind: 'nothing', columns: ROUTINE_COLUMNS };
}

function openTables(from: Cursor): ShowSubject {
  from.expect('TABLES');
  return nothing(from, OPEN_COLUMNS);
}

function nothing(from: Cursor, names: readonly string[]): ShowSubject {
  fromDatabase(from);
  return { kind: 'nothing', columns: names };
}
