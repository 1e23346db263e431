/** Who plays whom on somebody else's server. */
import { expect, it } from 'vitest';
import { Casting, type Rule } from '../../simulator/scenario/casting.ts';

const ALICE = { name: 'alice', user: 'app@shop#obdemo', password: '' };
const SECRET = { name: 'carla', user: 'secret@shop#obdemo', password: 's3cret' };

function rule(who: string | null, value: string): Rule {
  return { who, value };
}

it('without a rule she is who the page says', () => {
  expect(new Casting([], []).account(SECRET)).toEqual({ user: 'secret@shop#obdemo', password: 's3cret' });
});

it('her name counts before her login, and both before everybody', () => {
  const rules = [rule(null, 'root'), rule('app@shop#obdemo', 'app'), rule('alice', 'al')];
  expect(new Casting(rules, []).account(ALICE).user).toBe('al');
  expect(new Casting(rules.slice(0, 2), []).account(ALICE).user).toBe('app');
  expect(new Casting(rules, []).account(SECRET).user).toBe('root');
  expect(new Casting([rule('ALICE', 'al')], []).account(ALICE).user).toBe('al');
});

it('a password for everybody is not for a user whose own the page gives', () => {
  const casting = new Casting([], [rule(null, 'x')]);
  expect(casting.account(ALICE).password).toBe('x');
  expect(casting.account(SECRET).password).toBe('s3cret');
});

it('… unless another has been put in its place, or it is said for that one', () => {
  expect(new Casting([rule(null, 'root')], [rule(null, 'x')]).account(SECRET)).toEqual({ user: 'root', password: 'x' });
  expect(new Casting([], [rule('carla', 'y')]).account(SECRET).password).toBe('y');
  expect(new Casting([], [rule('secret@shop#obdemo', 'y')]).account(SECRET).password).toBe('y');
});

it('before a server without tenants she goes by her own name, unless a rule says otherwise', () => {
  const plain = new Casting([], []).withoutTenants();
  expect(plain.account(SECRET)).toEqual({ user: 'secret', password: 's3cret' });
  expect(plain.account({ name: 'it', user: 'root@proxysys', password: '' }).user).toBe('root@proxysys');
  const ruled = new Casting([rule('app@shop#obdemo', 'me@there')], [rule('secret', 'y')]).withoutTenants();
  expect(ruled.account(ALICE).user).toBe('me@there');
  expect(ruled.replaces(ALICE)).toBe(true);
  expect(ruled.account(SECRET).password).toBe('y');
  expect(ruled.replaces(SECRET)).toBe(false);
});
