/**
 * Wireshark's MySQL dissector as a witness: it reads the same on both sides of the proxy, calls nothing malformed, and reads
 * what our own decoder reads – from sessions of 500 mixed commands, before MariaDB and before simulated observers.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeClock } from '../../../proxy/node/clock.ts';
import { CAP, COM, commandName } from '../../../proxy/wire/constants.ts';
import { startMysqlProxy } from '../mysql-lab.ts';
import { startOdp } from '../simulated-odp.ts';
import { describeWith } from '../skip.ts';
import { MARIADB_SERVER, MariadbServer } from '../sql/mariadb-server.ts';
import type { Account } from './client.ts';
import { type Dissected, dissect, lineOf } from './dissection.ts';
import { MARIADB, REAL, SIMULATED, SIMULATOR } from './grounds.ts';
import { type Ground, mixedSteps, oneOfEach } from './mixed-commands.ts';
import { makeGround, runSession } from './mixed-session.ts';
import { type OwnPacket, ownLine, ownReading, sharkLine } from './own-reading.ts';
import { Recorder, type Recording } from './recorder.ts';
import { differences, linesThatDiffer, ownAnswers, UNASKED } from './sides.ts';
import { joined, placeOf, spoiled } from './spoiled.ts';

const COMMANDS = 500;
const PATIENCE = 60_000;

interface Kind {
  readonly name: string;
  readonly seed: number;
  /** Flags of the login beside the usual. */
  readonly flags: number;
}

const BEFORE_MARIADB: readonly Kind[] = [
  { name: 'results that end with EOF', seed: 1, flags: UNASKED },
  { name: 'results that end with OK, and session state', seed: 2, flags: CAP.DEPRECATE_EOF | CAP.SESSION_TRACK },
];
/** A flag that ODP does not offer must not be set here: Wireshark looks at the client's alone. */
const BEFORE_OBSERVERS: readonly Kind[] = [
  { name: 'plain OKs', seed: 1, flags: 0 },
  { name: 'OKs with session state', seed: 2, flags: CAP.SESSION_TRACK },
];

/** These must be in every session, or it has shown little. */
const SENT = [
  COM.QUIT,
  COM.INIT_DB,
  COM.QUERY,
  COM.FIELD_LIST,
  COM.STATISTICS,
  COM.PING,
  COM.CHANGE_USER,
  COM.STMT_PREPARE,
  COM.STMT_EXECUTE,
  COM.STMT_SEND_LONG_DATA,
  COM.STMT_CLOSE,
  COM.STMT_RESET,
  COM.STMT_FETCH,
  COM.SET_OPTION,
  COM.RESET_CONNECTION,
];

/** Wireshark 4.0 calls these malformed whoever sends them: for it they lack an argument. */
const MISREAD: ReadonlySet<string> = new Set(['Reset Connection (31)', 'Time (15)']);

/** What is called malformed and is not among what Wireshark cannot read. */
function malformed(packets: readonly Dissected[], own: readonly OwnPacket[]): string[] {
  const found = packets.filter((it, i) => it.malformed && own[i]?.told !== null && !MISREAD.has(it.kind));
  return found.slice(0, 5).map((it) => lineOf(it).slice(0, 1000));
}

/** Where Wireshark and our own decoder differ. */
function misread(packets: readonly Dissected[], own: readonly OwnPacket[]): string[] {
  const theirs = packets.map((it, i) => (own[i] === undefined ? lineOf(it) : sharkLine(it, own[i])));
  return linesThatDiffer(theirs, own.map(ownLine));
}

/** Of these bytes Wireshark reads nothing; a client hardly does either. */
const UNREAD = [
  'COM_CHANGE_USER: its charset',
  'COM_STMT_EXECUTE: its bitmap of NULLs',
  'PREPARE_OK: its filler',
  "a column definition: its fixed part's filler",
  "a column definition: its fixed part's length",
];

/** What passes on either side of a proxy before this server while `work` uses the port it is given. */
async function bothSides(
  server: number,
  work: (port: number) => Promise<void>,
): Promise<{ readonly client: readonly Recording[]; readonly server: readonly Recording[] }> {
  const behind = await Recorder.before(server);
  const { proxy, address } = await startMysqlProxy(behind.port);
  const before = await Recorder.before(address.port);
  try {
    await work(before.port);
  } finally {
    before.stop();
    behind.stop();
    proxy.stop();
  }
  return { client: before.recordings, server: behind.recordings };
}

async function session(port: number, ground: Ground, accounts: readonly Account[], kind: Kind): Promise<void> {
  const steps = mixedSteps(ground, kind.seed, COMMANDS);
  const sent = await runSession(port, accounts, steps, kind.flags);
  expect([...sent.values()].reduce((sum, it) => sum + it, 0)).toBeGreaterThanOrEqual(COMMANDS);
  expect(SENT.filter((it) => !sent.has(it)).map(commandName)).toEqual([]);
}

describeWith(['tshark', ...MARIADB_SERVER], 'before MariaDB, seen by tshark', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start(['--max-allowed-packet=64M']);
    await makeGround(server.port, { ...REAL[0]!, database: 'mysql' }, MARIADB);
  }, PATIENCE);

  afterAll(() => server.stop());

  test.each(BEFORE_MARIADB)('both sides are the same: $name', { timeout: PATIENCE }, async (kind) => {
    const sides = await bothSides(server.port, (port) => session(port, MARIADB, REAL, kind));
    const [client, atServer] = await dissect([...sides.client, ...sides.server]);
    const own = ownReading(sides.client[0]!);
    expect(ownAnswers(client!)).toBeGreaterThan(0);
    expect(differences(client!, atServer!, kind.flags & UNASKED)).toEqual([]);
    expect(malformed(client!, own)).toEqual([]);
    expect(misread(client!, own)).toEqual([]);
  });

  test('one byte spoiled, wherever: the comparison notices it', { timeout: PATIENCE }, async () => {
    const sides = await bothSides(server.port, async (port) => {
      for (const step of oneOfEach(MARIADB)) await runSession(port, REAL, [step], 0);
    });
    const recordings = sides.client.map(joined);
    // Greeting, login and its answer are the same in all of them.
    const each = recordings.map((it, i) => spoiled(it, i === 0 ? 0 : 3));
    const [servers, read] = [await dissect(sides.server), await dissect(each.flat().map((it) => it.recording))];
    let next = 0;
    let called = 0;
    const unnoticed = new Set<string>();
    for (const [i, recording] of recordings.entries()) {
      for (const it of each[i]!) {
        const client = read[next]!;
        next += 1;
        if (differences(client, servers[i]!, 0).length === 0) unnoticed.add(placeOf(recording, it));
        if (client.some((packet) => packet.malformed)) called += 1;
      }
    }
    expect([...unnoticed].sort()).toEqual(UNREAD);
    // The word alone would have told hardly any.
    expect(called).toBeLessThan(each.flat().length / 5);
  });
});

describeWith(['tshark'], 'before simulated observers, seen by tshark', () => {
  test.each(BEFORE_OBSERVERS)("the client's side: $name", { timeout: PATIENCE }, async (kind) => {
    const odp = await startOdp(new NodeClock());
    const before = await Recorder.before(odp.address.port);
    try {
      await makeGround(odp.address.port, SIMULATED[0]!, SIMULATOR);
      await session(before.port, SIMULATOR, SIMULATED, kind);
    } finally {
      before.stop();
      odp.stop();
    }
    const [client] = await dissect(before.recordings);
    const own = ownReading(before.recordings[0]!);
    expect(malformed(client!, own)).toEqual([]);
    expect(misread(client!, own)).toEqual([]);
  });
});
