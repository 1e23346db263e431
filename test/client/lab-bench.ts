/** A world in memory with a fake server and one client, and what the client prints: for the tests of this folder. */
import type { DialectName } from '../../simulator/client/dialects.ts';
import { DIALECTS } from '../../simulator/client/dialects.ts';
import { readInput } from '../../simulator/client/input.ts';
import { ScriptedClient } from '../../simulator/client/scripted-client.ts';
import { OwnClock } from '../../simulator/world/own-clock.ts';
import { World } from '../../simulator/world/world.ts';
import { FakeServer, type Script, SERVER, sha1 } from './fake-server.ts';

export interface BenchOptions {
  readonly dialect?: DialectName;
  readonly database?: string | null;
  readonly reconnect?: boolean;
  readonly password?: string;
  /** How long it waits for the next byte, in milliseconds, by its own clock. */
  readonly readTimeout?: number;
  /** Nobody listens. */
  readonly deaf?: boolean;
}

export class Bench {
  readonly world = new World();
  readonly clock = new OwnClock(this.world.clock);
  readonly server: FakeServer;
  readonly client: ScriptedClient;

  constructor(script: Script, options: BenchOptions = {}) {
    const {
      dialect = 'obclient',
      database = null,
      reconnect = true,
      password = '',
      deaf = false,
      readTimeout,
    } = options;
    this.server = new FakeServer(this.world.network, script, deaf ? { host: '10.0.0.99', port: 1 } : SERVER);
    this.client = new ScriptedClient(
      {
        target: SERVER,
        from: null,
        user: 'root@sys#obdemo',
        password,
        dialect: DIALECTS[dialect],
        database,
        reconnect,
        patience: readTimeout === undefined ? null : { clock: this.clock, readTimeout },
      },
      { network: this.world.network, sha1 },
    );
  }

  /** What the client prints for this input once the world is quiet; null while it waits. */
  run(text: string): readonly string[] | null {
    const input = readInput(text);
    if (input.kind !== 'command') throw new Error(`${text}: ${JSON.stringify(input)}`);
    let printed: readonly string[] | null = null;
    this.client.run(input.command, (lines) => {
      printed = lines;
    });
    this.world.settle();
    return printed;
  }

  /** The same for every input, joined; a blank line is kept as ''. */
  all(...texts: readonly string[]): (readonly string[] | null)[] {
    return texts.map((text) => this.run(text));
  }
}
