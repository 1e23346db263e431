/**
 * Names in a page: `{name}`, `{new != old}`, `{p as int64}`, `{_}`, and `\{` for a brace that is none.
 *
 * A template is a text cut into literal pieces and names. Filling one gives a statement, matching one against what was
 * printed binds names. Bindings are never changed in place, so that a comparison can go back on them.
 */

export type Part =
  | string
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'new'; readonly name: string; readonly old: string }
  | { readonly kind: 'int64'; readonly name: string }
  | { readonly kind: 'any' };

export type Template = readonly Part[];

/** What each name stands for. */
export type Names = ReadonlyMap<string, string>;

export const NO_NAMES: Names = new Map();

const TOKEN = /\\\{|\{_\}|\{([A-Za-z][A-Za-z0-9_]*(?:\.(?:cs|id|ss))?)(?: != ([A-Za-z][A-Za-z0-9_]*)| as (int64))?\}/g;

export function readTemplate(text: string): Template {
  if (!text.includes('{')) return text === '' ? [] : [text];
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    literal += text.slice(at, match.index);
    at = match.index + match[0].length;
    if (match[0] === '\\{') {
      literal += '{';
      continue;
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    const name = match[1];
    if (name === undefined) parts.push({ kind: 'any' });
    else if (match[2] !== undefined) parts.push({ kind: 'new', name, old: match[2] });
    else parts.push({ kind: match[3] === undefined ? 'name' : 'int64', name });
  }
  literal += text.slice(at);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** The text with what would be read as a name made literal. */
export function escapeNames(text: string): string {
  return text.replace(TOKEN, '\\$&');
}

/** A name was used that stands for nothing, or for something that cannot be read so. Its message is for the page's author. */
export class NameError extends Error {
  override name = 'NameError';
}

/** The template with its names replaced. Throws a `NameError`. */
export function fill(template: Template, names: Names): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : standsFor(part, names);
  return text;
}

function standsFor(part: Exclude<Part, string>, names: Names): string {
  if (part.kind === 'any') throw new NameError('`{_}` stands for nothing that could be sent');
  const value = names.get(part.name);
  if (value === undefined) throw new NameError(`{${part.name}} is not bound above`);
  if (part.kind !== 'int64') return value;
  const reading = signed(value);
  if (reading === null) throw new NameError(`{${part.name} as int64}: \`${value}\` is no whole number`);
  return reading;
}

/** The signed 64-bit reading of a whole number; null if it is none. */
export function signed(value: string): string | null {
  return /^-?\d{1,20}$/.test(value) ? String(BigInt.asIntN(64, BigInt(value))) : null;
}

/** Every name that the template mentions. */
export function namesIn(template: Template): string[] {
  if (template.length === 1 && typeof template[0] === 'string') return [];
  return template.flatMap((part) => {
    if (typeof part === 'string' || part.kind === 'any') return [];
    return part.kind === 'new' ? [part.name, part.old] : [part.name];
  });
}

/** The template with every name that is not bound made `{_}`: it fits wherever the template could with some binding. */
export function relax(template: Template, names: Names): Template {
  return template.map((part) => (isFree(part, names) ? ANY : part));
}

const ANY: Part = { kind: 'any' };

/** True for a name that stands for nothing yet. */
export function isFree(part: Part, names: Names): boolean {
  return typeof part !== 'string' && part.kind !== 'any' && !names.has(part.name);
}

/** The names when this part stands for this text; null if it cannot. */
export function bind(part: Exclude<Part, string>, text: string, names: Names): Names | null {
  if (part.kind === 'any') return names;
  const value = names.get(part.name);
  if (part.kind === 'int64') return value !== undefined && signed(value) === text ? names : null;
  if (part.kind === 'new' && names.get(part.old) === text) return null;
  if (value !== undefined) return value === text ? names : null;
  return new Map(names).set(part.name, text);
}
