/** All groups, in the order in which the issue names them. A new one is a file in `groups/` and a line here. */

import type { Group } from './group.ts';
import { AGGREGATES } from './groups/aggregates.ts';
import { AUTO_INCREMENT } from './groups/auto-increment.ts';
import { BYTES } from './groups/bytes.ts';
import { CHANGES } from './groups/changes.ts';
import { COLLATIONS } from './groups/collations.ts';
import { DATABASES } from './groups/databases.ts';
import { DATES } from './groups/dates.ts';
import { EXPRESSIONS } from './groups/expressions.ts';
import { FUNCTIONS } from './groups/functions.ts';
import { INDEXES } from './groups/indexes.ts';
import { INSERT } from './groups/insert.ts';
import { JOINS } from './groups/joins.ts';
import { MODES } from './groups/modes.ts';
import { ORDER } from './groups/order.ts';
import { QUERIES } from './groups/queries.ts';
import { REPLACE } from './groups/replace.ts';
import { START_UP } from './groups/start-up.ts';
import { TABLES } from './groups/tables.ts';
import { TEXTS } from './groups/texts.ts';
import { TYPES } from './groups/types.ts';
import { WHERE } from './groups/where.ts';

export const GROUPS: readonly Group[] = [
  TABLES,
  INDEXES,
  DATABASES,
  INSERT,
  AUTO_INCREMENT,
  REPLACE,
  WHERE,
  EXPRESSIONS,
  FUNCTIONS,
  DATES,
  ORDER,
  AGGREGATES,
  JOINS,
  QUERIES,
  CHANGES,
  TYPES,
  START_UP,
  MODES,
  COLLATIONS,
  BYTES,
  TEXTS,
];
