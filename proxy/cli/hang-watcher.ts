/**
 * The thread that watches another one (`hang-watch.ts`): it looks now and then whether the run is still the same.
 *
 * It counts looks and not time: a process that was stopped, or a machine that slept, has not hung.
 */
import { closeSync, writeSync } from 'node:fs';
import { type Debugger, Session } from 'node:inspector';
import { workerData } from 'node:worker_threads';
import { COUNT_AT, RUN_AT, type Watched } from './hang-watch.ts';

const LOOKS = 30;
/** Who does not stop for its debugger within so many milliseconds is asked no more. */
const ANSWERS = 2000;
/** So many callers are told. */
const CALLERS = 6;
const STDERR = 2;

const { shared, what, again, exitCode, patience } = workerData as Watched;
const numbers = new Int32Array(shared);
let seen = 0;
let looks = 0;

const looking = setInterval(() => {
  const now = Atomics.load(numbers, COUNT_AT);
  looks = now !== 0 && now === seen ? looks + 1 : 0;
  seen = now;
  if (looks < LOOKS) return;
  clearInterval(looking);
  ask(Atomics.load(numbers, RUN_AT));
}, patience / LOOKS);

function ask(hung: number): void {
  const session = new Session();
  const files = new Map<string, string>();
  session.connectToMainThread();
  const unheard = setTimeout(() => {
    tell(hung, []);
    process.kill(process.pid, 'SIGKILL');
  }, ANSWERS);
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    clearTimeout(unheard);
    tell(
      hung,
      callFrames.map((frame) => placeOf(frame, files)).filter((it) => it !== null),
    );
    // Node would say that it waits for this debugger, and does not.
    closeSync(STDERR);
    const { callFrameId } = callFrames[0]!;
    session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression: `process.reallyExit(${exitCode})` });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

/** Without a line: what runs is not what was written, but what was made of it. Null: it is Node's. */
function placeOf({ functionName, location }: Debugger.CallFrame, files: ReadonlyMap<string, string>): string | null {
  const url = files.get(location.scriptId) ?? '';
  if (!url.startsWith('file:')) return null;
  return `${functionName || 'a function'} (${url.replace(/^.*\/(?=(?:proxy|simulator|test)\/)/, '')})`;
}

function tell(hung: number, places: readonly string[]): void {
  const where = places.slice(0, CALLERS).map((it, i) => `\n  ${i === 0 ? 'in' : 'called by'} ${it}`);
  const of = (text: string): string => text.replace('{run}', String(hung));
  writeSync(
    STDERR,
    `odplab: ${of(what)} does not end; it was stopped after ${patience / 1000} s${where.join('')}\n` +
      `the same run:   ${of(again)}\n`,
  );
}
