/**
 * Logins that fail before the proxy, as clients.md §5 has them: H, the session ends behind the login packet, and J, ODP's
 * 1203 where it has as many clients as it may (the sheet measured another number; the client hands on what comes).
 *
 * H in the greeting's place is nothing that ODP does.
 */
import { afterAll, describe, expect } from 'vitest';
import type { Refusal } from '../client/sheet-logins.ts';
import { DriverLab } from './driver-lab.ts';
import { handshakeOf, refusedOf, seenAtLogin } from './login-seen.ts';
import { MATRIX_NAMES, neededBy } from './matrix-clients.ts';
import { Programs } from './program-clients.ts';
import { testWith } from './skip.ts';

const programs = new Programs();
afterAll(() => programs.stop());

/** The administrators of the lab. */
const OTHERS = 2;
/** Ids count from 1. */
const FIRST = OTHERS + 1;
/** A pool that tries for ten seconds is among them. */
const BOUND = 60_000;

const REFUSAL: Refusal = {
  errno: 1203,
  sqlState: '42000',
  name: 'ER_TOO_MANY_USER_CONNECTIONS',
  text: 'Too many sessions',
};

/** All at the same time, for the pools of mariadb mostly wait. */
describe('a login that fails', () => {
  for (const name of MATRIX_NAMES) {
    const options = { concurrent: true, timeout: BOUND };

    testWith(neededBy(name), `H: ended while the observer has the login: ${name}`, options, async () => {
      const lab = await DriverLab.open();
      const stop = lab.endLogins();
      try {
        const seen = await seenAtLogin(name, lab.login, programs);
        const [, , loginEnded] = handshakeOf(name, { ...lab.login, session: FIRST });
        expect(loginEnded).toContain(seen);
      } finally {
        await stop();
        await lab.close(null);
      }
    });

    testWith(neededBy(name), `J: as many clients as there may be: ${name}`, options, async () => {
      const lab = await DriverLab.open(null, { client_max_connections: OTHERS });
      try {
        const seen = await seenAtLogin(name, lab.login, programs);
        const [, , behindLogin] = refusedOf(name, { ...lab.login, session: FIRST }, REFUSAL);
        expect(seen).toBe(behindLogin);
      } finally {
        await lab.close(null);
      }
    });
  }
});
