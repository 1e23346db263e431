/**
 * What all wordings are made of.
 *
 * Data only.
 */
import type { ServerErrorForm, Wording } from '../dialect.ts';

export const GENERAL = 'HY000';
export const NONE: Omit<Wording, 'message'> = { thrown: '', code: '', errno: null, sqlState: '', fatal: false };

export function numbered(errno: number, sqlState: string, message: string, thrown = ''): Wording {
  return { ...NONE, thrown, errno, sqlState, message };
}

export const PASSED_THROUGH: ServerErrorForm = {
  message: '%m',
  messageAtLogin: '%m',
  code: 'none',
  unknownCode: '',
  fatalStates: [],
  thrown: [],
  mistrusted: [],
  atGreeting: null,
  stateWithout: GENERAL,
  stateAtLogin: null,
  skipsWithout: 0,
};

export const PYTHON_CLASSES: ServerErrorForm['thrown'] = [
  ['42', 'ProgrammingError'],
  ['23', 'IntegrityError'],
  ['', 'OperationalError'],
];
