import type { Point } from "@gradus/papers";
import type { TuneEpoch, TuneResult, TuneSettings } from "./protocol.ts";
import { StoppedError, type TaskRunner } from "./task-runner.ts";

/** Tuning stops after a batch, which takes seconds in large models; what was tuned until then is kept. */
const BATCH_PATIENCE = 20_000;

/** The tuning of the model: under way, or as it ended. */
export class Tuning {
  status = $state<"idle" | "running" | "stopping" | "done" | "failed">("idle");
  epochs = $state.raw<readonly TuneEpoch[]>([]);
  /** How far the epoch under way is, where it takes long. */
  partial = $state.raw<TuneEpoch["partial"]>();
  settings = $state.raw<TuneSettings>();
  result = $state.raw<TuneResult>();
  failure = $state<string>();
  /** Milliseconds that an epoch takes. */
  pace = $state<number>();
  #controller: AbortController | undefined;
  readonly #runner: TaskRunner;

  constructor(runner: TaskRunner) {
    this.#runner = runner;
  }

  readonly busy = $derived(this.status === "running" || this.status === "stopping");
  readonly latest = $derived(this.epochs.at(-1));
  /** Epochs so far, with the share of the one under way. */
  readonly done = $derived(
    (this.latest?.epoch ?? 0) + (this.partial ? this.partial.batches / this.partial.of : 0),
  );
  readonly points: Readonly<Record<string, readonly Point[]>> = $derived.by(() => {
    const series = (key: "loss" | "heldOutLoss") =>
      this.epochs.flatMap((one) => (one[key] === undefined ? [] : [{ x: one.epoch, y: one[key] }]));
    const [heldOut, batches] = [series("heldOutLoss"), series("loss")];
    return {
      ...(heldOut.length > 0 && { "held-out rows": heldOut }),
      ...(batches.length > 0 && { "training batches": batches }),
    };
  });

  /**
   * Tunes; resolves to whether the model has changed.
   *
   * @param tidy what is done with the model tuned, before anything else is
   */
  async run(settings: TuneSettings, tidy: () => Promise<void>): Promise<boolean> {
    const controller = new AbortController();
    this.#controller = controller;
    this.status = "running";
    this.settings = settings;
    this.epochs = [];
    this.partial = undefined;
    this.result = undefined;
    this.failure = undefined;
    this.pace = undefined;
    let begun: number | undefined;
    try {
      const result = await this.#runner.run("tune", settings, {
        signal: controller.signal,
        patience: BATCH_PATIENCE,
        onProgress: (told) => {
          const { epoch, partial } = told;
          this.partial = partial;
          if (!partial) this.epochs = [...this.epochs, told];
          begun ??= performance.now();
          const done = epoch + (partial ? partial.batches / partial.of : 0);
          if (done > 0) this.pace = (performance.now() - begun) / done;
        },
      });
      await tidy();
      this.result = result;
      this.status = "done";
      return true;
    } catch (error) {
      if (error instanceof StoppedError) {
        this.status = "idle";
        if (error.ended) this.failure = "stopped by ending the worker; the model is as it was opened";
        else this.epochs = [];
      } else {
        this.status = "failed";
        this.failure = error instanceof Error ? error.message : String(error);
      }
      return error instanceof StoppedError && error.ended;
    }
  }

  stop(): void {
    if (this.status !== "running") return;
    this.status = "stopping";
    this.#controller?.abort();
  }

  /** Forgets what was tuned. */
  clear(): void {
    this.#controller?.abort();
    this.status = "idle";
    this.epochs = [];
    this.result = undefined;
    this.failure = undefined;
  }
}
