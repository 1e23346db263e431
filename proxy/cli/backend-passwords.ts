/**
 * Passwords of users of a MySQL server, from a file or the environment: lines `user=password`, `#` before a comment.
 *
 * Never from the command line, where everybody on the machine could read them.
 */
import { readFileSync } from 'node:fs';
import { UsageError } from './flags.ts';

export const PASSWORDS_VARIABLE = 'ODPLAB_BACKEND_PASSWORDS';

/** `file` null: none was named. Of a user who is in both the file counts. Undefined: there are no passwords. */
export function backendPasswords(
  file: string | null,
  environment: string | undefined,
): ReadonlyMap<string, string> | undefined {
  const passwords = new Map<string, string>();
  if (environment !== undefined) readLines(environment, PASSWORDS_VARIABLE, passwords);
  if (file !== null) readLines(textOf(file), file, passwords);
  return passwords.size === 0 ? undefined : passwords;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : code;
    throw new UsageError(`--backend-passwords ${file}: ${why}; it has lines user=password`);
  }
}

function readLines(text: string, where: string, into: Map<string, string>): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    // The line itself is not told: it may be a password.
    if (equals < 1) throw new UsageError(`${where}, line ${index + 1}: a line is user=password`);
    into.set(line.slice(0, equals), line.slice(equals + 1));
  }
}
