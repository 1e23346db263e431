/**
 * Goes on where something throws that nobody can catch: in an event of a real socket. That would end the process before it has
 * told what it came to tell.
 */

export class Survival {
  #hasThrown = false;

  /** Something has been left as the throw has left it, sockets and timers too: who is done ends the process. */
  get hasThrown(): boolean {
    return this.#hasThrown;
  }

  /** What `act` comes to, or null where an event throws meanwhile. */
  async of<T>(act: () => Promise<T>): Promise<T | null> {
    let tell = (): void => {};
    const thrown = new Promise<null>((resolve) => {
      tell = () => {
        this.#hasThrown = true;
        resolve(null);
      };
    });
    process.on('uncaughtException', tell);
    try {
      return await Promise.race([act(), thrown]);
    } finally {
      // What has thrown once may do so again.
      if (!this.#hasThrown) process.off('uncaughtException', tell);
    }
  }
}
