import { crashed, failedLoading } from "#lib/lab/failure.ts";
import type { LabFailure } from "#lib/lab/protocol.ts";
import type { TaskKind, TaskMessage, TaskRequest, Tasks } from "./protocol.ts";

/** The part of `Worker` that is used. */
export interface TaskWorker {
  postMessage(message: TaskRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<TaskMessage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** A task that failed in the worker. */
export class TaskError extends Error {
  override name = "TaskError";
  readonly failure: LabFailure;
  constructor(failure: LabFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A task that was stopped. */
export class StoppedError extends Error {
  override name = "StoppedError";
  /** Whether its worker had to be ended: what that knew is gone. */
  readonly ended: boolean;
  constructor(ended: boolean) {
    super("stopped");
    this.ended = ended;
  }
}

/** Milliseconds that a task has to stop by itself before its worker is ended. */
const STOP_PATIENCE = 1500;

interface Waiting {
  /** Resolves when the task is over, however it ends. */
  readonly over: Promise<unknown>;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((progress: never) => void) | undefined;
}

/** Who hears of the worker, whatever the task. */
export interface Hearing {
  /** Addresses of what it has loaded, after each task. */
  readonly loaded: (addresses: readonly string[]) => void;
  /** Bytes of its WebAssembly memories. */
  readonly memory: (bytes: number) => void;
}

/** Has one worker, started at the first task, do tasks one after another. */
export class TaskRunner {
  #worker: TaskWorker | undefined;
  #asked = 0;
  readonly #waiting = new Map<number, Waiting>();
  readonly #start: () => TaskWorker;
  readonly #hearing: Hearing;

  constructor(start: () => TaskWorker, hearing: Hearing) {
    this.#start = start;
    this.#hearing = hearing;
  }

  /**
   * Has a task done.
   *
   * @throws TaskError when it fails; StoppedError when the signal stops it, or another task's ends the worker
   */
  run<K extends TaskKind>(
    kind: K,
    given: Tasks[K]["given"],
    {
      onProgress,
      signal,
      patience,
    }: {
      readonly onProgress?: (progress: Tasks[K]["progress"]) => void;
      readonly signal?: AbortSignal;
      /** Milliseconds that the task has to stop before the worker is ended. */
      readonly patience?: number;
    } = {},
  ): Promise<Tasks[K]["answer"]> {
    const id = this.#asked++;
    const worker = this.#running();
    const { promise, resolve, reject } = Promise.withResolvers<Tasks[K]["answer"]>();
    this.#waiting.set(id, { over: promise.catch(() => undefined), resolve, reject, onProgress });
    signal?.addEventListener("abort", () => this.#stop(id, patience), { once: true });
    worker.postMessage({ id, kind, given } as TaskRequest); // kind and given belong together by K
    return promise;
  }

  /** Whether a task is under way or waits. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Stops all tasks; resolves when none is under way. */
  async stopAll(): Promise<void> {
    const tasks = [...this.#waiting];
    for (const [id] of tasks) this.#stop(id);
    await Promise.all(tasks.map(([, { over }]) => over));
  }

  /** Ends the worker. */
  discard(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#rejectAll(new StoppedError(true));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #running(): TaskWorker {
    if (this.#worker) return this.#worker;
    const worker = this.#start();
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = ({ message }) => {
      worker.terminate();
      this.#worker = undefined;
      this.#rejectAll(new TaskError(crashed(message)));
    };
    this.#worker = worker;
    return worker;
  }

  #hear(message: TaskMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    if ("memory" in message) this.#hearing.memory(message.memory);
    if (message.kind === "progress") {
      waiting.onProgress?.(message.progress as never); // of this task, by its id
      return;
    }
    this.#waiting.delete(message.id);
    if (message.kind === "done") {
      this.#hearing.loaded(message.loaded);
      waiting.resolve(message.answer as never);
    } else if (message.kind === "stopped") waiting.reject(new StoppedError(false));
    else waiting.reject(new TaskError(failedLoading(message.failure) ?? message.failure));
  }

  #stop(id: number, patience = STOP_PATIENCE): void {
    if (!this.#waiting.has(id)) return;
    this.#worker?.postMessage({ kind: "stop", id });
    setTimeout(() => {
      if (this.#waiting.has(id)) this.discard();
    }, patience);
  }
}
