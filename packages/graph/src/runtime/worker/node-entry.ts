import { parentPort } from "node:worker_threads";
import { nodeRuntime } from "../node.ts";
import { serve } from "./host.ts";

/** What the worker's process should say, once for all of its threads. */
export interface NodeNotice {
  readonly notice: string;
}

const port = parentPort;
if (!port) throw new Error("this module runs in a worker: start it with workerRuntime");
const runtime = nodeRuntime((notice) => port.postMessage({ notice } satisfies NodeNotice));
port.on(
  "message",
  serve(runtime, (answer, transfer) => port.postMessage(answer, transfer)),
);
