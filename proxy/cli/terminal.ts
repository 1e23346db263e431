/**
 * The terminal as commands see it: two streams of text, and whether it shows colours. Must never know what is written.
 */

/** Where output goes; the process' own unless a test says otherwise. */
export interface TerminalIo {
  out(text: string): void;
  err(text: string): void;
  /** The terminal shows colours. */
  readonly colours: boolean;
}

export const TERMINAL: TerminalIo = {
  out(text) {
    writeQuietly(process.stdout, text);
  },
  err(text) {
    writeQuietly(process.stderr, text);
  },
  // FORCE_COLOR and NO_COLOR, then whether it is a terminal; Node itself says the depth.
  get colours() {
    if ((process.env.NO_COLOR ?? '') !== '') return false;
    if ((process.env.FORCE_COLOR ?? '') !== '') return process.env.FORCE_COLOR !== '0';
    return process.stdout.isTTY === true && process.stdout.hasColors();
  },
};

/** Who reads may stop before the end, as `head` does: the run goes on all the same, and its exit code is its own. */
function writeQuietly(stream: NodeJS.WriteStream, text: string): void {
  if (stream.listenerCount('error', onWriteError) === 0) stream.on('error', onWriteError);
  if (stream.writable) stream.write(text);
}

function onWriteError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
