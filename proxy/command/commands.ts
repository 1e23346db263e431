/**
 * Runs the proxy's own commands: who may, on whom, and what comes of it (odp-sessions.md §4–6, decisions.md 24–28).
 */
import { errorAnswer, okAnswer } from '../session/answers.ts';
import { hasInternalRights } from '../session/identity.ts';
import { type CsIds, shownId } from '../session/ids.ts';
import type { Registry } from '../session/registry.ts';
import type { SeenSession } from '../session/seen.ts';
import type { CommandRequest, Commands, Outcome } from '../session/services.ts';
import type { Sweep } from '../session/sweep.ts';
import type { InternalCommand } from '../sql/command.ts';
import { COM } from '../wire/constants.ts';
import { errorOf } from '../wire/errors.ts';
import { PacketWriter } from '../wire/framing.ts';
import { type Err, PLAIN_OK } from '../wire/ok.ts';
import { type ResultColumn, resultSet } from './result.ts';
import { mayKill, mayKillQuery, maySee, maySeeProcess, type Verdict } from './rights.ts';
import {
  DETAIL_COLUMNS,
  detailRows,
  PROCESS_COLUMNS,
  type ProcessFacts,
  processRow,
  SESSION_COLUMNS,
  sessionRow,
} from './show.ts';

type Of<K extends InternalCommand['kind']> = Extract<InternalCommand, { kind: K }>;

/** What MySQL shows there; ODP shows no row (odp-relay.md §3.2). */
const EMPTY_COLUMNS: Record<Of<'show nothing'>['what'], readonly ResultColumn[]> = {
  'slave hosts': [
    { name: 'Server_id', type: 'LONG' },
    { name: 'Host', type: 'VARCHAR' },
    { name: 'Port', type: 'LONG' },
    { name: 'Master_id', type: 'LONG' },
    { name: 'Slave_UUID', type: 'VARCHAR' },
  ],
  'relaylog events': [
    { name: 'Log_name', type: 'VARCHAR' },
    { name: 'Pos', type: 'LONGLONG' },
    { name: 'Event_type', type: 'VARCHAR' },
    { name: 'Server_id', type: 'LONG' },
    { name: 'End_log_pos', type: 'LONGLONG' },
    { name: 'Info', type: 'VARCHAR' },
  ],
};

/** A session that was found, or the ERR for the id that was typed. */
type Found = SeenSession | Err;

export class OwnCommands implements Commands<SeenSession> {
  readonly #registry: Registry<SeenSession>;
  readonly #sweep: Sweep;
  readonly #ids: CsIds;
  readonly #process: ProcessFacts;

  constructor(registry: Registry<SeenSession>, sweep: Sweep, ids: CsIds, process: ProcessFacts) {
    this.#registry = registry;
    this.#sweep = sweep;
    this.#ids = ids;
    this.#process = process;
  }

  run(session: SeenSession, command: InternalCommand, request: CommandRequest): Outcome {
    const { sequence } = request;
    switch (command.kind) {
      case 'bad':
        return refuse(sequence, errorOf('BAD_INTERNAL_COMMAND'));
      case 'too long':
        return refuse(sequence, errorOf('COMMAND_VALUE_TOO_LONG'));
      case 'unbuilt':
        return refuse(sequence, errorOf('NOT_SUPPORTED_DETAIL', command.what));
      case 'ping proxy':
      case 'accepted':
        return { kind: 'answer', bytes: okAnswer(sequence, PLAIN_OK, false) };
      case 'show nothing':
        return { kind: 'answer', bytes: resultSet(sequence, EMPTY_COLUMNS[command.what], []) };
      case 'show proxysession':
        return this.#showSessions(session, sequence);
      case 'show processlist':
        return this.#showProcesses(session, sequence);
      case 'show detail':
        return this.#showDetail(session, command, sequence);
      case 'kill session':
        return this.#killSession(session, command.id, sequence);
      case 'kill proxysession':
        return this.#killProxySession(session, command, sequence);
      case 'kill query':
        return this.#killQuery(session, command, request);
    }
  }

  #showSessions(session: SeenSession, sequence: number): Outcome {
    const seen = this.#registry.all().filter((it) => maySee(session, it));
    const rows = seen.map((it) => sessionRow(it, this.#process));
    return { kind: 'answer', bytes: resultSet(sequence, SESSION_COLUMNS, rows) };
  }

  #showProcesses(session: SeenSession, sequence: number): Outcome {
    const seen = this.#registry.all().filter((it) => maySeeProcess(session, it));
    const rows = seen.map((it) => processRow(it, this.#process));
    return { kind: 'answer', bytes: resultSet(sequence, PROCESS_COLUMNS, rows, false) };
  }

  /** No privilege is asked for: whoever guesses an id may look (odp-sessions.md §8). */
  #showDetail(session: SeenSession, command: Of<'show detail'>, sequence: number): Outcome {
    // −1 is "my own", replaced before the id is judged (odp-sessions.md §3.4).
    const found = command.id === null || command.id === -1n ? session : this.#find(command.id);
    if (isError(found)) return refuse(sequence, found);
    const rows = detailRows(found, command.detail, command.like, found === session, this.#process);
    return { kind: 'answer', bytes: resultSet(sequence, DETAIL_COLUMNS[command.detail], rows) };
  }

  /** KILL [CONNECTION] id, for everybody. */
  #killSession(session: SeenSession, id: bigint, sequence: number): Outcome {
    const found = this.#find(id);
    if (isError(found)) return refuse(sequence, found);
    if (found === session) {
      return { kind: 'answer and die', bytes: errorAnswer(sequence, errorOf('QUERY_INTERRUPTED')) };
    }
    const error = verdictError(mayKill(session, found), id);
    if (error !== null) return refuse(sequence, error);
    // OK at once; the tick ends it without another word (odp-sessions.md §4.3).
    this.#sweep.mark(found, session.csId);
    return { kind: 'answer', bytes: okAnswer(sequence, PLAIN_OK, false) };
  }

  /** Only for root@sys and root@proxysys; all others get 5010 before the id is looked at (decisions.md 24). */
  #killProxySession(session: SeenSession, command: Of<'kill proxysession'>, sequence: number): Outcome {
    if (!hasInternalRights(session.identity)) return refuse(sequence, errorOf('BAD_INTERNAL_COMMAND'));
    if (command.ssId === null) return this.#killSession(session, command.id, sequence);
    const found = this.#find(command.id);
    if (isError(found)) return refuse(sequence, found);
    const server = found.servers.bySsId(command.ssId);
    if (server === undefined) return refuse(sequence, errorOf('UNKNOWN_THREAD', shownId(command.ssId)));
    // No owner, no tenant, no cluster is asked for; one's own is as good as any (odp-sessions.md §5).
    this.#sweep.mark(server, session.csId);
    return { kind: 'answer', bytes: okAnswer(sequence, PLAIN_OK, false) };
  }

  /** Goes to the victim's observer, on a server session of the caller (odp-sessions.md §6). */
  #killQuery(session: SeenSession, command: Of<'kill query'>, request: CommandRequest): Outcome {
    const { sequence } = request;
    // Its statements must all go to one server session, and this one would go elsewhere.
    if (session.inTransaction || session.state.pinned) return refuse(sequence, errorOf('NOT_SUPPORTED'));
    const found = this.#find(command.id);
    if (isError(found)) return refuse(sequence, found);
    const error = verdictError(mayKillQuery(session, found), command.id);
    if (error !== null) return refuse(sequence, error);
    const current = found.servers.current;
    if (current === null || current.serverSessid === 0)
      return { kind: 'answer', bytes: okAnswer(sequence, PLAIN_OK, false) };
    const same = command.id === BigInt(current.serverSessid);
    const packet = same ? request.packet : killQueryPacket(current.serverSessid);
    return { kind: 'send', server: current.server, packet };
  }

  #find(id: bigint): Found {
    const recognised = this.#ids.recognise(id);
    switch (recognised.kind) {
      case 'mismatch':
        return errorOf('INTERNAL_ERROR');
      case 'unavailable':
        break;
      case 'client': {
        const found = this.#registry.byCsId(recognised.id);
        if (found !== undefined) return found;
        break;
      }
      case 'observer': {
        const found = this.#registry.byServerSessid(recognised.id);
        if (found !== undefined) return found;
      }
    }
    return errorOf('UNKNOWN_THREAD', shownId(id));
  }
}

function isError(found: Found): found is Err {
  return 'sqlState' in found;
}

function refuse(sequence: number, error: Err): Outcome {
  return { kind: 'answer', bytes: errorAnswer(sequence, error) };
}

function verdictError(verdict: Verdict, id: bigint): Err | null {
  switch (verdict) {
    case 'allowed':
      return null;
    case 'hidden':
      return errorOf('UNKNOWN_THREAD', shownId(id));
    case 'denied':
      return errorOf('NOT_OWNER', shownId(id));
  }
}

function killQueryPacket(serverSessid: number): Buffer {
  const out = new PacketWriter(0, 32);
  out.begin();
  out.u8(COM.QUERY);
  out.text(`KILL QUERY ${serverSessid}`);
  out.end();
  return out.view();
}
