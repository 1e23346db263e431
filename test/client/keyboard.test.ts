/** `odplab sql` as a process of its own: a pipe in place of the keyboard, on real sockets. */
import { afterEach, describe, expect, it } from 'vitest';
import { NodeNetwork } from '../../proxy/node/net.ts';
import type { Address } from '../../proxy/ports.ts';
import { FakeServer, type Script } from './fake-server.ts';
import { sql } from './sql-process.ts';

let server: FakeServer | null = null;

afterEach(() => {
  server?.stop();
  server = null;
});

/** Starts a server on a free port. */
function serve(script: Script): Promise<Address> {
  return new Promise((resolve) => {
    const network = new NodeNetwork();
    const listening = {
      acceptsTls: false,
      listen(address: Address, events: Parameters<NodeNetwork['listen']>[1]) {
        return network.listen(address, {
          listening: resolve,
          failed: (code) => events.failed(code),
          accept: (connection) => events.accept(connection),
          closed: () => events.closed(),
        });
      },
      connect: network.connect.bind(network),
    };
    server = new FakeServer(listening, script, { host: '127.0.0.1', port: 0 });
  });
}

describe('odplab sql', () => {
  it('carries out what comes through a pipe, reconnects, and ends with 1 for what failed', async () => {
    const script: Script = {
      command(session, text) {
        if (text === 'KILL') session.err(1317, '70100', 'Query execution was interrupted').fin();
        else session.rows(['a'], [[text]]);
      },
    };
    const { port } = await serve(script);
    const input = 'SELECT\n1;\nKILL;\nSELECT 2;\nSELECT 3;\n\\pong\n';
    const { code, out, err } = await sql(['-P', String(port), '-D', 'bank'], input, { ODPLAB_PASSWORD: 'x' });
    expect(err).toBe('');
    expect(out.split('\n')).toEqual([
      '+-----------+',
      '| a         |',
      '+-----------+',
      '| SELECT\\n1 |',
      '+-----------+',
      '1 row in set',
      '',
      'ERROR 1317 (70100): Query execution was interrupted',
      '',
      'ERROR 2013 (HY000): Lost connection to MySQL server during query',
      '',
      'ERROR 2006 (HY000): OceanBase server has gone away',
      'No connection. Trying to reconnect...',
      'Connection id:    56933',
      'Current database: bank',
      '',
      '+----------+',
      '| a        |',
      '+----------+',
      '| SELECT 3 |',
      '+----------+',
      '1 row in set',
      '',
      'ERROR: `\\pong` is no command of the client; there are \\ping, \\flags, \\prepare, \\execute, \\close_statement, \\change_user, \\reset_connection, \\raw',
      '',
    ]);
    expect(code).toBe(1);
    expect(server!.sessions[0]!.login!.authResponse).toHaveLength(20);
    expect(server!.sessions[1]!.commands.at(-1)).toBe('01');
  });

  const ECHO: Script = {
    command(session, text) {
      if (text.startsWith('SELCT')) session.err(1064, '42000', 'near');
      else if (text === 'DIE') session.fin();
      else session.rows(['ERROR'], [[text]]);
    },
  };

  it.each([
    ['SELECT 1;\nSELECT\n2', ['SELECT 1', 'SELECT\\n2'], 0],
    ["SELECT 1;\nSELECT 'a;", ['SELECT 1', "SELECT 'a;"], 0],
    ['SELECT 1;\n-- a comment\n/* another */\n', ['SELECT 1'], 0],
    ['SELECT 1\\G\nSELECT 2', ['SELECT 1', 'SELECT 2'], 0],
    ['SELECT 1;\nquit\nSELCT', ['SELECT 1'], 0],
    ['SELCT', [], 1],
    ['SELCT;\nSELECT 1;', ['SELECT 1'], 1],
    ['DIE;', [], 1],
  ])('a pipe of %j: %j, and %i', async (input, answered, expected) => {
    const { port } = await serve(ECHO);
    const { code, out } = await sql(['-P', String(port)], input);
    const cells = [...out.matchAll(/^(?:\| (?!ERROR)|ERROR: )(\S.*?) *\|?$/gm)].map((match) => match[1]);
    expect(cells).toEqual(answered);
    expect(code).toBe(expected);
  });

  it.each([[['-h']], [['-h', '-P', '1']], [['-P', '1', '-h']], [['--help']]])('%j explains', async (args) => {
    const { code, out, err } = await sql(args, '');
    expect(out).toContain('Usage: odplab sql');
    expect([code, err]).toEqual([0, '']);
  });

  it('cannot connect: the error, and 1', async () => {
    const { code, out, err } = await sql(['-P', '1', '--dialect', 'mariadb'], 'SELECT 1;\n');
    expect([code, out, err]).toEqual([1, '', "ERROR 2002 (HY000): Can't connect to server on '127.0.0.1' (115)\n"]);
  });

  it.each([
    [['-psecret'], 'a password on the command line can be seen by others'],
    [['-p'], '-p asks at a terminal; for a pipe set ODPLAB_PASSWORD'],
    [['-P', 'x'], '-P x: a port is a number from 1 to 65535'],
    [['--dialect', 'psql'], '--dialect psql: there are obclient, mariadb, mysql'],
    [['--tls-ca', '/no/such'], '--tls-ca: /no/such, the certificates to trust: there is no such file'],
  ])('%j: wrong usage, and 2', async (args, text) => {
    const { code, err } = await sql(args, '');
    expect(err).toContain(text);
    expect(code).toBe(2);
  });
});
