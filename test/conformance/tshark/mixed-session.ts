/**
 * A session of mixed commands: a client at a port, and what it sends.
 */
import { COM } from '../../../proxy/wire/constants.ts';
import { CURSOR_READ_ONLY, executePayload, readPrepareOk } from '../../../proxy/wire/prepared.ts';
import { type Account, ByteClient } from './client.ts';
import type { Ground, Parameter, Step } from './mixed-commands.ts';

const ERR = 0xff;

/** Everything from the login to the COM_QUIT; how often each command was sent. `flags`: beside the usual ones. */
export async function runSession(
  port: number,
  accounts: readonly Account[],
  steps: readonly Step[],
  flags: number,
): Promise<ReadonlyMap<number, number>> {
  const client = await ByteClient.connect(port, accounts[0]!, flags);
  try {
    for (const step of steps) await runStep(client, accounts, step);
    await client.quit();
  } finally {
    client.destroy();
  }
  const counts = new Map<number, number>();
  for (const command of client.sent) counts.set(command, (counts.get(command) ?? 0) + 1);
  return counts;
}

/** What a ground says is to be there before. */
export async function makeGround(port: number, account: Account, { setup }: Ground): Promise<void> {
  const client = await ByteClient.connect(port, account);
  try {
    for (const sql of setup) {
      const [answer] = await client.ask(Buffer.concat([Buffer.of(COM.QUERY), Buffer.from(sql)]));
      if (answer![0] === ERR) throw new Error(`${sql.slice(0, 200)}: ${answer!.toString('utf8', 9)}`);
    }
    await client.quit();
  } finally {
    client.destroy();
  }
}

async function runStep(client: ByteClient, accounts: readonly Account[], step: Step): Promise<void> {
  switch (step.kind) {
    case 'become':
      await client.become(accounts[step.account]!);
      return;
    case 'ask':
      await client.ask(Buffer.concat([Buffer.of(step.command), step.body]), step.file);
      return;
    case 'prepared': {
      const [first] = await client.ask(Buffer.concat([Buffer.of(COM.STMT_PREPARE), Buffer.from(step.sql)]));
      if (first![0] === ERR) return;
      const { id } = readPrepareOk(first!);
      let before: readonly Parameter[] = [];
      for (const { parameters, long, fetches } of step.runs) {
        const at = parameters.findIndex(([, value]) => value === undefined);
        for (const piece of long) client.tell(longData(id, at, piece));
        const types = parameters.map(([type]) => type);
        const known = before.length > 0 && before.every(([type], i) => type === types[i]);
        const values = parameters.map(([, value]) => value);
        const flags = fetches.length > 0 ? CURSOR_READ_ONLY : 0;
        await client.ask(executePayload(id, flags, known ? [] : types, values));
        for (const count of fetches) await client.ask(withId(COM.STMT_FETCH, id, count));
        before = parameters;
      }
      if (step.reset) await client.ask(withId(COM.STMT_RESET, id));
      client.tell(withId(COM.STMT_CLOSE, id));
    }
  }
}

/** A command about a statement; `count`: the rows of a FETCH. */
function withId(command: number, id: number, count?: number): Buffer {
  const out = Buffer.alloc(count === undefined ? 5 : 9);
  out[0] = command;
  out.writeUInt32LE(id, 1);
  if (count !== undefined) out.writeUInt32LE(count, 5);
  return out;
}

function longData(id: number, parameter: number, piece: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head[0] = COM.STMT_SEND_LONG_DATA;
  head.writeUInt32LE(id, 1);
  head.writeUInt16LE(parameter, 5);
  return Buffer.concat([head, piece]);
}
