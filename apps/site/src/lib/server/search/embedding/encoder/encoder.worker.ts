// Runs a sentence encoder beside the server's own thread.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { loadOnnx } from "@gradus/graph";
import { z } from "zod";
import { sentenceEncoder } from "./encode.ts";
import type { EncodeRequest, WorkerMessage } from "./open.ts";
import { readTokenizer } from "./wordpiece.ts";

const { folder } = z.object({ folder: z.string() }).parse(workerData);
const send = (message: WorkerMessage) => parentPort?.postMessage(message);

const [model, tokenizer] = await Promise.all([
  readFile(join(folder, "model.onnx")),
  readFile(join(folder, "tokenizer.json")),
]);
const encode = sentenceEncoder(await loadOnnx(model), readTokenizer(JSON.parse(tokenizer.toString())));
const [probe] = await encode(["a"]);
const hash = createHash("sha256").update(model).update(tokenizer).digest("hex").slice(0, 12);

parentPort?.on("message", async ({ id, texts }: EncodeRequest) => {
  try {
    send({ id, vectors: await encode(texts) });
  } catch (error) {
    send({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
send({ dimension: probe.length, hash });
