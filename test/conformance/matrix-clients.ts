/**
 * All clients of the matrix under the sheet's names, whatever stands behind them: what each needs on the machine, how it
 * is opened, the cell code of what it saw, and those that the sheet allows.
 */
import { type Mode, sheetRow } from '../client/sheet.ts';
import type { Pace } from './asked.ts';
import { cellOf } from './cells.ts';
import { CLI_NAMES, CLI_NEEDS, type CliName, cliCellOf, isCli, openCli } from './cli-client.ts';
import {
  type Answer,
  CLIENT_NAMES,
  type ClientName,
  type DriverClient,
  type Login,
  openClient,
} from './driver-clients.ts';
import { programCellOf } from './program-cells.ts';
import { isProgram, needsOf, PROGRAM_NAMES, type ProgramName, type Programs } from './program-clients.ts';

export const MATRIX_NAMES = [...CLIENT_NAMES, ...CLI_NAMES, ...PROGRAM_NAMES] as const;
export type MatrixName = ClientName | CliName | ProgramName;

/** Node's are installed with us. */
export function neededBy(name: MatrixName): readonly string[] {
  if (isCli(name)) return CLI_NEEDS;
  return isProgram(name) ? needsOf(name) : [];
}

export function openMatrixClient(name: MatrixName, login: Login, programs: Programs): Promise<DriverClient> {
  if (isCli(name)) return openCli(name, login);
  return isProgram(name) ? programs.open(name, login) : openClient(name, login);
}

export function matrixCell(name: MatrixName, answer: Answer, first: number): string {
  if (isCli(name)) return cliCellOf(answer, first);
  return isProgram(name) ? programCellOf(name, answer, first) : cellOf(name, answer, first);
}

/** The outcomes of a cell of clients.md §3, each as `1317 · 2013 · 2006 · 2006`; none where nothing was measured. */
export function allowed(mode: Mode, name: MatrixName, pace: Pace): readonly string[] {
  const { immediate, paused } = sheetRow(mode, name);
  return pace === 'immediate' ? immediate : paused;
}
