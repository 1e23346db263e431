/**
 * ONLY_FULL_GROUP_BY: no query asks for a column that has several values in a group.
 *
 * A column has one value if it is grouped by, or depends on columns that are: by a condition that makes it equal to a
 * constant or to such a column, or because these are a key of its table (MySQL 5.7, "Detection of Functional
 * Dependence"). Must not know how groups are made.
 */
import type { Key } from './indexes.ts';
import type { NamedSource, Names } from './names.ts';
import { refuse } from './refusal.ts';
import type { Expression, From, Select } from './sql/syntax.ts';

type ColumnName = Expression & { readonly kind: 'column' };

/** A `Refusal` 1055, or 1140 where there is no GROUP BY. `aliases`: the select list by its names. */
export function checkFullGroupBy(select: Select, names: Names): void {
  new GroupCheck(select, names).run();
}

class GroupCheck {
  readonly #select: Select;
  readonly #names: Names;
  readonly #listed: readonly (readonly [name: string, value: Expression])[];
  /** Places of columns that have one value in a group. */
  readonly #fixed = new Set<number>();
  /** Whole expressions that are grouped by. */
  readonly #grouped = new Set<string>();

  constructor(select: Select, names: Names) {
    this.#select = select;
    this.#names = names;
    this.#listed = select.items.flatMap((it) =>
      it.kind === 'value' ? [[it.name.toLowerCase(), it.value] as const] : [],
    );
  }

  run(): void {
    const { groupBy, items, having, orderBy } = this.#select;
    for (const { value } of groupBy) this.#group(this.#meant(value));
    this.#spread();
    for (const [index, item] of items.entries()) {
      if (item.kind === 'value') this.#check(item.value, index);
      else this.#checkAll(item.table, index);
    }
    if (having !== null) this.#check(having, 0);
    // Without GROUP BY there is one row, and nothing to be ordered.
    if (groupBy.length > 0) for (const { value } of orderBy) this.#check(this.#meant(value), 0);
  }

  /** A number stands for a column of the list, and so may a name. */
  #meant(it: Expression): Expression {
    if (it.kind === 'literal' && typeof it.value === 'bigint') {
      const item = this.#select.items[Number(it.value) - 1];
      return item?.kind === 'value' ? item.value : it;
    }
    return it.kind === 'column' && this.#place(it) === null ? (this.#aliased(it) ?? it) : it;
  }

  #aliased(it: ColumnName): Expression | null {
    if (it.table !== null) return null;
    return this.#listed.find(([name]) => name === it.name.toLowerCase())?.[1] ?? null;
  }

  #place(it: ColumnName): number | null {
    return this.#names.find(it, 'field list')?.column.place ?? null;
  }

  #group(it: Expression): void {
    const place = it.kind === 'column' ? this.#place(it) : null;
    if (place !== null) this.#fixed.add(place);
    else this.#grouped.add(this.#key(it));
  }

  /** Until nothing more follows from what is fixed. */
  #spread(): void {
    const conditions = [...equalities(this.#select.where), ...joined(this.#select.from)];
    for (let before = -1; before !== this.#fixed.size; ) {
      before = this.#fixed.size;
      for (const [left, right] of conditions) {
        this.#fix(left, right);
        this.#fix(right, left);
      }
      for (const source of this.#names.sources) {
        if (this.#isDetermined(source)) for (const { place } of source.columns) this.#fixed.add(place);
      }
    }
  }

  /** A column that equals a constant, or a column that is fixed. */
  #fix(column: Expression, other: Expression): void {
    if (column.kind !== 'column') return;
    const place = this.#place(column);
    if (place === null) return;
    const from = other.kind === 'column' ? this.#place(other) : null;
    const isConstant = other.kind === 'literal' || other.kind === 'parameter';
    if (isConstant || (from !== null && this.#fixed.has(from))) this.#fixed.add(place);
  }

  #isDetermined({ table, columns }: NamedSource): boolean {
    if (table === null || columns.length === 0) return false;
    const start = columns[0]!.place;
    const isFixed = (key: Key): boolean => key.columns.every((index) => this.#fixed.has(start + index));
    if (table.primary !== null && isFixed(table.primary)) return true;
    return table.secondary.keys.some(
      (key) => key.unique && key.columns.every((index) => table.columns[index]!.notNull === true) && isFixed(key),
    );
  }

  #checkAll(called: string | null, index: number): void {
    for (const source of this.#names.sources) {
      if (called !== null && source.called.toLowerCase() !== called.toLowerCase()) continue;
      for (const { name, place } of source.columns)
        if (!this.#fixed.has(place)) throw this.#refusal(name, source, index);
    }
  }

  #check(it: Expression, index: number): void {
    if (it.kind === 'aggregate' || (this.#grouped.size > 0 && this.#grouped.has(this.#key(it)))) return;
    if (it.kind === 'call' && it.name === 'ANY_VALUE') return;
    if (it.kind !== 'column') {
      for (const part of partsOf(it)) this.#check(part, index);
      return;
    }
    const found = this.#names.find(it, 'field list');
    if (found === null) {
      const meant = this.#aliased(it);
      // In HAVING and ORDER BY the name of a column of the list; else a column of a query around.
      if (meant !== null && meant !== it && meant.kind !== 'column') this.#check(meant, index);
      return;
    }
    if (!this.#fixed.has(found.column.place)) throw this.#refusal(found.column.name, found.source, index);
  }

  #refusal(column: string, { called, database }: NamedSource, index: number): Error {
    const whole = `${database === null ? '' : `${database}.`}${called}.${column}`;
    return this.#select.groupBy.length > 0
      ? refuse('NOT_GROUPED', whole)
      : refuse('NOT_GROUPED_AT_ALL', index + 1, whole);
  }

  /** A text that is the same for expressions that mean the same. */
  #key(it: Expression): string {
    return JSON.stringify(it, (_, value: unknown) => {
      if (typeof value === 'bigint') return `${value}n`;
      if (!isExpression(value) || value.kind !== 'column') return value;
      return { place: this.#place(value) ?? value.name.toLowerCase() };
    });
  }
}

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

/** The expressions inside one; queries keep theirs to themselves. */
function partsOf(it: Expression): Expression[] {
  return Object.values(it).flatMap((part: unknown) => expressionsIn(part));
}

function expressionsIn(part: unknown): Expression[] {
  if (Array.isArray(part)) return part.flatMap((one: unknown) => expressionsIn(one));
  return isExpression(part) && part.kind !== ('select' as string) && part.kind !== ('union' as string) ? [part] : [];
}

type Equality = readonly [Expression, Expression];

function equalities(it: Expression | null): readonly Equality[] {
  if (it?.kind === 'and') return [...equalities(it.left), ...equalities(it.right)];
  return it?.kind === 'compare' && it.operator === '=' ? [[it.left, it.right]] : [];
}

function joined(from: From): readonly Equality[] {
  return from.kind === 'join' ? [...equalities(from.on), ...joined(from.left), ...joined(from.right)] : [];
}
