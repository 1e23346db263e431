/**
 * COM_CHANGE_USER: a login on a connection that has one already.
 *
 * It is read with the flags of the connection's first login, and given as a login, so that whoever checks one checks
 * both.
 */
import { ByteReader, ByteWriter } from './bytes.ts';
import { CAP, COM } from './constants.ts';
import { FILLER_SIZE, type Login, readAttributes, writeAttributes } from './login.ts';

const NO_FILLER = Buffer.alloc(FILLER_SIZE);

/** `payload`: from the command byte on. `first`: the login of the connection. A `WireError` if it is malformed. */
export function readChangeUser(payload: Buffer, first: Login): Login {
  const from = new ByteReader(payload, 1);
  const { capabilities } = first;
  const user = from.nulText('user name');
  const authResponse =
    capabilities & CAP.SECURE_CONNECTION
      ? from.bytes(from.u8('auth response'), 'auth response')
      : from.nulBytes('auth response');
  const database = from.nulText('database', true);
  // Old clients end here.
  const charset = from.left >= 2 ? from.u16('charset') & 0xff : first.charset;
  const plugin = capabilities & CAP.PLUGIN_AUTH && from.left > 0 ? from.nulText('plugin', true) : null;
  const attributes = capabilities & CAP.CONNECT_ATTRS && from.left > 0 ? readAttributes(from) : null;
  return { ...first, filler: NO_FILLER, charset, user, authResponse, database, plugin, attributes };
}

export function changeUserPayload(login: Login): Buffer {
  const out = new ByteWriter(256);
  out.u8(COM.CHANGE_USER);
  out.nulText(login.user);
  if (login.capabilities & CAP.SECURE_CONNECTION) {
    out.u8(login.authResponse.length);
    out.bytes(login.authResponse);
  } else {
    out.bytes(login.authResponse);
    out.u8(0);
  }
  out.nulText(login.database ?? '');
  out.u16(login.charset);
  if (login.capabilities & CAP.PLUGIN_AUTH) out.nulText(login.plugin ?? '');
  if (login.capabilities & CAP.CONNECT_ATTRS) writeAttributes(out, login.attributes ?? []);
  return out.view();
}
