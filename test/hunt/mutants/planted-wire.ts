/**
 * Bugs planted in the wire (`proxy/wire`): where a packet, a response or a request ends, and what is read of it. Single decisions, most of which an ordinary test does not meet.
 *
 * Knows only texts; how they are planted is in `copy.ts`.
 */
import type { Planted } from './bug.ts';

export const PLANTED_IN_WIRE: readonly Planted[] = [
  {
    name: 'the number of an ERR outlives its answer',
    file: 'proxy/wire/response.ts',
    text: '    this.eofStatus = 0;\n    this.errorCode = 0;\n',
    instead: '    this.eofStatus = 0;\n',
  },
  {
    name: 'an EOF is lost where the extra OK behind it is cut in two',
    file: 'proxy/wire/response.ts',
    text: "      this.#release(out);\n      if (fate !== 'release')",
    instead: "      if (fate !== 'release')",
  },
  {
    name: 'the status of the extra OK behind an ERR or a result is not read',
    file: 'proxy/wire/response.ts',
    text: '      this.status = this.finalOk.status;\n',
    instead: '',
  },
  {
    name: 'the extra OK is taken out with one byte too many',
    file: 'proxy/wire/response.ts',
    text: '    out.push(this.#withheld);\n',
    instead: '    out.push(this.#withheld.subarray(0, this.#withheld.length - 1));\n',
  },
  {
    name: 'a packet cut in its header is taken for longer than it is',
    file: 'proxy/wire/response.ts',
    text: '      this.#skip = HEADER_SIZE + length - held.length;',
    instead: '      this.#skip = length;',
  },
  {
    name: 'the session state in the extra OK behind a result is not read',
    file: 'proxy/wire/response.ts',
    text: '      this.finalOk = this.#kept(readObserverOk(payload));',
    instead: '      this.finalOk = readObserverOk(payload);',
  },
  {
    name: 'the last byte of a long request is handed out later',
    file: 'proxy/wire/request.ts',
    text: "        this.#streamed = 'nothing';\n        return at;",
    instead: "        this.#streamed = 'nothing';\n        return chunk.length - 1;",
  },
  {
    name: 'the flags of an OK that reports state are not read',
    file: 'proxy/wire/response.ts',
    text: '      this.status = ok.status;\n',
    instead: '      this.status = ok.state === null ? ok.status : 0;\n',
  },
  {
    name: 'an OK that reports state says nothing of what it has changed',
    file: 'proxy/wire/ok.ts',
    text: 'writeOk(out, { ...ok, state: null }, tracked);',
    instead: "writeOk(out, { ...ok, affectedRows: 0, message: '', state: null }, tracked);",
  },
];
