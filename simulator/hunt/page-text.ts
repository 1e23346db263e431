/**
 * A script written out as a scenario page, whose transcript stands for nothing but the steps: what must hold are the
 * invariants. `judged.ts` plays such a page.
 */

import type { ClientSpec } from '../scenario/front-matter.ts';
import { namesIn } from '../scenario/names.ts';
import type { NeedName } from '../scenario/need-names.ts';
import { type Action, placeName } from '../scenario/scenario.ts';
import { templatesOf, typedText } from '../scenario/typed.ts';
import { type Choice, printChoices } from '../world/choices.ts';
import type { Verdict } from './judge.ts';
import type { Script } from './scene.ts';

export interface PageOptions {
  readonly title: string;
  readonly world: readonly Choice[];
  readonly needs: readonly NeedName[];
  readonly verdict: Verdict;
  /** Why the invariant must hold. */
  readonly why: string;
  readonly replay: string;
}

export function pageText({ front, steps }: Script, { title, world, needs, verdict, why, replay }: PageOptions): string {
  const named = new Set(steps.flatMap((it) => clientsOf(it)));
  const playing = front.clients.filter(({ name }) => named.has(name));
  // No page is without a client, even if nobody says anything.
  const clients = playing.length > 0 ? playing : front.clients.slice(0, 1);
  const lines = ['---', ...(front.cluster === 'default' ? [] : [`cluster: ${front.cluster}`])];
  lines.push('clients:', ...clients.map(clientLine), 'invariants: all');
  if (needs.length > 0) lines.push(`needs: [${needs.join(', ')}]`);
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

/** As a line of prose. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`.replaceAll(/\s*\n\s*/g, ' ');
}

function clientsOf(action: Action): string[] {
  if ('client' in action) {
    if (action.kind !== 'input') return [action.client];
    const named = templatesOf(action.command).flatMap(namesIn);
    return [action.client, ...named.map((it) => it.split('.')[0]!)];
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
      return `${action.client}> ${typedText(action.command)}`;
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
