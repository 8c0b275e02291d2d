import { parentPort } from "node:worker_threads";
import { runtime } from "../node.ts";
import { serve } from "./host.ts";

const port = parentPort;
if (!port) throw new Error("this module is a worker's: start it with workerRuntime");
port.on(
  "message",
  serve(runtime, (answer, transfer) => port.postMessage(answer, transfer)),
);
