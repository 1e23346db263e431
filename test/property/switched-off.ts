/**
 * Decisions of the proxy, each as if it were not made: what the property of the twins must notice.
 *
 * A table from its name to what is put in the place of the code. Each hands back how to undo it.
 */
import { vi } from 'vitest';
import { NamedStatement } from '../../proxy/session/named-statements.ts';
import { ServerSessions } from '../../proxy/session/server-sessions.ts';
import { ServerSide } from '../../proxy/session/server-side.ts';
import { SessionState, type Versions } from '../../proxy/session/state.ts';
import { Statement } from '../../proxy/session/statements.ts';

export interface SwitchedOff {
  readonly name: string;
  readonly apply: () => () => void;
}

const COUNTERS: readonly (keyof Versions)[] = ['database', 'system', 'hotSystem', 'user', 'lastInsertId'];

function counter(name: keyof Versions): SwitchedOff {
  return {
    name: `the counter ${name} does not count`,
    apply: () => {
      const { learn } = SessionState.prototype;
      const spy = vi.spyOn(SessionState.prototype, 'learn').mockImplementation(function (this: SessionState, ...args) {
        const before = this.versions[name];
        learn.apply(this, args);
        this.versions[name] = before;
      });
      return () => spy.mockRestore();
    },
  };
}

/** A SET that restores a client's state, without a part of it. */
function restoredWithout(part: RegExp): () => void {
  const { setFor } = SessionState.prototype;
  const spy = vi.spyOn(SessionState.prototype, 'setFor').mockImplementation(function (this: SessionState, versions) {
    const kept = setFor.call(this, versions)?.replace(part, '') ?? '';
    return kept === '' || kept === 'SET ' ? null : kept;
  });
  return () => spy.mockRestore();
}

const OTHERS: readonly SwitchedOff[] = [
  {
    name: 'a statement is not prepared again on another server session',
    apply: () => {
      const isOn = vi.spyOn(Statement.prototype, 'isOn').mockReturnValue(true);
      // It goes there under the id that it has at the client.
      const executed = vi.spyOn(Statement.prototype, 'executed').mockImplementation((packet) => packet);
      const addressed = vi.spyOn(Statement.prototype, 'addressed').mockImplementation((packet) => packet);
      return () => {
        for (const it of [isOn, executed, addressed]) it.mockRestore();
      };
    },
  },
  {
    name: 'a statement with a name is not prepared again on another server session',
    apply: () => {
      const spy = vi.spyOn(NamedStatement.prototype, 'isOn').mockReturnValue(true);
      return () => spy.mockRestore();
    },
  },
  {
    name: 'a statement that is prepared again means what it would mean now',
    apply: () => {
      const now = { database: null, sqlMode: '' };
      const spy = vi.spyOn(SessionState.prototype, 'meaning', 'get').mockReturnValue(now);
      return () => spy.mockRestore();
    },
  },
  {
    name: 'types that one observer knows are not told another one',
    apply: () => {
      const spy = vi.spyOn(Statement.prototype, 'executed').mockImplementation(function (
        this: Statement,
        packet,
        server,
      ) {
        return this.addressed(packet, server);
      });
      return () => spy.mockRestore();
    },
  },
  {
    name: 'a change of user keeps the user variables',
    apply: () => {
      const { learnNewBeginning } = SessionState.prototype;
      const spy = vi.spyOn(SessionState.prototype, 'learnNewBeginning').mockImplementation(function (
        this: SessionState,
        ...args
      ) {
        const before = [...this.user];
        learnNewBeginning.apply(this, args);
        for (const [name, value] of before) (this.user as Map<string, string>).set(name, value);
        this.versions.user += 1;
      });
      return () => spy.mockRestore();
    },
  },
  {
    name: 'a new beginning leaves the pooled server sessions as they are',
    apply: () => {
      const spy = vi.spyOn(ServerSessions.prototype, 'takePool').mockReturnValue([]);
      return () => spy.mockRestore();
    },
  },
  { name: 'LAST_INSERT_ID does not follow', apply: () => restoredWithout(/(?:, )?@@last_insert_id = \d+/) },
  { name: 'user variables do not follow', apply: () => restoredWithout(/(?:, )?@[abc] = .*$/) },
  {
    name: 'a BEGIN that was held is forgotten',
    apply: () => {
      const spy = vi.spyOn(ServerSide.prototype, 'hold').mockImplementation(() => {});
      return () => spy.mockRestore();
    },
  },
  {
    name: 'a transaction does not hold its client where it is',
    apply: () => {
      const spy = vi.spyOn(ServerSide.prototype, 'stays', 'get').mockReturnValue(false);
      return () => spy.mockRestore();
    },
  },
];

export const SWITCHED_OFF: readonly SwitchedOff[] = [...COUNTERS.map(counter), ...OTHERS];
