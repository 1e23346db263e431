/**
 * What the tests of misbehaving servers share: packets by hand, worlds, draws, and what a client must see in the end.
 */
import { expect } from 'vitest';
import { PacketWriter } from '../../proxy/wire/framing.ts';
import type { RawClient } from '../session/raw-client.ts';
import type { ObserverConnection } from '../session/scripted-observer.ts';
import { type BadStage, NOTHING_LEFT } from './bad-observer.ts';
import { Dice, replayLine, SEED } from './dice.ts';

/** Seeded worlds beside the plain one. */
const WORLDS = 5;
/** So many drawn answers of each sort. */
const DRAWN = 200;

export type End = 'FIN' | 'RST';
export const ENDS: readonly End[] = ['FIN', 'RST'];

export function packet(sequence: number, payload: Uint8Array): Buffer {
  const out = new PacketWriter(sequence);
  out.packet(payload);
  return out.view();
}

/** A header that promises this much. */
export function header(length: number, sequence: number): Buffer {
  return Buffer.of(length & 0xff, (length >> 8) & 0xff, length >> 16, sequence);
}

export function finish(connection: ObserverConnection, end: End | null): void {
  if (end === 'FIN') connection.connection.end();
  else if (end === 'RST') connection.connection.reset();
}

export function inWorlds(body: (world: number) => void, worlds = WORLDS): void {
  for (let world = 0; world <= worlds; world += 1) {
    try {
      body(world);
    } catch (error) {
      if (error instanceof Error) error.message = `in world ${world}: ${error.message}`;
      throw error;
    }
  }
}

/** `DRAWN` times something drawn from the seed; `file` is the test's. */
export function drawn(file: string, body: (dice: Dice, world: number) => void): void {
  const dice = new Dice(SEED);
  for (let number = 0; number < DRAWN; number += 1) {
    try {
      body(dice, number % 4 === 0 ? 0 : 1 + dice.below(1_000_000));
    } catch (error) {
      if (error instanceof Error) error.message = `${number}: ${error.message}\n${replayLine(file)}`;
      throw error;
    }
  }
}

/** FIN, and not a word before it. */
export function expectClosed(stage: BadStage, client: RawClient): void {
  expect(client.take()).toEqual(Buffer.alloc(0));
  expect(client.events).toEqual(['FIN', 'closed']);
  expect(stage.left()).toEqual(NOTHING_LEFT);
}
