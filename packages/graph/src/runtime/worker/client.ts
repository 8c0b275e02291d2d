import { checkOptions } from "../../check.ts";
import { DisposedError, WorkerError } from "../../errors.ts";
import type { Runtime, Session } from "../runtime.ts";
import { checkThreads } from "../threads.ts";
import { type Answer, copied, fromPortable, type Outcome, type Question, type Request } from "./protocol.ts";

export interface WorkerRuntimeOptions {
  /** Threads within one operation, for programs that do not set their own number. */
  readonly threads?: number;
}

/** A runtime in its own worker. Holds a thread: declare it with `using`, or call `dispose`. */
export interface WorkerRuntime extends Runtime, Disposable, AsyncDisposable {
  /** Rejects later requests, waits for runs in progress, then stops the worker; resolves when it has stopped. */
  dispose(): Promise<void>;
}

/** A worker of the platform. */
export interface WorkerHandle {
  post(question: Question, transfer: ArrayBuffer[]): void;
  terminate(): unknown;
  /** Whether a caller is waiting for an answer: only then should the worker keep the process alive. */
  hold(awaited: boolean): void;
}

export interface WorkerEvents {
  answer(answer: Answer): void;
  /** The worker stopped, or will not answer. */
  end(why: string): void;
}

/** A runtime whose programs run in the worker that `spawn` starts. */
export function runtimeInWorker(
  name: string,
  spawn: (events: WorkerEvents) => WorkerHandle,
  options: WorkerRuntimeOptions,
): WorkerRuntime {
  checkOptions("workerRuntime", options, ["threads"]);
  const { threads } = options;
  checkThreads(threads);
  const waiting = new Map<number, PromiseWithResolvers<Outcome>>();
  let asked = 0;
  let refusal: DisposedError | WorkerError | undefined;
  let disposal: Promise<void> | undefined;

  const worker = spawn({
    answer({ id, outcome }) {
      const asker = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) worker.hold(false);
      if (outcome.kind === "failed") asker?.reject(fromPortable(outcome.error));
      else asker?.resolve(outcome);
    },
    end(why) {
      const error = new WorkerError(`the worker of ${name} stopped: ${why}`);
      refusal ??= error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  });
  worker.hold(false);

  function ask(request: Request, transfer: ArrayBuffer[] = []): Promise<Outcome> {
    asked += 1;
    const asker = Promise.withResolvers<Outcome>();
    waiting.set(asked, asker);
    worker.hold(true);
    worker.post({ id: asked, request }, transfer);
    return asker.promise;
  }

  function assertUsable(): void {
    if (refusal) throw refusal;
  }

  function expectKind<K extends Outcome["kind"]>(kind: K, outcome: Outcome): Extract<Outcome, { kind: K }> {
    if (outcome.kind === kind) return outcome as Extract<Outcome, { kind: K }>;
    throw new WorkerError(`the worker of ${name} replied "${outcome.kind}", expected "${kind}"`);
  }

  function sessionOf(session: number): Session {
    return {
      async run(inputs) {
        assertUsable();
        const { values, transfer } = copied(inputs);
        const outcome = await ask({ kind: "run", session, inputs: values }, transfer);
        return expectKind("results", outcome).results;
      },
      async release() {
        // A worker that ended, or is about to, has no sessions left to free.
        if (refusal) return;
        await ask({ kind: "release", session }).catch((error: unknown) => {
          if (!(error instanceof WorkerError)) throw error;
        });
      },
    };
  }

  async function end(): Promise<void> {
    const crashed = refusal !== undefined;
    refusal ??= new DisposedError(`the worker of ${name} has been disposed of`);
    if (!crashed) await ask({ kind: "close" }).catch(() => undefined);
    await worker.terminate();
  }

  function dispose(): Promise<void> {
    disposal ??= end();
    return disposal;
  }

  return {
    name: `${name} in a worker`,
    async load(model, { forMachine: _, ...options }) {
      assertUsable();
      const own = model.slice();
      const request: Request = {
        kind: "load",
        model: own,
        options: { ...options, threads: options.threads ?? threads },
      };
      const outcome = await ask(request, [own.buffer]);
      return sessionOf(expectKind("loaded", outcome).session);
    },
    dispose,
    [Symbol.dispose]: () => void dispose(),
    [Symbol.asyncDispose]: dispose,
  };
}
