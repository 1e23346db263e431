/** The contract of the ports, on `node:net` and real time: as in production, and with its events counted. */
import { describe, expect, test } from 'vitest';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { NodeNetwork } from '../../proxy/node/net.ts';
import { Quiet } from '../../proxy/node/quiet.ts';
import type { Network } from '../../proxy/ports.ts';
import { type Arm, Lab } from './arm.ts';
import { CONNECTIONS, CONTRACT, holds } from './contract.ts';

/** An awaited event that has not come by then will not. */
const TIMEOUT = 10_000;

/** So many exchanges on a connection beside it, and whatever was under way on loopback has arrived. */
const ROUNDS = 30;

const CERTIFICATE = selfMadeCertificate();
/** Its own authority: so the connecting end checks it, too. */
const TLS = { certificate: () => CERTIFICATE, authorities: CERTIFICATE.cert };

class SocketArm implements Arm {
  readonly host = '127.0.0.1';
  readonly network: Network;
  readonly clock = new NodeClock();
  readonly #quiet: Quiet | undefined;
  #wake: (() => void) | undefined;

  constructor(quiet?: Quiet) {
    this.#quiet = quiet;
    this.network = new NodeNetwork(quiet === undefined ? { tls: TLS } : { quiet, tls: TLS });
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake?.();
    }, TIMEOUT);
    while (!condition()) {
      expect(late, what).toBe(false);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
  }

  happened(): void {
    this.#wake?.();
  }

  async quiet(): Promise<void> {
    if (this.#quiet !== undefined) {
      await this.#quiet.settled();
      return;
    }
    const beside = new SocketArm();
    const lab = new Lab(beside);
    const { client, server } = await lab.pair();
    server.onData = (chunk) => server.write(chunk);
    for (let round = 1; round <= ROUNDS; round++) {
      client.write('x');
      await beside.until('echo', () => client.received === round);
    }
    client.finish();
    server.finish();
    server.onData = undefined;
    await beside.until('closed', () => client.over && server.over);
    for (const ear of lab.listeners) ear.close();
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    while (this.clock.now() < end || this.clock.armed > 0) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 1);
      });
    }
  }
}

describe('the ports on node:net', () => {
  for (const expectation of CONTRACT) {
    test(expectation.sentence, () => holds(new SocketArm(), expectation));
  }
});

describe('the ports on node:net, counted', () => {
  for (const expectation of CONTRACT) {
    test(expectation.sentence, async () => {
      const quiet = new Quiet();
      await holds(new SocketArm(quiet), expectation);
      expect(quiet.openConnections).toBe(0);
    });
  }
});

describe('the ports on node:tls', () => {
  for (const expectation of CONNECTIONS) {
    test(expectation.sentence, () => holds(new SocketArm(), expectation, true));
  }
});

describe('the ports on node:tls, counted', () => {
  for (const expectation of CONNECTIONS) {
    test(expectation.sentence, async () => {
      const quiet = new Quiet();
      await holds(new SocketArm(quiet), expectation, true);
      expect(quiet.openConnections).toBe(0);
    });
  }
});
