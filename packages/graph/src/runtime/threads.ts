import { checkPositiveInteger } from "../check.ts";
import type { LoadOptions } from "./runtime.ts";

/**
 * From this work of the largest operation on, in operations of a float32 product, a second thread that does not spin
 * gains. Measured on two cores of an x86-64 server, two threads against one: a float32 product of 64 x 64 matrices
 * takes 1.5 times as long, 192 x 192 (14 million operations) 1.09, 224 x 224 (22 million) 0.89, 512 x 512 0.59; float64
 * crosses at half the work.
 */
const THREADED_WORK = 2e7;

/** Beyond these, waking threads for operations of a few hundred microseconds costs more than they bring. */
const MAXIMUM_THREADS = 8;

/** @throws InputError unless `threads` is left out or a positive integer */
export function checkThreads(threads: number | undefined): void {
  if (threads !== undefined) checkPositiveInteger({ threads });
}

/** The threads that were asked for, else as many as pay for the program. */
export function threadsFor({ threads, work = 0 }: LoadOptions, cores: number): number {
  checkThreads(threads);
  return threads ?? (work < THREADED_WORK ? 1 : Math.min(cores, MAXIMUM_THREADS));
}
