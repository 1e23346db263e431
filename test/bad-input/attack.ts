/**
 * An attack as data: what a bad client does, step by step, and what the sheets say it hears.
 */

export type Leaving =
  /** FIN, and it reads on until the proxy's. */
  | 'FIN'
  | 'RST'
  /** As a process that was killed: the descriptor is closed, which is FIN, or RST if something lay unread. */
  | 'close';

export type Step =
  /** The proxy's greeting is awaited. */
  | { readonly kind: 'greeted' }
  | { readonly kind: 'sends'; readonly bytes: Buffer }
  /** The next answer must be this: `OK`, `ERR 1064/42000 …`, `rows 1`. */
  | { readonly kind: 'hears'; readonly answer: string | RegExp }
  /** Nothing of what comes is read from here on. */
  | { readonly kind: 'stops reading' }
  | { readonly kind: 'rests'; readonly milliseconds: number }
  /** The last step: the proxy's FIN, with nothing before it. `answered` false: we say nothing to it, and it closes by itself. */
  | { readonly kind: 'closed'; readonly answered: boolean }
  /** The last step: it is the client that goes. What it hears afterwards can be an answer under way, but no ERR. */
  | { readonly kind: 'leaves'; readonly how: Leaving };

export interface Attack {
  readonly kind: string;
  readonly steps: readonly Step[];
}

export const GREETED: Step = { kind: 'greeted' };
export const CLOSED: Step = { kind: 'closed', answered: true };

export function sends(...bytes: readonly Buffer[]): Step {
  return { kind: 'sends', bytes: bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes) };
}

export function hears(answer: string | RegExp): Step {
  return { kind: 'hears', answer };
}

export function leaves(how: Leaving): Step {
  return { kind: 'leaves', how };
}
