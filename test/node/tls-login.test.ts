/**
 * A login over TLS whose first bytes arrive as they like: the request for TLS and a real ClientHello right behind it, cut
 * anywhere. And somebody who sends something else in its place, while the others are served.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfMadeCertificate } from '../../proxy/node/certificate.ts';
import { NodeClock } from '../../proxy/node/clock.ts';
import { writeProxyHeader } from '../../proxy/wire/proxy-header.ts';
import { isDeserted, type SimulatedOdp, startOdp } from '../conformance/simulated-odp.ts';
import { until } from '../conformance/until.ts';
import { loginBytes, sslRequestBytes, TLS_FLAGS } from '../session/raw-client.ts';

const CERTIFICATE = selfMadeCertificate();
/** Every cut of the request and a little more, then one in so many. */
const EACH = 48;
const STEP = 24;

let odp: SimulatedOdp;

beforeAll(async () => {
  odp = await startOdp(new NodeClock(), { tls: CERTIFICATE, items: { proxy_protocol_networks: '127.0.0.1' } });
});

afterAll(async () => {
  odp.stop();
  await until(() => isDeserted(odp), 'every session to end');
});

/** A connection that has its greeting. */
async function greeted(): Promise<Socket> {
  const socket = connect(odp.address.port, odp.address.host);
  await once(socket, 'data');
  return socket;
}

/** Whatever was sent before has been read by the proxy: it has greeted somebody who came later. */
async function isRead(): Promise<void> {
  const other = await greeted();
  other.destroy();
}

/** Under TLS: hands on what it writes, the first of it behind the request, in two parts. */
class CutLink extends Duplex {
  readonly #socket: Socket;
  readonly #cut: number;
  readonly #before: Buffer;
  #first = true;
  /** Bytes of what comes before, of the request and the ClientHello together. */
  size = 0;

  constructor(socket: Socket, cut: number, before: Buffer) {
    super();
    this.#before = before;
    this.#socket = socket;
    this.#cut = cut;
    socket.on('data', (chunk) => this.push(chunk));
    socket.on('end', () => this.push(null));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.#first) {
      this.#socket.write(chunk, () => done());
      return;
    }
    this.#first = false;
    const bytes = Buffer.concat([this.#before, sslRequestBytes(), chunk]);
    this.size = bytes.length;
    this.#socket.write(bytes.subarray(0, this.#cut));
    void isRead().then(() => this.#socket.write(bytes.subarray(this.#cut), () => done()));
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }
}

/** Logs in; the size of what was cut. `before`: sent in front of all. */
async function logIn(cut: number, before: Buffer = Buffer.alloc(0)): Promise<number> {
  const link = new CutLink(await greeted(), cut, before);
  const secure = connectTls({ socket: link, ca: CERTIFICATE.cert, servername: 'localhost' });
  await once(secure, 'secureConnect');
  secure.write(loginBytes('root@sys#obdemo', TLS_FLAGS, 2));
  const [answer] = (await once(secure, 'data')) as [Buffer];
  // The header's number, and OK.
  expect([answer[3], answer[4]]).toEqual([3, 0]);
  secure.end();
  return link.size;
}

test('wherever the request and the hello behind it are cut, the login is answered', async () => {
  const size = await logIn(1);
  for (let cut = 2; cut < size; cut += cut < EACH ? 1 : STEP) await logIn(cut);
});

test('the same behind a header of the PROXY protocol', async () => {
  const header = writeProxyHeader({ host: '203.0.113.9', port: 51_234 }, odp.address);
  const size = await logIn(1, header);
  for (let cut = 2; cut < size; cut += cut < EACH + header.length ? 1 : STEP) await logIn(cut, header);
});

test('garbage in place of a hello ends that connection and no other', async () => {
  const broken = await greeted();
  const over = new Promise((resolve) => broken.on('error', () => {}).on('close', resolve));
  broken.on('data', () => {});
  broken.write(Buffer.concat([sslRequestBytes(), Buffer.from('GET / HTTP/1.1\r\n\r\n')]));
  await over;
  await logIn(36);
});
