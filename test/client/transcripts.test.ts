/** What clients send and print, word for word: clients.md §2, §5, §7, §8 and decisions.md §9.2. */
import { describe, expect, it } from 'vitest';
import { TYPE } from '../../proxy/wire/constants.ts';
import { column } from '../../proxy/wire/result-set.ts';
import type { FakeSession, Script } from './fake-server.ts';
import { Bench } from './lab-bench.ts';

const INTERRUPTED = [1317, '70100', 'Query execution was interrupted'] as const;

/** `KILL` ends its own session as ODP does; the rest is answered with the list of sessions. */
const SELF_KILL: Script = {
  command(session, text) {
    if (text.startsWith('KILL')) session.err(...INTERRUPTED).fin();
    else session.rows([column('Id', TYPE.LONG, { flags: 1 })], [[String(session.id)]]);
  },
};

const LIST = ['+-------+', '| Id    |', '+-------+', '| 56933 |', '+-------+', '1 row in set'];

describe('the three steps of the page', () => {
  it('obclient', () => {
    const bench = new Bench(SELF_KILL);
    expect(bench.run('KILL PROXYSESSION 56932;')).toEqual(['ERROR 1317 (70100): Query execution was interrupted']);
    expect(bench.run('SHOW PROXYSESSION;')).toEqual([
      'ERROR 2013 (HY000): Lost connection to MySQL server during query',
    ]);
    expect(bench.run('SHOW PROXYSESSION;')).toEqual([
      'ERROR 2006 (HY000): OceanBase server has gone away',
      'No connection. Trying to reconnect...',
      'Connection id:    56933',
      'Current database: *** NONE ***',
      '',
      ...LIST,
    ]);
    // The second statement arrives behind our FIN, the third never does (clients.md §2).
    expect(bench.server.sessions.map((session) => session.commands)).toEqual([
      ['select @@version_comment limit 1', 'KILL PROXYSESSION 56932', 'SHOW PROXYSESSION'],
      ['SELECT DATABASE()', 'SHOW PROXYSESSION'],
    ]);
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
  });

  it('mariadb', () => {
    const bench = new Bench(SELF_KILL, { dialect: 'mariadb', database: 'test' });
    expect(bench.all('KILL 1;', 'SHOW PROXYSESSION;', 'SHOW PROXYSESSION;').flat()).toEqual([
      'ERROR 1317 (70100): Query execution was interrupted',
      'ERROR 2013 (HY000): Lost connection to server during query',
      'ERROR 2006 (HY000): Server has gone away',
      'No connection. Trying to reconnect...',
      'Connection id:    56933',
      'Current database: test',
      '',
      ...LIST,
    ]);
    expect(bench.server.sessions[1]!.commands).toEqual(['SHOW PROXYSESSION']);
    expect(bench.server.sessions[1]!.login!.database).toBe('test');
  });

  it('mysql has its own texts', () => {
    const bench = new Bench(SELF_KILL, { dialect: 'mysql', reconnect: false });
    expect(bench.all('KILL 1;', 'SELECT 1;', 'SELECT 1;').flat().slice(1)).toEqual([
      'ERROR 2013 (HY000): Lost connection to MySQL server during query',
      'ERROR 2006 (HY000): MySQL server has gone away',
    ]);
  });

  it('a reconnect that is refused, and the next statement tries again', () => {
    const script: Script = {
      accepted(session) {
        if (session.id === 56_932) session.greet();
        else session.raw(Buffer.from('1d000000ff1004233038303034546f6f206d616e7920636f6e6e656374696f6e73', 'hex'));
      },
      ...SELF_KILL,
    };
    const bench = new Bench(script);
    bench.all('KILL 1;', 'SELECT 1;');
    const refused = [
      'No connection. Trying to reconnect...',
      'ERROR 1040 (08004): Too many connections',
      "ERROR: Can't connect to the server",
      '',
    ];
    expect(bench.run('SELECT 1;')).toEqual(['ERROR 2006 (HY000): OceanBase server has gone away', ...refused]);
    expect(bench.run('SELECT 1;')).toEqual(refused);
  });
});

describe('the login packet', () => {
  /** decisions.md §9.2. */
  const EXAMPLE = `ac000001 85a2bf08 00000001 2d ${'00'.repeat(23)} 726f6f7440737973236f6264656d6f00 00
    6d7973716c5f6e61746976655f70617373776f726400 64 0c5f636c69656e745f6e616d650a6c69626d617269616462
    135f5f6d7973716c5f636c69656e745f74797065105f5f6f625f6c69626f62636c69656e74
    105f5f6f625f636c69656e745f6e616d65154f6365616e4261736520436f6e6e6563746f722f43`.replace(/\s/g, '');

  it('is that of decisions.md §9.2, byte for byte', () => {
    const bench = new Bench({});
    bench.run('SELECT 1;');
    expect(bench.server.sessions[0]!.loginBytes).toBe(EXAMPLE);
  });

  it('answers the scramble with the password', () => {
    const bench = new Bench({}, { password: 'x', database: 'bank' });
    bench.run('SELECT 1;');
    const login = bench.server.sessions[0]!.login!;
    expect(login.authResponse).toHaveLength(20);
    expect(login.database).toBe('bank');
  });

  it('goes to another plugin where the server asks for it', () => {
    const script: Script = {
      login(session) {
        session.raw(
          Buffer.concat([Buffer.of(0x2c, 0, 0, 2, 0xfe), Buffer.from(`mysql_native_password\0${'c'.repeat(20)}\0`)]),
        );
        session.login = null;
        session.data = (chunk) => {
          expect(chunk.readUIntLE(0, 3)).toBe(20);
          session.raw(Buffer.from('0700000400000002000000', 'hex'));
          session.data = () => session.raw(Buffer.from('0700000100000002000000', 'hex'));
        };
      },
    };
    expect(new Bench(script, { password: 'x' }).run('SELECT 1;')).toEqual(['Query OK, 0 rows affected']);
  });
});

describe('a login that fails (clients.md §5)', () => {
  const PHASES: readonly (readonly [string, Script, string, string])[] = [
    [
      'FIN in place of the greeting',
      { accepted: (session) => session.fin() },
      "ERROR 2013 (HY000): Lost connection to MySQL server at 'handshake: reading initial communication packet', system error: 115",
      "ERROR 2013 (HY000): Lost connection to server at 'handshake: reading initial communication packet', system error: 115",
    ],
    [
      'RST in place of the greeting',
      { accepted: (session) => session.rst() },
      "ERROR 2013 (HY000): Lost connection to MySQL server at 'handshake: reading initial communication packet', system error: 104",
      "ERROR 2013 (HY000): Lost connection to server at 'handshake: reading initial communication packet', system error: 104",
    ],
    [
      'FIN behind the login',
      { login: (session) => session.fin() },
      "ERROR 2013 (HY000): Lost connection to MySQL server at 'reading authorization packet', system error: 11",
      "ERROR 2013 (HY000): Lost connection to server at 'reading authorization packet', system error: 11",
    ],
    [
      'RST behind the login',
      { login: (session) => session.rst() },
      "ERROR 2013 (HY000): Lost connection to MySQL server at 'reading authorization packet', system error: 104",
      "ERROR 2013 (HY000): Lost connection to server at 'reading authorization packet', system error: 104",
    ],
    [
      'ERR 1045 behind the login',
      {
        login: (session) =>
          session.err(1045, '42000', "Access denied for user 'root'@'xxx.xxx.xxx.xxx' (using password: YES)").fin(),
      },
      "ERROR 1045 (42000): Access denied for user 'root'@'xxx.xxx.xxx.xxx' (using password: YES)",
      "ERROR 1045 (42000): Access denied for user 'root'@'xxx.xxx.xxx.xxx' (using password: YES)",
    ],
  ];

  it.each(PHASES)('%s', (_name, script, obclient, mariadb) => {
    const bench = new Bench(script);
    expect(bench.run('SELECT 1;')).toEqual([obclient]);
    expect(bench.server.commands).toEqual([]);
    expect(new Bench(script, { dialect: 'mariadb' }).run('SELECT 1;')).toEqual([mariadb]);
    bench.client.close();
    bench.world.settle();
    expect(bench.world.armedTimers).toBe(0);
  });

  it('J: ERR 1040 in place of the greeting', () => {
    const packet = (hex: string) => Buffer.from(hex.replace(/\s/g, ''), 'hex');
    const withState = packet('1d000000 ff1004 233038303034 546f6f206d616e7920636f6e6e656374696f6e73');
    const without = packet('17000000 ff1004 546f6f206d616e7920636f6e6e656374696f6e73');
    const run = (bytes: Buffer, dialect: 'obclient' | 'mariadb') =>
      new Bench({ accepted: (session) => session.raw(bytes).fin() }, { dialect }).run('SELECT 1;');
    expect(run(withState, 'obclient')).toEqual(['ERROR 1040 (08004): Too many connections']);
    expect(run(without, 'obclient')).toEqual(['ERROR 1040 (HY000): Too many connections']);
    expect(run(withState, 'mariadb')).toEqual([
      'ERROR 2002 (HY000): Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: 1040 - Too many connections',
    ]);
  });

  it.each([
    ['obclient', "ERROR 2002 (HY000): Can't connect to OceanBase server on '10.0.0.1' (115)"],
    ['mariadb', "ERROR 2002 (HY000): Can't connect to server on '10.0.0.1' (115)"],
    ['mysql', "ERROR 2003 (HY000): Can't connect to MySQL server on '10.0.0.1:2883' (111)"],
  ] as const)('%s: nobody listens', (dialect, text) => {
    expect(new Bench({}, { dialect, deaf: true }).run('SELECT 1;')).toEqual([text]);
  });

  it('no greeting ever: it waits', () => {
    expect(new Bench({ accepted() {} }).run('SELECT 1;')).toBeNull();
  });

  it('a greeting that is none: 2027', () => {
    const bench = new Bench({ accepted: (session) => session.raw(Buffer.of(1, 0, 0, 0, 9)) });
    expect(bench.run('SELECT 1;')).toEqual(['ERROR 2027 (HY000): Malformed packet']);
  });
});

describe('commands of the client', () => {
  it('use, and the database after a reconnect', () => {
    const script: Script = {
      command(session, text) {
        if (text === '026e6f6e65') session.err(1049, '42000', "Unknown database 'none'");
        else if (text === 'KILL 1') session.fin();
        else session.ok();
      },
    };
    const bench = new Bench(script);
    expect(bench.run('use bank')).toEqual(['Database changed']);
    expect(bench.server.sessions[0]!.commands.at(-1)).toBe(`02${Buffer.from('bank').toString('hex')}`);
    expect(bench.run('use none;')).toEqual(["ERROR 1049 (42000): Unknown database 'none'"]);
    bench.run('KILL 1;');
    expect(bench.run('SELECT 1;')).toContain('Current database: bank');
    expect(bench.server.sessions[1]!.login!.database).toBe('bank');
  });

  it('quit says Bye, and the next input is a new client', () => {
    const bench = new Bench({});
    bench.run('SELECT 1;');
    expect(bench.run('quit')).toEqual(['Bye']);
    expect(bench.server.sessions[0]!.commands.at(-1)).toBe('01');
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
    bench.run('SELECT 1;');
    expect(bench.server.sessions[1]!.commands[0]).toBe('select @@version_comment limit 1');
  });

  it('connect', () => {
    const bench = new Bench({});
    bench.run('SELECT 1;');
    expect(bench.run('connect')).toEqual(['Connection id:    56933', 'Current database: *** NONE ***', '']);
    expect(bench.server.sessions[0]!.commands.at(-1)).toBe('01');
  });

  it('\\ping reports and never reconnects', () => {
    const bench = new Bench({ command: (session) => session.ok() });
    expect(bench.run('\\ping')).toEqual(['OK']);
    bench.server.sessions[0]!.fin();
    bench.world.settle();
    expect(bench.all('\\ping', '\\ping').flat()).toEqual([
      'ERROR 2013 (HY000): Lost connection to MySQL server during query',
      'ERROR 2006 (HY000): OceanBase server has gone away',
    ]);
    expect(bench.server.sessions).toHaveLength(1);
  });

  it('\\raw sends a payload as it stands', () => {
    const bench = new Bench({ command: (session) => session.ok() });
    expect(bench.run('\\raw 0c 64 de 00 00')).toEqual(['Query OK, 0 rows affected']);
    expect(bench.server.commands.at(-1)).toBe('0c64de0000');
  });

  it.each([
    ['obclient', 'Ctrl-C -- query killed. Continuing normally.', 'Ctrl-C -- query killed. Continuing normally.'],
    ['mariadb', 'Ctrl-C -- query killed.', 'Ctrl-C -- connection killed.'],
    ['mysql', '^C -- query aborted', '^C -- query aborted'],
  ] as const)('%s: ^C', (dialect, first, second) => {
    const waiting: FakeSession[] = [];
    const script: Script = {
      command(session, text) {
        if (text.startsWith('KILL')) session.ok();
        else waiting.push(session);
      },
    };
    const bench = new Bench(script, { dialect });
    expect(bench.run('SELECT SLEEP(9);')).toBeNull();
    expect(bench.run('^C')).toEqual([first]);
    expect(bench.run('^C')).toEqual([second]);
    const kills = bench.server.sessions.slice(1).map((session) => session.commands);
    expect(kills).toEqual([
      ['KILL QUERY 56932', '01'],
      ['KILL 56932', '01'],
    ]);
    expect(bench.client.busy).toBe(true);
    waiting[0]!.err(...INTERRUPTED);
    bench.world.settle();
    expect(bench.client.busy).toBe(false);
  });

  it('open stops at the greeting; the next statement logs in', () => {
    const bench = new Bench({});
    let printed: readonly string[] = [];
    bench.client.open((lines) => {
      printed = lines;
    });
    bench.world.settle();
    expect(printed).toEqual(['Connection id:    56932']);
    expect(bench.server.sessions[0]!.login).toBeNull();
    expect(bench.run('SELECT 1;')).toContain('1 row in set');
  });

  it('close and reset: FIN without COM_QUIT, RST; the task is never answered', () => {
    for (const verb of ['close', 'reset'] as const) {
      const bench = new Bench({ command() {} });
      expect(bench.run('SELECT SLEEP(9);')).toBeNull();
      bench.client[verb]();
      bench.world.settle();
      expect(bench.server.sessions[0]!.heard).toBe(verb === 'close' ? 'fin ' : 'rst ');
      expect(bench.server.sessions[0]!.commands.at(-1)).toBe('SELECT SLEEP(9)');
      expect(bench.client.busy).toBe(false);
      bench.world.settle();
      expect(bench.world.openConnections).toBe(0);
    }
  });

  it('a read time-out: what is waited for must come byte by byte, by the own clock; then FIN, 2013, and 2006', () => {
    const waiting: FakeSession[] = [];
    const bench = new Bench(
      {
        command(session, text) {
          if (text.includes('SLEEP')) waiting.push(session);
          else session.ok();
        },
      },
      { readTimeout: 1000 },
    );
    expect(bench.run('SELECT SLEEP(9);')).toBeNull();
    bench.world.advance(900);
    waiting[0]!.halfOfRows();
    bench.world.advance(900);
    expect(bench.client.busy).toBe(true);
    bench.clock.jump(99);
    bench.world.settle();
    expect(bench.client.busy).toBe(true);
    bench.clock.jump(1);
    bench.world.settle();
    expect(bench.client.busy).toBe(false);
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
    expect(bench.run('DO 1;')!.slice(0, 3)).toEqual([
      'ERROR 2006 (HY000): OceanBase server has gone away',
      'No connection. Trying to reconnect...',
      'Connection id:    56933',
    ]);
    // Who waits for nothing can wait for ever.
    bench.clock.jump(3_600_000);
    bench.world.advance(3_600_000);
    expect(bench.run('DO 2;')).toEqual(['Query OK, 0 rows affected']);
    expect(bench.world.armedTimers).toBe(0);
  });

  it('half-close: FIN of one side, the answer is still read for; the next statement cannot be written', () => {
    const bench = new Bench({
      command(session, text) {
        if (session.id !== 56_932) session.rows(['a'], [[text]]);
      },
    });
    expect(bench.run('SELECT SLEEP(9);')).toBeNull();
    bench.client.halfClose();
    expect(bench.client.busy).toBe(true);
    bench.world.settle();
    expect(bench.server.sessions[0]!.heard).toBe('fin ');
    expect(bench.client.busy).toBe(false);
    expect(bench.run('SELECT 1;')!.slice(0, 3)).toEqual([
      'ERROR 2006 (HY000): OceanBase server has gone away',
      'No connection. Trying to reconnect...',
      'Connection id:    56933',
    ]);
    bench.client.halfClose();
    bench.world.settle();
    expect(bench.run('SELECT 2;')).toContain('| SELECT 2 |');
    expect(bench.server.sessions.map(({ commands }) => commands.at(-1))).toEqual([
      'SELECT SLEEP(9)',
      'SELECT 1',
      'SELECT 2',
    ]);
  });
});
