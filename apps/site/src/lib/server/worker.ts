import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

const { resolve } = createRequire(import.meta.url);

/** Starts a worker of the site's sources; the server's bundle does not carry them. */
export function startWorker(file: `#lib/${string}.ts`, workerData?: unknown): Worker {
  return new Worker(pathToFileURL(resolve(file)), { workerData, execArgv: [] });
}
