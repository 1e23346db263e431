/**
 * What the answer to a request says of the client's session: its state has changed, and the observer that says so has it.
 */
import { readSessionState } from '../wire/session-state.ts';
import { readLoginState } from './login-state.ts';
import { beginsAnew, type ServerTraits, type SessionState, type Versions } from './state.ts';

/** The server session that has heard the answer. */
interface Learner {
  readonly owner: { readonly state: SessionState };
  readonly versions: Versions;
  readonly traits: ServerTraits;
}

/** Of an answer: the session states in it, and the number of the ERR that it is, or 0. */
interface Answer {
  readonly reported: readonly Buffer[];
  readonly errorCode: number;
}

/** `command`: what was asked. True if LAST_INSERT_ID has changed. */
export function learnAnswer(server: Learner, command: number, answer: Answer): boolean {
  const { reported, errorCode } = answer;
  const { versions, traits } = server;
  const { state } = server.owner;
  if (errorCode === 0 && beginsAnew(command)) {
    state.learnNewBeginning(command, reported.map(readLoginState), traits);
    state.synchronised(versions);
    return false;
  }
  state.missed = false;
  const before = state.versions.lastInsertId;
  for (const block of reported) {
    state.learn(readSessionState(block), traits);
    state.synchronised(versions);
  }
  return state.versions.lastInsertId > before;
}
