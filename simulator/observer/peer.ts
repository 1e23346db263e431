/**
 * Who sits at the other end of a session: a proxy, or a client directly.
 *
 * It decides the form of OKs and whether an extra OK follows (observer.md §5). A type and nothing else.
 */

export type Peer =
  | {
      readonly kind: 'proxy';
      /** What both sides can: sent back as `ob_capability_flag` (observer.md §1.5). */
      readonly capability: number;
      /** STATISTICS is followed by an OK as well. */
      readonly statisticsOk: boolean;
      /** The 64-bit id of the proxy's session; null if it named none. */
      readonly proxySessid: bigint | null;
    }
  | {
      readonly kind: 'direct';
      /** The client negotiated SESSION_TRACK. */
      readonly tracks: boolean;
    };
