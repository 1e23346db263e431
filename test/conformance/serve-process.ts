/**
 * `odplab serve` as a person starts it: a process on a free port of the loopback, told to stop by its process id.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { inTime } from './until.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export class ServeProcess {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
  }

  /** `more`: flags beside the port. */
  static async start(more: readonly string[] = []): Promise<ServeProcess> {
    const port = await freePort();
    const args = ['--import', 'tsx', 'proxy/cli.ts', 'serve', '-p', String(port), ...more];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const listening = new Promise<void>((resolve) => {
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('the proxy listens on')) resolve();
      });
    });
    const served = new ServeProcess(port, child);
    try {
      await inTime(listening, 'odplab serve to listen');
    } catch (error) {
      await served.stop();
      throw error;
    }
    return served;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await inTime(ended, 'odplab serve to end');
  }
}
