/** Binary strings: what functions and comparisons make of bytes. */
import type { Group } from '../group.ts';

export const BYTES: Group = {
  name: 'binary strings',
  statements: [
    'CREATE TABLE b (id INT PRIMARY KEY, v VARBINARY(20), l BLOB, t VARCHAR(20))',
    "INSERT INTO b VALUES (1, x'ff00fe41', x'fffefd', 'text'), (2, 'abC', 'Abc', 'abc'), (3, x'', NULL, 'é')",
    'SELECT id, HEX(v), HEX(l), LENGTH(v), CHAR_LENGTH(l) FROM b ORDER BY id',
    'SELECT HEX(SUBSTRING(v, 1, 1)), HEX(SUBSTRING(v, 2)), HEX(SUBSTRING(v, -2, 1)), HEX(SUBSTRING(l, 3, 9)) FROM b ORDER BY id',
    'SELECT SUBSTRING(v, 1, 1), LEFT(l, 1) FROM b WHERE id = 1',
    'SELECT HEX(LEFT(v, 2)), HEX(RIGHT(v, 2)), HEX(REVERSE(v)), HEX(REVERSE(l)) FROM b ORDER BY id',
    "SELECT HEX(CONCAT(v, 'x')), HEX(CONCAT(t, l)), HEX(CONCAT_WS('-', v, l)) FROM b ORDER BY id",
    "SELECT HEX(REPLACE(v, x'00', 'zz')), HEX(REPEAT(l, 2)), HEX(INSERT(v, 2, 1, 'Q')) FROM b ORDER BY id",
    "SELECT HEX(LPAD(v, 6, x'ee')), HEX(RPAD(l, 5, 'e')), HEX(TRIM(x'20ff20')), HEX(UPPER(v)) FROM b ORDER BY id",
    "SELECT LOCATE('c', v), LOCATE('C', v), INSTR(v, x'fe'), LOCATE('C', t) FROM b ORDER BY id",
    'SELECT ASCII(v), ORD(v), ORD(t), BIT_LENGTH(l) FROM b ORDER BY id',
    "SELECT x'ff' = x'fe', x'ff' > x'fe', BINARY 'a' = 'A', x'41' = 'A', x'41' = 'a'",
    "SELECT id FROM b WHERE v = 'abC'",
    "SELECT id FROM b WHERE v = 'abc'",
    "SELECT id FROM b WHERE l > x'fffe' ORDER BY id",
    "SELECT id FROM b WHERE v LIKE 'ab%'",
    "SELECT id FROM b WHERE v LIKE 'AB%'",
    'SELECT COUNT(DISTINCT v), COUNT(DISTINCT l) FROM b',
    'SELECT HEX(MIN(v)), HEX(MAX(l)) FROM b',
    'SELECT id FROM b ORDER BY v DESC',
    'SELECT SUBSTRING(t, 1, 1), LEFT(t, 1), REVERSE(t), CONCAT(t, 1) FROM b ORDER BY id',
    "SELECT HEX(SUBSTRING_INDEX(x'ff2cfe', ',', 1)), HEX(SUBSTRING_INDEX(x'ff2cfe', ',', -1))",
  ],
};
