import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type ResourceLimits, Worker } from "node:worker_threads";

const { resolve } = createRequire(import.meta.url);

/** Starts a worker from the site's sources, which are not part of the server's bundle. */
export function startWorker(
  file: `#lib/${string}.ts`,
  workerData?: unknown,
  resourceLimits?: ResourceLimits,
): Worker {
  return new Worker(pathToFileURL(resolve(file)), { workerData, resourceLimits, execArgv: [] });
}
