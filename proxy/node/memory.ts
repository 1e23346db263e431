/**
 * The process's memory, set up for bulk: each read is a block of 64 KiB outside V8's heap, and garbage as soon as it is
 * written. V8 and the C library, left to themselves, make that cost more than reading and writing.
 *
 * For a process that serves; it must know nothing of what is relayed.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * How far V8's heap may grow from one full collection to the next, in percent of what is alive. Beside 8 MB there must be room
 * for 32 MB of blocks, which is when V8 collects what is young, and for some that are just being freed: 300 was too little.
 */
const HEAP_GROWING_PERCENT = 500;

/** The C library maps a block of 128 KiB to 32 MiB, its own header included, by itself (mallopt(3), M_MMAP_THRESHOLD). */
const GREATEST_MAPPED = 32 * 1024 * 1024;
const ROOM_FOR_HEADER = 64 * 1024;

/**
 * Makes relayed bulk cost what a bare relay of `node:net` costs at best. Measured on Node 20, 22 and 24, Linux, in CPU per MiB,
 * where that relay takes 450 µs:
 *
 * * V8 counts blocks outside its heap as if they were in it. That never matters to a program of less than 8 MB, for which no
 *   full collection is ever begun; a larger one has a full collection for each 30 MB that pass through: 350 µs.
 * * glibc gives what has been freed at the end of its heap back to the system, and then takes it again page by page: 150 page
 *   faults for each MiB, 500 µs. It stops (below twice the size of the block: 64 MiB) once it has seen a large mapped block
 *   freed. This one is never touched, so it takes no memory; other C libraries do not mind.
 *
 * The price: what bulk once took, some 64 MiB at most, stays with the process, and old garbage may come to five times of what
 * is alive before it is collected.
 */
export function expectBulk(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  Buffer.allocUnsafeSlow(GREATEST_MAPPED - ROOM_FOR_HEADER);
}
