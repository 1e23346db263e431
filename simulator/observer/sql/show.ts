/**
 * The grammar of SHOW.
 *
 * Subjects that this simulation has nothing to say about are answered with their columns and no row; those that an
 * observer knows and that would need rows are refused as not supported.
 */
import { refuse } from '../refusal.ts';
import type { Cursor } from './cursor.ts';
import { parseExpression } from './expressions.ts';
import { parseLimit, parseTableName } from './select.ts';
import type { ShowFilter, ShowSubject, Statement, TableName, VariableScope } from './syntax.ts';

const SCOPES: Readonly<Record<string, VariableScope>> = { SESSION: 'session', LOCAL: 'session', GLOBAL: 'global' };
const MESSAGES: readonly string[] = ['Level', 'Code', 'Message'];

const SUBJECTS: Readonly<Record<string, (from: Cursor, full: boolean, scope: VariableScope) => ShowSubject>> = {
  DATABASES: databases,
  SCHEMAS: databases,
  TABLES: tables,
  COLUMNS: columns,
  FIELDS: columns,
  VARIABLES: variables,
  PROCESSLIST: processList,
  CREATE: createTable,
  WARNINGS: messages,
  ERRORS: messages,
  STATUS: status,
};

const UNBUILT: ReadonlySet<string> = new Set(
  'CHARACTER COLLATION COUNT ENGINE ENGINES EVENTS FUNCTION GRANTS INDEX INDEXES KEYS MASTER OPEN PARAMETERS PLUGINS PRIVILEGES PROCEDURE RECYCLEBIN SLAVE TABLE TENANT TRACE TRIGGERS'.split(
    ' ',
  ),
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

function databases(): ShowSubject {
  return { kind: 'databases' };
}

function tables(from: Cursor, full: boolean): ShowSubject {
  return { kind: 'tables', database: fromDatabase(from), full };
}

function columns(from: Cursor, full: boolean): ShowSubject {
  if (!from.accept('FROM')) from.expect('IN');
  const table = parseTableName(from, false);
  const database = fromDatabase(from);
  const found: TableName = database === null ? table : { ...table, database };
  return { kind: 'columns', table: found, full };
}

function variables(_from: Cursor, _full: boolean, scope: VariableScope): ShowSubject {
  return { kind: 'variables', scope };
}

function processList(_from: Cursor, full: boolean): ShowSubject {
  return { kind: 'processlist', full };
}

function createTable(from: Cursor): ShowSubject {
  if (!from.accept('TABLE')) throw refuse('NOT_SUPPORTED');
  return { kind: 'create table', table: parseTableName(from, false) };
}

function messages(from: Cursor): ShowSubject {
  parseLimit(from);
  return { kind: 'nothing', columns: MESSAGES };
}

function status(): ShowSubject {
  return { kind: 'nothing', columns: ['Variable_name', 'Value'] };
}
