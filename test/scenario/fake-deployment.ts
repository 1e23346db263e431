/**
 * A server with a handful of statements in the place of proxy and cluster, for the tests of pages and runner.
 *
 * `SELECT CONNECTION_ID()` · `SHOW LIST` (three rows whose order turns at each call) · `SHOW BARS` (a cell with a `|`) · `KILL n` (ERR 1317 + FIN on
 * oneself, OK and FIN on another) · `SELECT SLEEP(n)` (answers after n seconds of the clock) · `SELCT` (a syntax error) ·
 * `STAY` (never answered, and its session is left behind) · anything else: OK.
 */

import type { Timer } from '../../proxy/ports.ts';
import { COLUMN, TYPE } from '../../proxy/wire/constants.ts';
import { column } from '../../proxy/wire/result-set.ts';
import type { Deploy, Deployment, LabOptions } from '../../simulator/scenario/lab.ts';
import { MEMORY } from '../../simulator/scenario/memory-arm.ts';
import { FakeServer, type FakeSession, sha1 } from '../client/fake-server.ts';

const ID = column('CONNECTION_ID()', TYPE.LONG, { flags: COLUMN.NOT_NULL });

export const deployFake: Deploy = async (arm) => {
  let turns = 0;
  let stays = 0;
  const sleeping = new Map<FakeSession, Timer>();
  const find = (id: number): FakeSession | undefined => server.sessions.find((session) => session.id === id);
  const server = new FakeServer(
    arm.network('proxy'),
    {
      command(session, text) {
        const sleep = /^SELECT SLEEP\((.*)\)$/.exec(text);
        const kill = /^KILL (?:QUERY )?(\d+)$/.exec(text);
        if (text === 'SELECT CONNECTION_ID()') session.rows([ID], [[String(session.id)]]);
        else if (text === 'SHOW LIST') {
          turns += 1;
          const rows = [
            [String(session.id), 'a b'],
            ['7', null],
            ['8', 'x'],
          ];
          session.rows(['Id', 'text'], turns % 2 === 0 ? rows.toReversed() : rows);
        } else if (text === 'SHOW BARS') {
          session.rows(['Id', 'text'], [[String(session.id), 'a | b']]);
        } else if (sleep !== null) {
          const timer = arm.clock.after(Number(sleep[1]) * 1000, () => session.rows(['SLEEP'], [['0']]));
          sleeping.set(session, timer);
        } else if (kill !== null && Number(kill[1]) === session.id) {
          session.err(1317, '70100', 'Query execution was interrupted').fin();
        } else if (kill !== null) {
          const victim = find(Number(kill[1]));
          if (victim === undefined) session.err(1094, 'HY000', `Unknown thread id: ${kill[1]}`);
          else {
            session.ok();
            sleeping.get(victim)?.cancel();
            if (text.includes('QUERY')) victim.err(1317, '70100', 'Query execution was interrupted');
            else victim.fin();
          }
        } else if (text.startsWith('SELCT')) session.err(1064, '42000', `near '${text}'`);
        else if (text === 'STAY') stays += 1;
        else session.ok();
      },
    },
    arm.plan.proxy,
  );
  await arm.settle();
  const deployment: Deployment = {
    entry: arm.plan.proxy,
    control: null,
    left() {
      return stays === 0 ? [] : [`${stays} sessions`];
    },
    stop() {
      server.stop();
    },
  };
  return deployment;
};

export const FAKE_LAB: Omit<LabOptions, 'world'> = { kind: MEMORY, deploy: deployFake, sha1 };
