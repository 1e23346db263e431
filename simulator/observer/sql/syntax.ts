/**
 * What the parser makes of a text: statements and expressions, as plain data.
 *
 * Types only. Must never know how anything is executed.
 */
import type { ColumnSpec } from '../../world/topology.ts';
import type { Value } from './value.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | 'DIV' | '&' | '|' | '^' | '<<' | '>>';
export type ComparisonOperator = '=' | '<=>' | '<>' | '<' | '<=' | '>' | '>=';
export type VariableScope = 'session' | 'global';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  /** A `?` of a prepared statement, counted from 0. */
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'column'; readonly table: string | null; readonly name: string }
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
  | { readonly kind: 'like'; readonly value: Expression; readonly pattern: Expression; readonly negated: boolean }
  | {
      readonly kind: 'case';
      readonly subject: Expression | null;
      readonly branches: readonly (readonly [when: Expression, then: Expression])[];
      readonly otherwise: Expression | null;
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | {
      readonly kind: 'aggregate';
      readonly name: AggregateName;
      readonly distinct: boolean;
      /** Null for `COUNT(*)`. */
      readonly value: Expression | null;
    };

export type AggregateName = 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG';

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
  | { readonly kind: 'generator'; readonly count: Expression };

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
  readonly orderBy: readonly OrderItem[];
  readonly limit: Limit | null;
  readonly forUpdate: boolean;
  /** Seconds of `FOR UPDATE WAIT n`, 0 for NOWAIT; null if it does not say. */
  readonly wait: number | null;
}

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
  | { readonly kind: 'variables'; readonly scope: VariableScope }
  | { readonly kind: 'processlist'; readonly full: boolean }
  | { readonly kind: 'create table'; readonly table: TableName }
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

export type Statement =
  | Select
  | { readonly kind: 'alter system'; readonly action: SystemAction }
  | { readonly kind: 'set'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'set transaction'; readonly traits: TransactionTraits }
  | { readonly kind: 'begin'; readonly readOnly: boolean }
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
      /** Null stands for DEFAULT. */
      readonly rows: readonly (readonly (Expression | null)[])[];
      readonly onDuplicate: 'error' | 'ignore' | 'replace';
    }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly assignments: readonly (readonly [column: string, value: Expression])[];
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
      readonly unlessExists: boolean;
    }
  | { readonly kind: 'drop table'; readonly tables: readonly TableName[]; readonly ifExists: boolean }
  | { readonly kind: 'truncate'; readonly table: TableName }
  /** Known to an observer, not yet to the simulated one. */
  | { readonly kind: 'unbuilt'; readonly what: string };

export type StatementKind = Statement['kind'];
