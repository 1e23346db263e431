/** FLOAT and DOUBLE: kept as they are, written in as many digits as their columns show. */
import { describe, expect, it } from 'vitest';
import { TYPE } from '../../proxy/wire/constants.ts';
import { execute, prepare } from './binary.ts';
import { Lab, type TestClient } from './pair.ts';

function client(): TestClient {
  const made = new Lab().login({ user: 'app@shop', database: 'bank' });
  made.query('CREATE TABLE n (id INT PRIMARY KEY, f FLOAT, d DOUBLE, m DOUBLE(7,3), t VARCHAR(30))');
  made.query('INSERT INTO n VALUES (1, 3.14159274, 1e0 / 3, 1, NULL), (2, 16777216, 0.5, 2.5, NULL)');
  return made;
}

describe('a FLOAT', () => {
  it('is six digits in text and all of them in binary', () => {
    const made = client();
    expect(made.query('SELECT f FROM n ORDER BY id').rows).toEqual([['3.14159'], ['16777200']]);
    const { rows, columns } = execute(made, prepare(made, 'SELECT f FROM n ORDER BY id').id);
    expect(columns.map((it) => it.type)).toEqual([TYPE.FLOAT]);
    expect(rows).toEqual([['3.1415927410125732'], ['16777216']]);
  });

  it('is counted, compared and stored as the double that it is', () => {
    const made = client();
    expect(made.query('SELECT f + 0, f = 3.14159, ABS(f), SUM(f) FROM n WHERE id = 1').rows).toEqual([
      ['3.1415927410125732', '0', '3.1415927410125732', '3.1415927410125732'],
    ]);
    made.query('UPDATE n SET t = f');
    expect(made.query('SELECT t FROM n WHERE id = 2').rows).toEqual([['16777216']]);
  });

  it('is six digits where its text is wanted, out of a derived table too', () => {
    const made = client();
    expect(made.query('SELECT CONCAT(x.f), CAST(x.f AS CHAR), x.f FROM (SELECT MAX(f) AS f FROM n) x').rows).toEqual([
      ['16777200', '16777200', '16777200'],
    ]);
  });
});

describe('a double with a fixed count of digits', () => {
  it('shows them in text', () => {
    const made = client();
    expect(made.query('SELECT m, m + 1, m / 3, SUM(m), ROUND(d, 2), CONCAT(m) FROM n WHERE id = 1').rows).toEqual([
      ['1.000', '2.000', '0.3333333', '1.000', '0.33', '1.000'],
    ]);
    expect(made.query('SELECT PI(), PI() + 0, d, m + d FROM n WHERE id = 1').rows).toEqual([
      ['3.141593', '3.141593', '0.3333333333333333', '1.3333333333333333'],
    ]);
  });

  it('is all of it in binary', () => {
    const made = client();
    const { rows } = execute(made, prepare(made, 'SELECT PI(), m / 3, ROUND(m, 1) FROM n WHERE id = 1').id);
    expect(rows).toEqual([['3.141592653589793', '0.3333333333333333', '1']]);
  });
});
