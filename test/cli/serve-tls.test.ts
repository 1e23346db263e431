/**
 * What `odplab serve` says about TLS before it starts: which flags go together, and what is wrong with a file, by its name
 * and with its mend.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseServeFlags } from '../../proxy/cli/flags.ts';
import { serve } from '../../proxy/cli/serve.ts';
import { serveTls } from '../../proxy/cli/tls.ts';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';

let folder = '';
const own = selfMadeCertificate();
const other = selfMadeCertificate();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'odplab-tls-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' });
  const texts = {
    'key.pem': own.key,
    'cert.pem': own.cert,
    'chain.pem': own.cert + other.cert,
    'upside-down.pem': other.cert + own.cert,
    'other-key.pem': other.key,
    'encrypted.pem': String(encrypted),
    'nothing.pem': 'hello\n',
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string): string {
  return join(folder, name);
}

/** What is said of wrong usage; the exit code must be 2. */
async function refused(...args: string[]): Promise<string> {
  const said: string[] = [];
  const code = await serve(args, { out: (text) => said.push(text), error: (text) => said.push(text) });
  expect(code).toBe(2);
  expect(said).toHaveLength(1);
  return said[0]!.replaceAll(folder, '…');
}

describe('flags that do not go together', () => {
  test.each<[args: string[], says: string]>([
    [['--tls-key', 'k'], '--tls-key without --tls-cert: a certificate and its private key are given together'],
    [['--tls-cert', 'c'], '--tls-cert without --tls-key: a certificate and its private key are given together'],
    [['--tls-self-signed', '--tls-cert', 'c'], 'give one of them'],
    [['-o', 'enable_client_ssl=true'], 'there is no certificate to show; give --tls-key FILE and --tls-cert FILE'],
    [['-o', 'ssl_attributes={"using_ssl":"ENABLE_FORCE"}'], 'nobody could log in'],
    [['--tls-self-signed', '-o', 'ssl_attributes={"using_ssl":"MAYBE"}'], '{"using_ssl":"ENABLE_FORCE"}'],
    [['-o', 'enable_server_ssl=perhaps'], 'true or false'],
  ])('%j', async (args, says) => {
    expect(await refused(...args)).toContain(says);
  });
});

describe('a file', () => {
  test.each<[key: string, cert: string, says: string]>([
    ['no-key.pem', 'cert.pem', '…/no-key.pem, the private key: there is no such file'],
    ['key.pem', 'no-cert.pem', '…/no-cert.pem, the certificate: there is no such file'],
    ['nothing.pem', 'cert.pem', '…/nothing.pem has no private key in it'],
    ['cert.pem', 'cert.pem', '…/cert.pem has no private key in it'],
    ['key.pem', 'nothing.pem', '…/nothing.pem has no certificate in it'],
    ['key.pem', 'key.pem', '…/key.pem has no certificate in it'],
    ['encrypted.pem', 'cert.pem', 'the key in …/encrypted.pem is encrypted'],
    ['other-key.pem', 'cert.pem', 'the key in …/other-key.pem is not that of the certificate in …/cert.pem'],
    ['key.pem', 'upside-down.pem', 'the first must be its own'],
  ])('%s with %s', async (key, cert, says) => {
    const said = await refused('--tls-key', file(key), '--tls-cert', file(cert));
    expect(said).toContain('odplab serve: --tls-key, --tls-cert: ');
    expect(said).toContain(says);
  });

  test('of authorities that is none', async () => {
    const said = await refused('--tls-ca', file('key.pem'), '-o', 'enable_server_ssl=true');
    expect(said).toContain('--tls-ca: …/key.pem has no certificate in it');
  });
});

describe('what is given is used', () => {
  test('a certificate turns TLS to clients on, unless that is refused', () => {
    const files = ['--tls-key', file('key.pem'), '--tls-cert', file('chain.pem')];
    expect(parseServeFlags(files).items.enable_client_ssl).toBe(true);
    expect(parseServeFlags(['--tls-self-signed']).items.enable_client_ssl).toBe(true);
    expect(parseServeFlags([...files, '-o', 'enable_client_ssl=false']).items.enable_client_ssl).toBe(false);
    expect(parseServeFlags([]).items.enable_client_ssl).toBe(false);
    const { options, lines } = serveTls(parseServeFlags(files));
    expect(options.certificate!()).toEqual({ key: own.key, cert: own.cert + other.cert });
    expect(lines.join('\n')).toMatch(/TLS is offered to clients.*\n +([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  test('simulated observers have a certificate of their own; before real ones none is made up', () => {
    expect(serveTls(parseServeFlags(['-o', 'enable_server_ssl=true'])).options.certificate!().cert).toContain('BEGIN');
    const real = parseServeFlags([
      '-r',
      '127.0.0.1:2881',
      '-o',
      'enable_server_ssl=true',
      '--tls-ca',
      file('cert.pem'),
    ]);
    expect(serveTls(real).options).toEqual({ certificate: null, authorities: own.cert });
    expect(serveTls(parseServeFlags([]))).toEqual({ options: { certificate: null, authorities: null }, lines: [] });
  });

  test('authorities without TLS to observers are told to have no effect', () => {
    expect(parseServeFlags(['--tls-ca', 'x']).warnings).toEqual([
      '--tls-ca is for observers, and has no effect without -o enable_server_ssl=true',
    ]);
  });
});
