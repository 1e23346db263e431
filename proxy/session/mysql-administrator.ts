/**
 * What the proxy's own users get before a MySQL server: as before observers (`requests.ts`), in the form of an answer, for no
 * server is ever asked.
 */
import type { InternalCommand } from '../sql/command.ts';
import { errorOf } from '../wire/errors.ts';
import type { Request } from '../wire/request.ts';
import { errorAnswer, okAnswer } from './answers.ts';
import type { Caller } from './identity.ts';
import { decide } from './requests.ts';

export type AdministratorAnswer =
  | { readonly kind: 'internal'; readonly command: InternalCommand }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'quit' }
  | { readonly kind: 'close'; readonly why: string };

export function administratorAnswer(request: Request, caller: Caller): AdministratorAnswer {
  const action = decide(request, { caller, inTransaction: false });
  switch (action.kind) {
    case 'internal':
    case 'quit':
    case 'close':
      return action;
    case 'ok':
      return { kind: 'bytes', bytes: okAnswer(request.sequence, action.ok, false) };
    case 'error':
      return { kind: 'bytes', bytes: errorAnswer(request.sequence, action.error) };
    case 'ignore':
      return { kind: 'bytes', bytes: Buffer.alloc(0) };
    default:
      return { kind: 'bytes', bytes: errorAnswer(request.sequence, errorOf('BAD_INTERNAL_COMMAND')) };
  }
}
