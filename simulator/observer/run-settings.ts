/**
 * SET: variables of the session, of the tenant and of the user; NAMES; the traits of transactions.
 *
 * All values of one SET are found before any of them takes effect, so that a wrong one leaves nothing half done.
 */

import { Binder } from './bind.ts';
import { collationByName, defaultCollation } from './charsets.ts';
import type { SessionContext } from './context.ts';
import type { House } from './house.ts';
import { Names } from './names.ts';
import { DONE, type Outcome } from './outcome.ts';
import { QueryPlanner } from './query-planner.ts';
import { refuse } from './refusal.ts';
import { frameFor } from './select-plan.ts';
import type { Assignment, Statement, VariableScope } from './sql/syntax.ts';
import type { Value } from './sql/value.ts';
import { isSuper } from './tenant.ts';
import { findVariable, settingOf, TWINS, type Variable, variable } from './variables.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** One change that is ready to be made. */
type Change =
  | { readonly kind: 'system'; readonly scope: VariableScope; readonly variable: Variable; readonly text: string }
  | { readonly kind: 'user'; readonly name: string; readonly value: Value };

const AUTOCOMMIT = variable('autocommit');
const TIME_ZONE = variable('time_zone');
const NAMES_CHARSETS = ['character_set_client', 'character_set_results', 'character_set_connection'].map(variable);
const COLLATION_CONNECTION = variable('collation_connection');
const CHARSET_CONNECTION = variable('character_set_connection');

export function runSet(it: Of<'set'>, context: SessionContext, house: House): Outcome {
  const binder = new Binder(context, new Names([], null), 'field list', new QueryPlanner(context, house));
  const changes: Change[] = [];
  for (const assignment of it.assignments) addChanges(assignment, binder, context, changes);
  for (const change of changes) apply(change, context);
  return DONE;
}

/** Finds its variables, for PREPARE: a `Refusal` if there is none of a name, or if it cannot be set. */
export function checkSet(it: Of<'set'>, context: SessionContext): void {
  for (const assignment of it.assignments) {
    if (assignment.kind === 'names') namesChanges(assignment.charset, assignment.collation);
    else if (assignment.kind !== 'user') checkAccess(findVariable(assignment.name), assignment.scope, context);
  }
}

function addChanges(it: Assignment, binder: Binder, context: SessionContext, into: Change[]): void {
  if (it.kind === 'names') {
    into.push(...namesChanges(it.charset, it.collation));
    return;
  }
  if (it.kind === 'user') {
    into.push({ kind: 'user', name: it.name, value: binder.bind(it.value).value(frameFor(context)) });
    return;
  }
  const found = findVariable(it.name);
  checkAccess(found, it.scope, context);
  const text =
    it.value === null
      ? defaultText(found, it.scope, context)
      : settingOf(found, binder.bind(it.value).value(frameFor(context)));
  if (found === TIME_ZONE && !isTimeZone(text)) throw refuse('UNKNOWN_TIME_ZONE', text);
  into.push({ kind: 'system', scope: it.scope, variable: found, text });
}

/** An offset, or the name of a zone; which zones there are is not known here. */
function isTimeZone(text: string): boolean {
  return /^[+-](?:0?\d|1[0-3]):[0-5]\d$|^\+14:00$|^(?:SYSTEM|UTC|GMT)$|^[A-Z]\w+\/\w+$/i.test(text);
}

/** SET x = DEFAULT: the global value for the session, the built-in one for the tenant. */
function defaultText(it: Variable, scope: VariableScope, context: SessionContext): string {
  return scope === 'session' ? context.identity.tenant.globals[it.index]! : it.initial;
}

function checkAccess(it: Variable, scope: VariableScope, context: SessionContext): void {
  if (it.access === 'readOnly') throw refuse('READ_ONLY_VARIABLE', it.name);
  if (scope === 'session') {
    if (it.access === 'global') throw refuse('GLOBAL_VARIABLE', it.name);
    return;
  }
  if (it.access === 'session') throw refuse('SESSION_VARIABLE', it.name);
  if (!isSuper(context.identity.user)) throw refuse('NO_PRIVILEGE', 'SUPER');
}

/** SET NAMES: three character sets and a collation. DEFAULT is utf8mb4. */
function namesChanges(charset: string | null, collation: string | null): Change[] {
  const wanted = charset ?? 'utf8mb4';
  const standard = defaultCollation(wanted);
  if (standard === null) throw refuse('UNKNOWN_CHARSET', wanted);
  const found = collation === null ? standard : collationByName(collation);
  if (found === null) throw refuse('UNKNOWN_COLLATION', collation!);
  if (found.charset !== standard.charset) throw refuse('COLLATION_MISMATCH', found.name, standard.charset);
  const changes: Change[] = NAMES_CHARSETS.map((it) => ({
    kind: 'system',
    scope: 'session',
    variable: it,
    text: standard.charset,
  }));
  changes.push({ kind: 'system', scope: 'session', variable: COLLATION_CONNECTION, text: found.name });
  return changes;
}

function apply(change: Change, context: SessionContext): void {
  if (change.kind === 'user') {
    context.variables.setUser(change.name, change.value);
    return;
  }
  const { variable: it, text } = change;
  if (change.scope === 'global') {
    setGlobal(it, text, context);
    return;
  }
  // Turning autocommit on commits what is open.
  if (it === AUTOCOMMIT && text === 'ON' && !context.autocommit) context.commit();
  context.variables.set(it, text);
  pairUp(it, text, context);
}

function setGlobal(it: Variable, text: string, context: SessionContext): void {
  const { tenant } = context.identity;
  tenant.setGlobal(it, text);
  const twin = TWINS[it.name];
  if (twin !== undefined) tenant.setGlobal(variable(twin), text);
}

/** The character set and the collation of the connection follow each other. */
function pairUp(it: Variable, text: string, context: SessionContext): void {
  if (it === COLLATION_CONNECTION) {
    const charset = collationByName(text)?.charset;
    if (charset !== undefined) context.variables.set(CHARSET_CONNECTION, charset);
  } else if (it === CHARSET_CONNECTION) {
    const current = collationByName(context.variables.text(COLLATION_CONNECTION));
    const standard = defaultCollation(text);
    if (standard !== null && current?.charset !== text) context.variables.set(COLLATION_CONNECTION, standard.name);
  }
}

const ISOLATION = variable('tx_isolation');
const READ_ONLY = variable('tx_read_only');

/**
 * SET SESSION | GLOBAL TRANSACTION sets variables. Without a scope it is for the next transaction only: READ ONLY counts,
 * every isolation level is read committed, and a proxy hears `ob_proxy_set_trx_executed` (observer.md §5).
 */
export function runSetTransaction({ traits }: Of<'set transaction'>, context: SessionContext): Outcome {
  const { scope } = traits;
  if (scope === 'next') {
    context.specifyTransaction(traits.readOnly);
    return DONE;
  }
  const changes: [Variable, string][] = [];
  if (traits.isolation !== null) changes.push([ISOLATION, traits.isolation]);
  if (traits.readOnly !== null) changes.push([READ_ONLY, traits.readOnly ? 'ON' : 'OFF']);
  for (const [it, text] of changes) {
    checkAccess(it, scope, context);
    if (scope === 'global') setGlobal(it, text, context);
    else context.variables.set(it, text);
  }
  return DONE;
}
