/**
 * Every row of a specification has a page that names it in `covers:`, and every name there is a row.
 */
import { expect, test } from 'vitest';
import { readPages } from './pages.ts';
import { ROWS } from './rows.ts';

const pages = readPages('scenarios');
const covered = new Map(pages.map((page) => [page.file, page.scenarios[0]!.front.covers]));

test.each(ROWS.filter((row) => row.out === undefined))('$id: $what', ({ id }) => {
  const by = [...covered].filter(([, covers]) => covers.includes(id)).map(([file]) => file);
  expect(by).not.toEqual([]);
});

test('no page claims a row that does not exist, or one that is out', () => {
  const known = new Set(ROWS.filter((row) => row.out === undefined).map((row) => row.id));
  const wrong = [...covered].flatMap(([file, covers]) =>
    covers.filter((id) => !known.has(id)).map((id) => `${file}: ${id}`),
  );
  expect(wrong).toEqual([]);
});
