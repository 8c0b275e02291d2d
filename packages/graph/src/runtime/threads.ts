import { checkPositiveInteger } from "../check.ts";
import type { LoadOptions } from "./runtime.ts";

/**
 * From this work of the largest operation on, in operations of a float32 product, a second thread pays off. Measured on two
 * cores of an x86-64 server, two threads against one: a float32 product of 128 x 128 matrices takes 1.2 times as long,
 * 192 x 192 (14 million operations) 0.89, 224 x 224 (22 million) 0.85, 256 x 256 0.76; in a loop, where threads need not be
 * woken, 128 x 128 0.72 and 192 x 192 0.62. Where another process takes a core, 160 x 160 to 192 x 192 take 1.2 to 1.6
 * times as long, so that small gains are left. Float64 crosses at half the work.
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
