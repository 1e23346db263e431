/**
 * The grammar of ALTER SYSTEM, as far as it moves leaders: SWITCH REPLICA LEADER, STOP SERVER, START SERVER.
 *
 * `=` may be left out everywhere, as in OceanBase. Everything else behind ALTER SYSTEM is known and not built.
 */
import type { Cursor } from './cursor.ts';
import type { Statement } from './syntax.ts';

export function parseAlterSystem(from: Cursor): Statement {
  from.expect('ALTER', 'SYSTEM');
  if (from.accept('SWITCH', 'REPLICA', 'LEADER')) return parseSwitch(from);
  const stop = from.accept('STOP', 'SERVER');
  if (stop || from.accept('START', 'SERVER')) {
    const servers = [text(from)];
    while (from.acceptMark(',')) servers.push(text(from));
    return { kind: 'alter system', action: { kind: stop ? 'stop servers' : 'start servers', servers } };
  }
  while (!from.atEnd) {
    if (from.peek().kind === 'end') throw from.refusal();
    from.take();
  }
  return { kind: 'unbuilt', what: 'ALTER SYSTEM' };
}

/** `LS = 1001 SERVER = 'ip:2882' [TENANT = 'name']` */
function parseSwitch(from: Cursor): Statement {
  from.expect('LS');
  from.acceptMark('=');
  const stream = number(from);
  from.expect('SERVER');
  from.acceptMark('=');
  const server = text(from);
  let tenant: string | null = null;
  if (from.accept('TENANT')) {
    from.acceptMark('=');
    tenant = from.peek().kind === 'string' ? text(from) : from.name();
  }
  return { kind: 'alter system', action: { kind: 'switch leader', stream, server, tenant } };
}

function text(from: Cursor): string {
  if (from.peek().kind !== 'string') throw from.refusal();
  return from.take().text;
}

function number(from: Cursor): number {
  if (!/^\d{1,9}$/.test(from.peek().text)) throw from.refusal();
  return Number(from.take().text);
}
