/**
 * What is typed at a prompt of a page, with its names still in it: from a client's command and back, and its text.
 */
import type { ClientCommand } from '../client/input.ts';
import { escapeNames, fill, type Names, readTemplate, type Template } from './names.ts';

export type TypedCommand =
  | { readonly kind: 'statement'; readonly sql: Template; readonly form: 'table' | 'vertical' }
  | { readonly kind: 'use'; readonly database: Template }
  | { readonly kind: 'prepare'; readonly sql: Template }
  | { readonly kind: 'execute'; readonly values: readonly Template[] }
  | { readonly kind: 'change user'; readonly user: Template; readonly database: Template | null }
  | Exclude<ClientCommand, { readonly kind: 'statement' | 'use' | 'prepare' | 'execute' | 'change user' }>;

/** A command as it stands in the page: what looks like a name in it is one. */
export function typedCommand(command: ClientCommand): TypedCommand {
  switch (command.kind) {
    case 'statement':
      return { kind: 'statement', sql: readTemplate(command.sql), form: command.form };
    case 'use':
      return { kind: 'use', database: readTemplate(command.database) };
    case 'prepare':
      return { kind: 'prepare', sql: readTemplate(command.sql) };
    case 'execute':
      return { kind: 'execute', values: command.values.map(readTemplate) };
    case 'change user': {
      const { user, database } = command;
      return {
        kind: 'change user',
        user: readTemplate(user),
        database: database === null ? null : readTemplate(database),
      };
    }
    default:
      return command;
  }
}

/** The command with its names replaced. Throws a `NameError`. */
export function filledCommand(typed: TypedCommand, names: Names): ClientCommand {
  switch (typed.kind) {
    case 'statement':
      return { kind: 'statement', sql: fill(typed.sql, names), form: typed.form };
    case 'use':
      return { kind: 'use', database: fill(typed.database, names) };
    case 'prepare':
      return { kind: 'prepare', sql: fill(typed.sql, names) };
    case 'execute':
      return { kind: 'execute', values: typed.values.map((it) => fill(it, names)) };
    case 'change user': {
      const { user, database } = typed;
      return {
        kind: 'change user',
        user: fill(user, names),
        database: database === null ? null : fill(database, names),
      };
    }
    default:
      return typed;
  }
}

/** All texts in which names may stand. */
export function templatesOf(typed: TypedCommand): readonly Template[] {
  switch (typed.kind) {
    case 'statement':
    case 'prepare':
      return [typed.sql];
    case 'use':
      return [typed.database];
    case 'execute':
      return typed.values;
    case 'change user':
      return typed.database === null ? [typed.user] : [typed.user, typed.database];
    default:
      return [];
  }
}

/** As it is typed. */
export function typedText(typed: TypedCommand): string {
  switch (typed.kind) {
    case 'statement':
      return `${templateText(typed.sql)}${typed.form === 'vertical' ? '\\G' : ';'}`;
    case 'use':
      return `use ${templateText(typed.database)}`;
    case 'prepare':
      return `\\prepare ${templateText(typed.sql)}`;
    case 'execute':
      return `\\execute ${typed.values.map(templateText).join(', ')}`.trimEnd();
    case 'change user':
      return `\\change_user ${templatesOf(typed).map(templateText).join(' ')}`;
    case 'raw':
      return `\\raw ${typed.payload.toString('hex')}`;
    case 'interrupt':
      return '^C';
    case 'ping':
    case 'flags':
      return `\\${typed.kind}`;
    case 'close statement':
    case 'reset connection':
      return `\\${typed.kind.replace(' ', '_')}`;
    default:
      return typed.kind;
  }
}

function templateText(template: Template): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return escapeNames(part);
      if (part.kind === 'any') return '{_}';
      if (part.kind === 'new') return `{${part.name} != ${part.old}}`;
      return part.kind === 'int64' ? `{${part.name} as int64}` : `{${part.name}}`;
    })
    .join('');
}
