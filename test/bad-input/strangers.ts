/**
 * Bad clients that never get in: no login, no whole login, a malformed one, one that is refused.
 */
import { CAP } from '../../proxy/wire/constants.ts';
import { CONSTANT_SCRAMBLE, nativePassword } from '../../proxy/wire/scramble.ts';
import { sha1 } from '../observer/pair.ts';
import { LOGIN_FLAGS, loginBytes, queryBytes } from '../session/raw-client.ts';
import { MEASURED_LOGINS } from '../wire/fixtures.ts';
import { CLOSED, GREETED, hears, type Leaving, leaves, type Step, sends } from './attack.ts';
import type { Dice } from './dice.ts';
import type { Kind } from './kind.ts';
import { mutatedLogin } from './mutations.ts';
import { LOOPBACK } from './socket-stage.ts';
import { type Verdict, verdictOn } from './verdict.ts';

const LEAVINGS: readonly Leaving[] = ['FIN', 'RST', 'close'];
const QUIT = Buffer.of(1, 0, 0, 0, 1);

/** What follows on first bytes of which the sheets say this. */
function consequence(verdict: Verdict, dice: Dice): readonly Step[] {
  switch (verdict.kind) {
    case 'waits':
      return [{ kind: 'rests', milliseconds: dice.below(10) }, leaves(dice.pick(LEAVINGS))];
    case 'closed':
      return [CLOSED];
    case 'refused':
      return [hears(verdict.error), CLOSED];
    case 'accepted':
      return [hears('OK'), sends(QUIT), CLOSED];
  }
}

function firstBytes(bytes: Buffer, dice: Dice): readonly Step[] {
  return [GREETED, sends(bytes), ...consequence(verdictOn(bytes, LOOPBACK), dice)];
}

function proof(password: string): Buffer {
  return nativePassword(sha1, password, CONSTANT_SCRAMBLE);
}

function refused(login: Buffer, error: string): readonly Step[] {
  return [GREETED, sends(login), hears(`ERR ${error}`), CLOSED];
}

function denied(who: string, host: string, password: 'YES' | 'NO'): string {
  return `1045/42000 Access denied for user '${who}'@'${host}' (using password: ${password})`;
}

/** In an observer's own text the address is hidden (observer.md §1.4). */
const HIDDEN = 'xxx.xxx.xxx.xxx';

/** A drawn name without the characters that part user, tenant and cluster, and never one of ours. */
function freeName(name: string): string {
  return `no ${name.replaceAll(/[@#]/g, '')}`;
}

/** The first bytes of clients that are none of MySQL's. */
const OTHER_PROTOCOLS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'SSH-2.0-OpenSSH_9.2\r\n',
  '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\x01\x7f\0\0\x01\xc3\x50\x0b\x43',
  'PROXY TCP4 127.0.0.1 127.0.0.1 50000 2883\r\n',
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  '*1\r\n$4\r\nPING\r\n',
  '\0\0\0\x08\x04\xd2\x16\x2f',
];

function sslRequest(dice: Dice): Buffer {
  const payload = Buffer.alloc(32);
  payload.writeUInt32LE(LOGIN_FLAGS | CAP.SSL, 0);
  payload.writeUInt32LE(dice.below(2 ** 24), 4);
  payload[8] = dice.below(256);
  return Buffer.concat([Buffer.of(32, 0, 0, 1), payload]);
}

function withSequence(packet: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(packet);
  copy[3] = sequence;
  return copy;
}

/** Good and bad ones that all reach an observer. */
const LOGINS: readonly Buffer[] = [
  loginBytes('app@shop#obdemo'),
  loginBytes('root@sys'),
  ...MEASURED_LOGINS.map(({ packet }) => packet),
];

export const STRANGERS: readonly Kind[] = [
  {
    name: 'gone as soon as it is there',
    share: 10,
    draw: (dice) => [leaves(dice.pick(['RST', 'close']))],
  },
  {
    name: 'gone after the greeting',
    share: 10,
    draw: (dice) => [GREETED, leaves(dice.pick(LEAVINGS))],
  },
  {
    name: 'random bytes before the greeting',
    share: 10,
    draw(dice) {
      const [greeted, sent, ...rest] = firstBytes(dice.bytes(dice.between(1, 200)), dice);
      return [sent!, greeted!, ...rest];
    },
  },
  {
    name: 'random bytes in place of a login',
    share: 10,
    draw: (dice) =>
      firstBytes(dice.bytes(dice.below(10) === 0 ? dice.between(4100, 9000) : dice.between(1, 300)), dice),
  },
  {
    name: 'a packet of random bytes in place of a login',
    share: 10,
    draw(dice) {
      const payload = dice.bytes(dice.between(1, 200));
      return firstBytes(Buffer.concat([Buffer.of(payload.length, 0, 0, 1), payload]), dice);
    },
  },
  {
    name: 'another protocol',
    share: 10,
    draw: (dice) => firstBytes(Buffer.from(dice.pick(OTHER_PROTOCOLS), 'latin1'), dice),
  },
  {
    name: 'half a login',
    share: 20,
    draw(dice) {
      const { packet } = dice.pick(MEASURED_LOGINS);
      return [GREETED, sends(packet.subarray(0, dice.between(1, packet.length - 1))), leaves(dice.pick(LEAVINGS))];
    },
  },
  {
    name: 'a mutated login',
    share: 40,
    draw(dice) {
      for (;;) {
        const login = mutatedLogin(dice.pick(MEASURED_LOGINS).packet, dice);
        const verdict = verdictOn(login, LOOPBACK);
        // What would come behind a good login is for others to try.
        if (verdict.kind !== 'accepted' || verdict.behind === 0) return firstBytes(login, dice);
      }
    },
  },
  {
    name: 'a login of the wrong sequence',
    share: 10,
    draw(dice) {
      const sequence = dice.pick([0, 2, 3, 255]);
      return [GREETED, sends(withSequence(dice.pick(MEASURED_LOGINS).packet, sequence)), CLOSED];
    },
  },
  {
    name: 'an empty packet in place of a login',
    share: 5,
    draw: (dice) => [GREETED, sends(Buffer.of(0, 0, 0, dice.below(3))), CLOSED],
  },
  {
    name: 'TLS is asked for',
    share: 10,
    draw: (dice) => [GREETED, sends(sslRequest(dice), dice.bytes(dice.below(300))), CLOSED],
  },
  {
    name: 'a huge length and then nothing',
    share: 10,
    draw(dice) {
      const length = dice.between(8193, 0xff_ffff);
      const header = Buffer.of(length & 0xff, (length >> 8) & 0xff, length >> 16, 1);
      return firstBytes(Buffer.concat([header, Buffer.alloc(dice.pick([0, 1, 31, 4095, 4096]), 1)]), dice);
    },
  },
  {
    name: 'a wrong password',
    share: 15,
    draw(dice) {
      const some = { authResponse: proof(dice.password()) };
      return dice.below(3) === 0
        ? refused(loginBytes('secret@shop#obdemo'), denied('secret', HIDDEN, 'NO'))
        : refused(loginBytes('secret@shop', some), denied('secret', HIDDEN, 'YES'));
    },
  },
  {
    name: 'a password where there is none',
    share: 5,
    draw(dice) {
      const login = loginBytes('app@shop#obdemo', { authResponse: dice.bytes(dice.pick([1, 19, 20, 21, 200])) });
      return refused(login, denied('app', HIDDEN, 'YES'));
    },
  },
  {
    name: 'an unknown user',
    share: 15,
    draw(dice) {
      const user = freeName(dice.userName());
      return refused(loginBytes(`${user}@shop#obdemo`), denied(user, HIDDEN, 'NO'));
    },
  },
  {
    name: 'an unknown tenant',
    share: 15,
    draw(dice) {
      const name = `app@${freeName(dice.companyName())}${dice.pick(['', '#obdemo', '#obdemo:7'])}`;
      return refused(loginBytes(name, { authResponse: proof('x') }), denied(name, LOOPBACK, 'YES'));
    },
  },
  {
    name: 'an unknown cluster',
    share: 15,
    draw: (dice) =>
      refused(
        loginBytes(`app@shop#${freeName(dice.companyName()).replaceAll(':', '')}`),
        '4669/HY000 cluster not exist',
      ),
  },
  {
    name: 'an unknown database',
    share: 10,
    draw(dice) {
      const database = freeName(dice.companyName());
      const login = loginBytes('app@shop', { capabilities: LOGIN_FLAGS | CAP.CONNECT_WITH_DB, database });
      return refused(login, `1049/42000 Unknown database '${database}'`);
    },
  },
  {
    name: 'proxyro@sys',
    share: 5,
    draw: (dice) => {
      const name = dice.pick(['proxyro@sys', 'proxyro', 'proxyro@sys#obdemo']);
      const full = name === 'proxyro' ? 'proxyro@sys' : name;
      return refused(loginBytes(name, { authResponse: proof(dice.password()) }), denied(full, LOOPBACK, 'YES'));
    },
  },
  {
    name: 'root@proxysys with a password',
    share: 5,
    draw(dice) {
      const name = dice.pick(['root@proxysys', 'inspector@proxysys', 'app@proxysys']);
      return refused(loginBytes(name, { authResponse: proof(dice.password()) }), denied(name, LOOPBACK, 'YES'));
    },
  },
  {
    name: 'a name that is none',
    share: 5,
    draw: (dice) => [
      GREETED,
      sends(loginBytes(dice.pick(['', '@shop', '#obdemo', 'app@shop#obdemo:x', '::']))),
      CLOSED,
    ],
  },
  {
    name: 'a refused login with statements behind it',
    share: 5,
    draw(dice) {
      const statements = Array.from({ length: dice.between(1, 30) }, () => queryBytes(dice.sentence()));
      return [
        GREETED,
        sends(loginBytes('secret@shop'), ...statements),
        hears(`ERR ${denied('secret', HIDDEN, 'NO')}`),
        CLOSED,
      ];
    },
  },
  {
    name: 'gone while an observer is asked',
    share: 20,
    draw: (dice) => [GREETED, sends(dice.pick(LOGINS)), leaves(dice.pick(LEAVINGS))],
  },
  {
    name: 'deaf to the FIN it is sent',
    share: 1,
    draw: () => [GREETED, sends(Buffer.of(0, 0, 0, 0)), { kind: 'closed', answered: false }],
  },
];
