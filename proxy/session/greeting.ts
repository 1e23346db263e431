/**
 * The greeting that clients get from the proxy (decisions.md 6 and §9.1): made without asking any observer.
 */
import { CAP, CHARSET } from '../wire/constants.ts';
import type { Greeting } from '../wire/greeting.ts';
import { CONSTANT_SCRAMBLE, NATIVE_PASSWORD } from '../wire/scramble.ts';

/** 0x009ff7df: no COMPRESS, SSL only if it is offered, no PLUGIN_AUTH_LENENC, no DEPRECATE_EOF (odp-relay.md §2.1). */
export const PROXY_CAPABILITIES: number =
  CAP.LONG_PASSWORD |
  CAP.FOUND_ROWS |
  CAP.LONG_FLAG |
  CAP.CONNECT_WITH_DB |
  CAP.NO_SCHEMA |
  CAP.ODBC |
  CAP.LOCAL_FILES |
  CAP.IGNORE_SPACE |
  CAP.PROTOCOL_41 |
  CAP.INTERACTIVE |
  CAP.IGNORE_SIGPIPE |
  CAP.TRANSACTIONS |
  CAP.RESERVED |
  CAP.SECURE_CONNECTION |
  CAP.MULTI_STATEMENTS |
  CAP.MULTI_RESULTS |
  CAP.PS_MULTI_RESULTS |
  CAP.PLUGIN_AUTH |
  CAP.CONNECT_ATTRS |
  CAP.SESSION_TRACK;

export function proxyGreeting(csId: number, version: string, offersTls: boolean): Greeting {
  return {
    version,
    threadId: csId,
    scramble: CONSTANT_SCRAMBLE,
    capabilities: offersTls ? PROXY_CAPABILITIES | CAP.SSL : PROXY_CAPABILITIES,
    charset: CHARSET.UTF8MB4_BIN,
    status: 0,
    plugin: NATIVE_PASSWORD,
  };
}

/** True if the client's OKs have the form of SESSION_TRACK: the greeting offers it, so its own flag decides. */
export function tracksState(capabilities: number): boolean {
  return (capabilities & CAP.SESSION_TRACK) !== 0;
}
