/**
 * A few misbehaving servers on real sockets: their client is closed without an ERR or leaves by itself, a bystander on
 * another cluster of the same proxy notices nothing, and afterwards there is as much of everything as before.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loginBytes, queryBytes } from '../session/raw-client.ts';
import { errBytes, okBytes, rowsBytes } from '../session/scripted-observer.ts';
import { OBSERVER_LOGIN_OK } from '../wire/fixtures.ts';
import { type Attack, CLOSED, GREETED, hears, leaves, type Step, sends } from './attack.ts';
import { attack } from './attacker.ts';
import { header } from './bad-answers.ts';
import { BadStage } from './bad-observer.ts';
import { Bystander } from './bystander.ts';
import { Dice, replayLine, SEED } from './dice.ts';
import { LOOPBACK, SocketStage } from './socket-stage.ts';

const FILE = 'observer-on-sockets.test.ts';
/** So many clients meet each of the servers. */
const CLIENTS = 20;

/** What a server says at first, after the login, after the first statement; and how it goes then, if at all. */
interface Script {
  readonly says: readonly (Buffer | 'FIN' | 'RST')[];
}

/** Says the first part of its script when it is connected, and one more for each piece that it is sent. */
function listen({ says }: Script): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let next = 0;
    const speak = () => {
      say(socket, says[next]);
      next += 1;
      if (typeof says[next] === 'string') speak();
    };
    socket.on('data', speak);
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    speak();
  });
  return new Promise((resolve) => server.listen({ host: LOOPBACK, port: 0 }, () => resolve(server)));
}

function say(socket: Socket, what: Buffer | 'FIN' | 'RST' | undefined): void {
  if (what === 'FIN') socket.end();
  else if (what === 'RST') socket.resetAndDestroy();
  else if (what !== undefined && !socket.destroyed) socket.write(what);
}

const dice = new Dice(SEED);
const GREETING = new BadStage().server.greeting(0xc000_0007)!;
const ROWS = rowsBytes('a', ['x', 'y']);
const ARRIVES: readonly Step[] = [GREETED, sends(loginBytes('app@shop#bad'))];
const ASKS: readonly Step[] = [...ARRIVES, hears('OK'), sends(queryBytes('SELECT a'))];

const CASES: readonly (readonly [name: string, script: Script, steps: readonly Step[]])[] = [
  ['FIN at once', { says: ['FIN'] }, [...ARRIVES, CLOSED]],
  ['RST at once', { says: ['RST'] }, [...ARRIVES, CLOSED]],
  ['random bytes, FIN', { says: [dice.bytes(100), 'FIN'] }, [...ARRIVES, CLOSED]],
  ['half a greeting, RST', { says: [GREETING.subarray(0, 30), 'RST'] }, [...ARRIVES, CLOSED]],
  ['a length of 16 MiB', { says: [header(0xff_ffff, 0)] }, [...ARRIVES, CLOSED]],
  ['no greeting, and the client goes', { says: [] }, [...ARRIVES, leaves('FIN')]],
  ['the login answered with random bytes', { says: [GREETING, Buffer.from('\x03\0\0\x02abc')] }, [...ARRIVES, CLOSED]],
  ['the login answered with RST', { says: [GREETING, 'RST'] }, [...ARRIVES, CLOSED]],
  ['the login never answered, and the client goes', { says: [GREETING] }, [...ARRIVES, leaves('RST')]],
  ['half a result, FIN', { says: [GREETING, OBSERVER_LOGIN_OK, ROWS.subarray(0, 40), 'FIN'] }, [...ASKS, CLOSED]],
  [
    'half an ERR, RST',
    { says: [GREETING, OBSERVER_LOGIN_OK, errBytes(1, 'x').subarray(0, 9), 'RST'] },
    [...ASKS, CLOSED],
  ],
  [
    'too much behind an answer, RST',
    { says: [GREETING, OBSERVER_LOGIN_OK, Buffer.concat([ROWS, okBytes()])] },
    [...ASKS, hears('rows 2'), leaves('FIN')],
  ],
  [
    'a statement never answered, and the client goes',
    { says: [GREETING, OBSERVER_LOGIN_OK] },
    [...ASKS, { kind: 'rests', milliseconds: 5 }, leaves('close')],
  ],
];

const uncaught: unknown[] = [];
const onUncaught = (error: unknown) => uncaught.push(error);

beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtException', onUncaught);
});

afterEach(() => {
  process.off('uncaughtException', onUncaught);
});

test.each(CASES)('%s', async (kind, script, steps) => {
  const server = await listen(script);
  const { port } = server.address() as AddressInfo;
  const bad = { name: 'bad', servers: [{ address: { host: LOOPBACK, port } }], tenants: null };
  const stage = await SocketStage.open(undefined, [bad]);
  const bystander = await Bystander.arrive(stage.address);
  try {
    const before = await stage.calm(1);
    bystander.start();
    const it: Attack = { kind, steps };
    const failures = await Promise.all(Array.from({ length: CLIENTS }, () => attack(it, stage.address)));
    await bystander.stop();
    expect(uncaught).toEqual([]);
    expect(
      failures.filter((failure) => failure !== null),
      replayLine(FILE),
    ).toEqual([]);
    expect(bystander.troubles).toEqual([]);
    expect(bystander.longestPause).toBeLessThan(1000);
    expect(await stage.asBefore(before)).toEqual(before);
  } finally {
    bystander.leave();
    server.close();
    await stage.close();
  }
});
