import { ArgumentError, GradusError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkFunction } from "../../check/options.ts";
import type { MaybePromise } from "../../objectives/objective.ts";
import type { BatchObjective } from "./batch-objective.ts";

/** Asks a worker for the values at count x dimension numbers. */
interface BatchQuestion {
  readonly gradusBatch: number;
  readonly points: Float64Array;
  readonly step: number;
}

/** The worker's answer to the question of the same number: values, or what went wrong. */
interface BatchAnswer {
  readonly gradusBatch: number;
  readonly values?: Float64Array;
  readonly error?: string;
}

/** An end of a channel as browsers have it: a `Worker`, a `MessagePort`, or a worker's global scope. */
export interface WebPort {
  postMessage(message: unknown): void;
  addEventListener(
    type: "message" | "error",
    listener: (event: { data?: unknown; message?: string }) => void,
  ): void;
  /** Message ports need it. */
  start?(): void;
}

/** An end of a channel as Node has it: a `Worker` or `parentPort` of node:worker_threads. */
export interface NodePort {
  postMessage(message: unknown): void;
  on(type: string, listener: (message: unknown) => void): unknown;
}

/** An end of a channel between threads. */
export type BatchPort = WebPort | NodePort;

function listen(
  port: BatchPort,
  onMessage: (data: unknown) => void,
  onError: (message: string) => void,
): void {
  if ("on" in port) {
    port.on("message", onMessage);
    port.on("error", (error) => onError(error instanceof Error ? error.message : String(error)));
    port.on("exit", (code) => onError(`it ended with status ${code}`));
    return;
  }
  port.addEventListener("message", (event) => onMessage(event.data));
  port.addEventListener("error", (event) => onError(event.message ?? "the worker failed"));
  port.start?.();
}

const isQuestion = (data: unknown): data is BatchQuestion =>
  typeof data === "object" && data !== null && "gradusBatch" in data && "points" in data;
const isAnswer = (data: unknown): data is BatchAnswer =>
  typeof data === "object" && data !== null && "gradusBatch" in data && !("points" in data);

/**
 * Answers the questions of `workerObjective`, in the worker: call it once, with `parentPort` in Node and `self` in a page's
 * worker. Errors of the function are handed on.
 *
 * @param values count x dimension numbers, to count values, at once or later
 */
export function answerBatches(
  port: BatchPort,
  values: (points: Float64Array, step: number) => MaybePromise<Float64Array>,
): void {
  checkFunction({ values });
  listen(
    port,
    async (data) => {
      if (!isQuestion(data)) return;
      const { gradusBatch, points, step } = data;
      try {
        port.postMessage({ gradusBatch, values: await values(points, step) });
      } catch (error) {
        port.postMessage({ gradusBatch, error: error instanceof Error ? error.message : String(error) });
      }
    },
    () => undefined,
  );
}

interface Waiting {
  resolve(values: Float64Array): void;
  reject(error: Error): void;
}

/**
 * The objective whose values are computed by workers that call `answerBatches`: each batch of points is cut into as many
 * parts as there are workers, in order, so that results do not depend on which worker is faster. The caller starts and
 * ends the workers.
 *
 * @param ports the workers, of node:worker_threads or of a page
 * @throws ArgumentError unless dimension is an integer >= 1 and there is a worker
 * @throws GradusError from `values`, with what the function threw or how the worker ended
 */
export function workerObjective(
  dimension: number,
  ports: readonly BatchPort[],
): BatchObjective & Required<Pick<BatchObjective, "values">> {
  checkPositiveInteger({ dimension });
  if (!Array.isArray(ports) || ports.length === 0)
    throw new ArgumentError("ports must be an array of at least one worker, got none");
  const waiting = ports.map(() => new Map<number, Waiting>());
  const broken: (string | undefined)[] = ports.map(() => undefined);
  let asked = 0;
  ports.forEach((port, worker) => {
    listen(
      port,
      (data) => {
        if (!isAnswer(data)) return;
        const asker = waiting[worker].get(data.gradusBatch);
        waiting[worker].delete(data.gradusBatch);
        if (data.values) asker?.resolve(data.values);
        else asker?.reject(new GradusError(`the objective failed in worker ${worker}: ${data.error}`));
      },
      (message) => {
        // an error comes before the end that it causes
        broken[worker] ??= message;
        for (const asker of waiting[worker].values())
          asker.reject(new GradusError(`worker ${worker} failed: ${message}`));
        waiting[worker].clear();
      },
    );
  });

  function ask(worker: number, points: Float64Array, step: number): Promise<Float64Array> {
    if (broken[worker] !== undefined)
      return Promise.reject(new GradusError(`worker ${worker} failed: ${broken[worker]}`));
    const gradusBatch = asked++;
    return new Promise((resolve, reject) => {
      waiting[worker].set(gradusBatch, { resolve, reject });
      ports[worker].postMessage({ gradusBatch, points, step });
    });
  }

  return {
    dimension,
    async values(points, step) {
      const count = points.length / dimension;
      const parts = Math.min(ports.length, count);
      const edge = (k: number): number => Math.floor((k * count) / parts) * dimension;
      const answers = await Promise.all(
        // slices: what is posted must not drag the whole batch along
        Array.from({ length: parts }, (_, k) => ask(k, points.slice(edge(k), edge(k + 1)), step)),
      );
      const values = new Float64Array(answers.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of answers) {
        values.set(part, at);
        at += part.length;
      }
      return values;
    },
  };
}
