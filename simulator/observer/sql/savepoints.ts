/**
 * The grammar of SAVEPOINT, ROLLBACK TO and RELEASE.
 */
import type { Cursor } from './cursor.ts';
import type { Statement } from './syntax.ts';

export function parseSavepoint(from: Cursor): Statement {
  from.expect('SAVEPOINT');
  return { kind: 'savepoint', name: from.name() };
}

/** What comes behind ROLLBACK [WORK]. */
export function parseRollbackTo(from: Cursor): Statement {
  from.expect('TO');
  from.accept('SAVEPOINT');
  return { kind: 'rollback to', name: from.name() };
}

export function parseRelease(from: Cursor): Statement {
  from.expect('RELEASE', 'SAVEPOINT');
  return { kind: 'release', name: from.name() };
}
