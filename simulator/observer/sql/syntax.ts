/**
 * What the parser makes of a text: statements and expressions, as plain data.
 *
 * Types only. Must never know how anything is executed.
 */
import type { ColumnSpec, IndexSpec } from '../../world/topology.ts';
import type { Value } from './value.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | 'DIV' | '&' | '|' | '^' | '<<' | '>>';
export type ComparisonOperator = '=' | '<=>' | '<>' | '<' | '<=' | '>' | '>=';
export type VariableScope = 'session' | 'global';

/** The character of LIKE … ESCAPE, or the number of the `?` that brings it. */
export type Escape = string | { readonly parameter: number };

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  /** A `?`, numbered from 0. */
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'column'; readonly table: string | null; readonly name: string; readonly database?: string }
  /** `DEFAULT` as a value, `DEFAULT(c)`. */
  | { readonly kind: 'default'; readonly column: string | null }
  /** `VALUES(c)` behind ON DUPLICATE KEY UPDATE. */
  | { readonly kind: 'proposed'; readonly column: string }
  | { readonly kind: 'cast'; readonly value: Expression; readonly to: CastTarget }
  /** Several values in brackets, to be compared with as many. */
  | { readonly kind: 'row'; readonly values: readonly Expression[] }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'inQuery'; readonly value: Expression; readonly query: Query; readonly negated: boolean }
  | { readonly kind: 'system'; readonly scope: VariableScope | null; readonly name: string }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'negate'; readonly value: Expression }
  | { readonly kind: 'invert'; readonly value: Expression }
  | { readonly kind: 'not'; readonly value: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'xor'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'isNull'; readonly value: Expression; readonly negated: boolean }
  | { readonly kind: 'isTruth'; readonly value: Expression; readonly truth: boolean; readonly negated: boolean }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[]; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly value: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly value: Expression;
      readonly pattern: Expression;
      readonly escape: Escape;
      readonly negated: boolean;
    }
  | { readonly kind: 'regexp'; readonly value: Expression; readonly pattern: Expression; readonly negated: boolean }
  | {
      readonly kind: 'case';
      readonly subject: Expression | null;
      readonly branches: readonly (readonly [when: Expression, then: Expression])[];
      readonly otherwise: Expression | null;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | Aggregate;

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly name: AggregateName;
  readonly distinct: boolean;
  /** None for `COUNT(*)`; more than one for `COUNT(DISTINCT a, b)` and GROUP_CONCAT. */
  readonly values: readonly Expression[];
  /** Of GROUP_CONCAT. */
  readonly orderBy: readonly OrderItem[];
  readonly separator: string;
}

export type AggregateName = 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG' | 'GROUP_CONCAT' | 'BIT_AND' | 'BIT_OR' | 'BIT_XOR';

export type CastName = 'SIGNED' | 'UNSIGNED' | 'CHAR' | 'BINARY' | 'DATE' | 'DATETIME' | 'TIME' | 'DECIMAL' | 'DOUBLE';

export interface CastTarget {
  readonly name: CastName;
  /** Null if not said. */
  readonly length: number | null;
  readonly scale: number;
}

/** One column of a SELECT's list; `name` is its alias or the text as typed. */
export type SelectItem =
  | { readonly kind: 'all'; readonly table: string | null }
  | { readonly kind: 'value'; readonly value: Expression; readonly name: string };

export interface TableName {
  readonly database: string | null;
  readonly name: string;
  readonly alias: string | null;
}

export type From =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'table'; readonly table: TableName }
  /** `TABLE(GENERATOR(n))`: n rows without columns. */
  | { readonly kind: 'generator'; readonly count: Expression }
  | { readonly kind: 'derived'; readonly query: Query; readonly alias: string }
  | Join;

export interface Join {
  readonly kind: 'join';
  readonly side: 'inner' | 'left' | 'right';
  readonly left: From;
  readonly right: From;
  readonly on: Expression | null;
  /** `USING (…)`, or `'natural'`: all columns of the same name. */
  readonly using: readonly string[] | 'natural' | null;
}

export interface OrderItem {
  readonly value: Expression;
  readonly descending: boolean;
}

export interface Limit {
  readonly offset: Expression | null;
  readonly count: Expression;
}

export interface Select {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: From;
  readonly where: Expression | null;
  readonly groupBy: readonly OrderItem[];
  readonly having: Expression | null;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | null;
  /** Null for a plain read. */
  readonly lock: RowLock | null;
}

/** FOR UPDATE and its like: the rows are locked. */
export interface RowLock {
  /** Of WAIT n, 0 for NOWAIT; null if it does not say. */
  readonly seconds: number | null;
  /** LOCK IN SHARE MODE, FOR SHARE: they will only be read. */
  readonly shares: boolean;
  /** SKIP LOCKED: rows that others hold are left out. */
  readonly skips: boolean;
}

export interface Union {
  readonly kind: 'union';
  readonly first: Query;
  /** Joined from left to right; `all` keeps rows that are there already. */
  readonly rest: readonly { readonly query: Query; readonly all: boolean }[];
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | null;
}

export type Query = Select | Union;

export type Change = readonly [column: string, value: Expression];

export type Assignment =
  | { readonly kind: 'system'; readonly scope: VariableScope; readonly name: string; readonly value: Expression | null }
  | { readonly kind: 'user'; readonly name: string; readonly value: Expression }
  /** `SET NAMES x [COLLATE y]`; null is DEFAULT. */
  | { readonly kind: 'names'; readonly charset: string | null; readonly collation: string | null };

export interface TransactionTraits {
  readonly scope: VariableScope | 'next';
  readonly isolation: string | null;
  readonly readOnly: boolean | null;
}

/** Which rows a SHOW keeps: of its first column (LIKE), or a condition on its columns (WHERE). */
export interface ShowFilter {
  readonly like: string | null;
  readonly where: Expression | null;
}

export type ShowSubject =
  | { readonly kind: 'databases' }
  | { readonly kind: 'tables'; readonly database: string | null; readonly full: boolean }
  | { readonly kind: 'columns'; readonly table: TableName; readonly full: boolean }
  | { readonly kind: 'index'; readonly table: TableName }
  | { readonly kind: 'table status'; readonly database: string | null }
  | { readonly kind: 'variables'; readonly scope: VariableScope }
  | { readonly kind: 'status' }
  | { readonly kind: 'collation' }
  | { readonly kind: 'charset' }
  | { readonly kind: 'engines' }
  | { readonly kind: 'privileges' }
  | { readonly kind: 'grants' }
  | { readonly kind: 'processlist'; readonly full: boolean }
  | { readonly kind: 'create table'; readonly table: TableName }
  | { readonly kind: 'create database'; readonly name: string }
  | { readonly kind: 'messages'; readonly errorsOnly: boolean; readonly limit: Limit | null }
  | { readonly kind: 'count messages'; readonly errorsOnly: boolean }
  /** Columns by name, and never a row. */
  | { readonly kind: 'nothing'; readonly columns: readonly string[] };

/** What ALTER SYSTEM does; servers are named by `ip:port`. */
export type SystemAction =
  | {
      readonly kind: 'switch leader';
      readonly stream: number;
      readonly server: string;
      /** Null: the session's own. */
      readonly tenant: string | null;
    }
  | { readonly kind: 'stop servers' | 'start servers'; readonly servers: readonly string[] };

/** One change of ALTER TABLE. */
export type Alteration =
  | { readonly kind: 'add column'; readonly column: ColumnSpec; readonly place: string | 'first' | null }
  | { readonly kind: 'drop column'; readonly name: string }
  | { readonly kind: 'change column'; readonly from: string; readonly column: ColumnSpec }
  | { readonly kind: 'rename column'; readonly from: string; readonly to: string }
  | { readonly kind: 'default'; readonly column: string; readonly to: string | null | undefined }
  | { readonly kind: 'add index'; readonly index: IndexSpec }
  | { readonly kind: 'drop index'; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'rename index'; readonly from: string; readonly to: string }
  | { readonly kind: 'rename'; readonly to: TableName }
  | { readonly kind: 'auto increment'; readonly next: bigint }
  /** Accepted, and without effect: foreign keys, checks, options. */
  | { readonly kind: 'nothing' };

export type Statement =
  | Select
  | Union
  | { readonly kind: 'alter system'; readonly action: SystemAction }
  | { readonly kind: 'set'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'set transaction'; readonly traits: TransactionTraits }
  /** `readOnly`: null if it does not say. */
  | { readonly kind: 'begin'; readonly readOnly: boolean | null }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'savepoint'; readonly name: string }
  | { readonly kind: 'rollback to'; readonly name: string }
  | { readonly kind: 'release'; readonly name: string }
  /** `PREPARE name FROM text`; the text is a literal or a user variable. */
  | { readonly kind: 'prepare'; readonly name: string; readonly text: Expression }
  | { readonly kind: 'execute'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'deallocate'; readonly name: string }
  | { readonly kind: 'use'; readonly database: string }
  | { readonly kind: 'show'; readonly subject: ShowSubject; readonly filter: ShowFilter }
  | { readonly kind: 'kill'; readonly what: 'query' | 'connection'; readonly id: Expression }
  | { readonly kind: 'do'; readonly values: readonly Expression[] }
  | {
      readonly kind: 'insert';
      readonly table: TableName;
      readonly columns: readonly string[] | null;
      readonly source: readonly (readonly Expression[])[] | Query;
      readonly onDuplicate: 'error' | 'ignore' | 'replace';
      /** ON DUPLICATE KEY UPDATE; null if it is not there. */
      readonly updates: readonly Change[] | null;
    }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly assignments: readonly Change[];
      readonly ignore: boolean;
      readonly where: Expression | null;
      readonly orderBy: readonly OrderItem[];
      readonly limit: Limit | null;
    }
  | {
      readonly kind: 'delete';
      readonly table: TableName;
      readonly where: Expression | null;
      readonly orderBy: readonly OrderItem[];
      readonly limit: Limit | null;
    }
  | { readonly kind: 'create database'; readonly name: string; readonly unlessExists: boolean }
  | { readonly kind: 'drop database'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'create table';
      readonly table: TableName;
      readonly columns: readonly ColumnSpec[];
      readonly indexes: readonly IndexSpec[];
      readonly comment: string;
      readonly autoIncrement: bigint | null;
      readonly unlessExists: boolean;
    }
  | {
      readonly kind: 'create table like';
      readonly table: TableName;
      readonly like: TableName;
      readonly unlessExists: boolean;
    }
  | { readonly kind: 'alter table'; readonly table: TableName; readonly changes: readonly Alteration[] }
  | {
      readonly kind: 'create index';
      readonly table: TableName;
      readonly index: IndexSpec;
      readonly unlessExists: boolean;
    }
  | { readonly kind: 'drop index'; readonly table: TableName; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'rename table'; readonly pairs: readonly (readonly [from: TableName, to: TableName])[] }
  | { readonly kind: 'drop table'; readonly tables: readonly TableName[]; readonly ifExists: boolean }
  | { readonly kind: 'truncate'; readonly table: TableName }
  /** Known to an observer, not yet to the simulated one. */
  | { readonly kind: 'unbuilt'; readonly what: string };

export type StatementKind = Statement['kind'];
