/**
 * The self-made certificate: Node, which did not write it, reads it, and finds in it what was meant.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';

const NOW = Date.UTC(2026, 10, 22, 9, 30);

test('it is a certificate for localhost that its own key has signed', () => {
  const { key, cert } = selfMadeCertificate(NOW);
  const read = new X509Certificate(cert);
  expect(read.subject).toBe('CN=odplab self-made');
  expect(read.issuer).toBe(read.subject);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkIssued(read)).toBe(true);
  expect(read.ca).toBe(true);
  expect(read.checkHost('localhost')).toBe('localhost');
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(read.checkIP('::1')).toBe('::1');
  expect(read.checkHost('example.org')).toBeUndefined();
});

test('it is valid from a day ago for a year', () => {
  const { validFrom, validTo } = new X509Certificate(selfMadeCertificate(NOW).cert);
  expect(new Date(validFrom).toISOString()).toBe('2026-11-21T09:30:00.000Z');
  expect(new Date(validTo).toISOString()).toBe('2027-11-22T09:30:00.000Z');
});

test('each is another one', () => {
  const made = Array.from({ length: 50 }, () => new X509Certificate(selfMadeCertificate(NOW).cert));
  expect(new Set(made.map((it) => it.serialNumber)).size).toBe(50);
  // A number is as long as it was drawn: no byte is lost to a sign.
  for (const it of made) expect(it.serialNumber).toHaveLength(32);
});
