import type { LabFailure, LabMessage, LabRequest, RunRequest } from "./protocol.ts";

/** The part of `Worker` that is used. */
export interface WorkerLike {
  postMessage(message: LabRequest): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<LabMessage>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** How a run ended. */
export type Outcome = Exclude<LabMessage, { kind: "events" }>;

/** Milliseconds that a run has to stop by itself before its worker is ended. */
const STOP_PATIENCE = 1500;

const crashed = (message: string): LabFailure => ({
  name: "WorkerError",
  message: message || "the worker could not be started",
  details: message,
});

/** Runs experiments one after another in one worker, which is started at the first run. */
export class LabRunner {
  private worker: WorkerLike | undefined;
  private finish: ((outcome: Outcome) => void) | undefined;
  private readonly start: () => WorkerLike;

  constructor(start: () => WorkerLike) {
    this.start = start;
  }

  /** Starts the worker ahead of the first run, and has it load what a run of an experiment needs. */
  warm(paper: string, experiment: string): void {
    this.worker ??= this.start();
    this.worker.postMessage({ kind: "warm", paper, experiment });
  }

  /** Runs one experiment; resolves to how it ended. Only one runs at a time. */
  run(
    request: RunRequest,
    onEvents: (message: Extract<LabMessage, { kind: "events" }>) => void,
  ): Promise<Outcome> {
    if (this.finish) throw new Error("a run is already in progress");
    this.worker ??= this.start();
    const { worker } = this;
    return new Promise((resolve) => {
      this.finish = (outcome) => {
        this.finish = undefined;
        worker.onmessage = null;
        worker.onerror = null;
        resolve(outcome);
      };
      worker.onmessage = ({ data }) => {
        if (data.kind === "events") onEvents(data);
        else this.finish?.(data);
      };
      worker.onerror = (event) => {
        this.discard();
        this.finish?.({ kind: "failed", failure: crashed(event.message) });
      };
      worker.postMessage(request);
    });
  }

  /** Stops the run under way: at its next turn, or by ending the worker when it gives none. */
  stop(): void {
    const { finish, worker } = this;
    if (!finish || !worker) return;
    worker.postMessage({ kind: "stop" });
    setTimeout(() => {
      if (this.finish !== finish) return;
      this.discard();
      finish({ kind: "stopped" });
    }, STOP_PATIENCE);
  }

  /** Ends the worker. */
  discard(): void {
    this.worker?.terminate();
    this.worker = undefined;
  }
}
