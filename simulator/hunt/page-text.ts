/**
 * A script written out as a scenario page, whose transcript stands for nothing but the steps: what must hold are the
 * invariants. `judged.ts` plays such a page.
 */

import type { ClientSpec } from '../scenario/front-matter.ts';
import { escapeNames, type Template } from '../scenario/names.ts';
import { type Action, placeName, type TypedCommand } from '../scenario/scenario.ts';
import { type Choice, printChoices } from '../world/choices.ts';
import type { Verdict } from './judge.ts';
import type { Script } from './scene.ts';

export interface PageOptions {
  readonly title: string;
  readonly world: readonly Choice[];
  readonly verdict: Verdict;
  /** Why the invariant must hold. */
  readonly why: string;
  readonly replay: string;
}

export function pageText({ front, steps }: Script, { title, world, verdict, why, replay }: PageOptions): string {
  const named = new Set(steps.flatMap((it) => clientsOf(it)));
  const playing = front.clients.filter(({ name }) => named.has(name));
  // No page is without a client, even if nobody says anything.
  const clients = playing.length > 0 ? playing : front.clients.slice(0, 1);
  const lines = ['---', ...(front.cluster === 'default' ? [] : [`cluster: ${front.cluster}`])];
  lines.push('clients:', ...clients.map(clientLine), 'invariants: all');
  if (world.length > 0) lines.push(`choices: [${printChoices(world).replaceAll(' ', ', ')}]`);
  lines.push('---', `# ${title}`, '', sentence(verdict.what), '', sentence(`${verdict.invariant}: ${why}`), '');
  lines.push(`Found by a hunt: \`npm run replay -- ${replay}\``, '', '```odplab');
  let label = 0;
  for (const action of steps) {
    if (action.kind === 'advance') {
      lines.push(stepText(action));
    } else {
      label += 1;
      lines.push(`[s${label}] ${stepText(action)}`);
    }
  }
  lines.push('```', '');
  return lines.join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`.replaceAll(/\s*\n\s*/g, ' ');
}

function clientsOf(action: Action): string[] {
  if ('client' in action) {
    if (action.kind !== 'input' || action.command.kind !== 'statement') return [action.client];
    const named = action.command.sql.flatMap((it) =>
      typeof it !== 'string' && 'name' in it ? [it.name.split('.')[0]!] : [],
    );
    return [action.client, ...named];
  }
  if ('from' in action) {
    return [action.from, action.to].flatMap((it) => (it.kind === 'client' ? [it.name] : []));
  }
  return [];
}

function clientLine({ name, user, database, dialect, readTimeout }: ClientSpec): string {
  if (database === null && dialect === 'obclient' && readTimeout === null) return `  ${name}: ${user}`;
  const rest = [`login: ${user}`];
  if (database !== null) rest.push(`database: ${database}`);
  if (dialect !== 'obclient') rest.push(`dialect: ${dialect}`);
  if (readTimeout !== null) rest.push(`read_timeout: ${durationText(readTimeout)}`);
  return `  ${name}: { ${rest.join(', ')} }`;
}

/** One step as it is typed. */
export function stepText(action: Action): string {
  switch (action.kind) {
    case 'input':
      return `${action.client}> ${typed(action.command)}`;
    case 'completed':
      return `${action.client}> <… completed>`;
    case 'advance':
      return `! advance ${durationText(action.milliseconds)}`;
    case 'open':
    case 'login':
    case 'close':
    case 'half-close':
    case 'reset':
    case 'stall':
    case 'read':
      return `! ${action.kind} ${action.client}`;
    case 'jump':
      return `! jump ${action.client} ${durationText(action.milliseconds)}`;
    case 'hold':
      return `! hold ${placeName(action.from)} -> ${placeName(action.to)}${action.after > 0 ? ` after ${action.after} ${action.unit}` : ''}`;
    case 'release':
      return `! release ${placeName(action.from)} -> ${placeName(action.to)}`;
    case 'partition':
    case 'repair':
    case 'sever':
      return `! ${action.kind} ${placeName(action.from)} ${placeName(action.to)}`;
    case 'crash':
    case 'stop':
    case 'restart':
      return `! ${action.kind} observer ${action.observer}`;
    case 'restart proxy':
      return '! restart proxy';
    case 'fail':
      return `! fail observer ${action.observer}${action.place === 'login' ? ' login' : ''} with ${action.fault} ${action.times} times`;
    case 'leader': {
      const { tenant, database, table } = action.table;
      return `! leader ${tenant}.${database}.${table} observer ${action.observer}`;
    }
    case 'needs':
      return `! needs ${action.what.join(', ')}`;
  }
}

const SECOND = 1000;

function durationText(milliseconds: number): string {
  return milliseconds % SECOND === 0 ? `${milliseconds / SECOND}s` : `${milliseconds}ms`;
}

function typed(command: TypedCommand): string {
  switch (command.kind) {
    case 'statement':
      return `${templateText(command.sql)}${command.form === 'vertical' ? '\\G' : ';'}`;
    case 'use':
      return `use ${templateText(command.database)}`;
    case 'raw':
      return `\\raw ${command.payload.toString('hex')}`;
    case 'interrupt':
      return '^C';
    case 'ping':
    case 'flags':
      return `\\${command.kind}`;
    default:
      return command.kind;
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
