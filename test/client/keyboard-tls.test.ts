/** `odplab sql` over TLS, to the proxy before a simulated cluster: whom it trusts, and what it says where there is none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { type SimulatedOdp, startOdp } from '../conformance/simulated-odp.ts';
import { sql } from './sql-process.ts';

const PATIENCE = 20_000;

describe('odplab sql over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'odplab-sql-'));
  const [own, other] = ['own', 'other'].map((name) => join(folder, name)) as [string, string];
  let withTls: SimulatedOdp;
  let without: SimulatedOdp;

  beforeAll(async () => {
    const certificate = selfMadeCertificate();
    writeFileSync(own, certificate.cert);
    writeFileSync(other, selfMadeCertificate().cert);
    withTls = await startOdp(new NodeClock(), { tls: certificate });
    without = await startOdp(new NodeClock());
  });

  afterAll(() => {
    withTls.stop();
    without.stop();
    rmSync(folder, { recursive: true });
  });

  it.each<[flags: string[], using: number]>([
    [['--tls'], 1],
    [['--tls-ca', own], 1],
    [[], 0],
  ])('%j', { timeout: PATIENCE }, async (flags, using) => {
    const { code, out, err } = await sql(['-P', String(withTls.address.port), ...flags], 'SHOW PROXYSESSION\\G\n');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`using_ssl: ${using}`));
  });

  it('a certificate that nobody trusted has signed: 2026, and nothing is said', { timeout: PATIENCE }, async () => {
    const { code, out, err } = await sql(['-P', String(withTls.address.port), '--tls-ca', other], 'SELECT 1');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^ERROR 2026 \(HY000\): .*self.signed certificate/);
  });

  it('a server without TLS: 2026', { timeout: PATIENCE }, async () => {
    const { code, out, err } = await sql(['-P', String(without.address.port), '--tls'], 'SELECT 1');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('ERROR 2026 (HY000)');
    expect(err).toContain('SSL is required, but the server does not support it');
  });
});
