/**
 * Why a client session ended, in the words of the log.
 */
import type { Awaited } from './patience.ts';

export type Cause =
  | { readonly kind: 'quit' }
  | { readonly kind: 'client gone'; readonly how: 'FIN' | 'RST' }
  | { readonly kind: 'killed by itself' }
  /** `by`: the cs_id of the killer. */
  | { readonly kind: 'killed'; readonly by: number }
  | { readonly kind: 'login refused'; readonly why: string }
  /** `tenant`: with its cluster. */
  | { readonly kind: 'not on the white list'; readonly client: string; readonly tenant: string }
  /** Who may speak the PROXY protocol has begun, and said something else. */
  | { readonly kind: 'bad PROXY header'; readonly why: string }
  /** It had asked for TLS, and the handshake has failed. */
  | { readonly kind: 'no TLS'; readonly why: string }
  /** It was waited for, and did not do this in time. */
  | { readonly kind: 'client too slow'; readonly awaited: Awaited }
  | { readonly kind: 'malformed'; readonly what: string }
  /** The server session that the next statement needs does not exist any more. */
  | { readonly kind: 'last server session gone' }
  | { readonly kind: 'no server'; readonly why: string }
  | { readonly kind: 'server lost'; readonly why: string }
  | { readonly kind: 'proxy stops' };

const TOO_SLOW: Readonly<Record<Awaited, string>> = {
  login: 'no login within the time for it',
  command: 'no command within wait_timeout',
  anything: 'no word within default_inactivity_timeout',
  'rest of a request': 'the rest of a request did not come within net_read_timeout',
  room: 'the client has taken nothing of its answer for net_write_timeout',
};

/** The kill texts are ODP's, that of its diagnosis log (odp-sessions.md §4.3). */
export function causeText(cause: Cause, csId: number): string {
  switch (cause.kind) {
    case 'quit':
      return 'the client said QUIT';
    case 'client gone':
      return `the client has gone (${cause.how})`;
    case 'killed by itself':
      return `connection was killed by user self, cs_id: ${csId}`;
    case 'killed':
      return `connection was killed by user session ${cause.by}`;
    case 'login refused':
      return `login refused: ${cause.why}`;
    case 'not on the white list':
      return `${cause.client} is not on the white list of ${cause.tenant}`;
    case 'bad PROXY header':
      return `its header of the PROXY protocol is refused: ${cause.why}`;
    case 'no TLS':
      return `TLS has failed: ${cause.why}`;
    case 'client too slow':
      return TOO_SLOW[cause.awaited];
    case 'malformed':
      return `malformed: ${cause.what}`;
    case 'last server session gone':
      return 'the server session its next statement needs is gone';
    case 'no server':
      return `no server could be reached: ${cause.why}`;
    case 'server lost':
      return `its server session was lost: ${cause.why}`;
    case 'proxy stops':
      return 'the proxy stops';
  }
}
