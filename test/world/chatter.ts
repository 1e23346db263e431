/** A small busy world: several clients talk to one server that answers; its log is one line for each event. */
import type { Connection, ConnectionEvents } from '../../proxy/ports.ts';
import type { World } from '../../simulator/world/world.ts';

const ADDRESS = { host: '192.0.2.1', port: 2883 };

class Talker implements ConnectionEvents {
  readonly #name: string;
  readonly #log: string[];
  readonly #answers: boolean;
  connection!: Connection;

  constructor(name: string, log: string[], answers: boolean) {
    this.#name = name;
    this.#log = log;
    this.#answers = answers;
  }

  data(chunk: Buffer): void {
    this.#log.push(`${this.#name} data ${chunk.toString('latin1')}`);
    if (this.#answers) this.connection.writeAll([Buffer.from('<'), chunk, Buffer.from('>')]);
  }

  drain(): void {}

  flushed(): void {
    this.#log.push(`${this.#name} flushed`);
  }

  end(): void {
    this.#log.push(`${this.#name} end`);
    this.connection.end();
  }

  reset(): void {
    this.#log.push(`${this.#name} reset`);
  }

  closed(): void {
    this.#log.push(`${this.#name} closed`);
  }
}

/** Runs it to its end, and gives the log. */
export function chatter(world: World): string {
  const log: string[] = [];
  let accepted = 0;
  const listener = world.network.listen(ADDRESS, {
    listening() {},
    failed() {},
    closed() {},
    accept(connection) {
      const talker = new Talker(`server ${accepted++} of ${connection.remote.port}`, log, true);
      talker.connection = connection;
      connection.write(Buffer.from('hello'));
      return talker;
    },
  });
  for (let i = 0; i < 4; i++) {
    const client = new Talker(`client ${i}`, log, false);
    client.connection = world.network.connect(ADDRESS, client);
    for (const word of ['select', 'from', 'where']) client.connection.write(Buffer.from(word));
    if (i === 3) world.clock.after(5, () => client.connection.reset());
    else client.connection.end();
  }
  world.advance(10);
  listener.close();
  world.settle();
  if (!world.idle) log.push('not idle');
  return log.join('\n');
}
