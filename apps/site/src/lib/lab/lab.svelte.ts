import { type ClaimVerdict, claimVerdicts } from "@gradus/papers";
import type { RunnableView } from "#lib/views.ts";
import { ExperimentState } from "./experiment-state.svelte.ts";
import { changedParameters, FieldError } from "./fields.ts";
import { LabRunner, type WorkerLike } from "./runner.ts";
import { type StoredRun, storedRuns, storeRun } from "./verdict-store.ts";
import type { ClaimState } from "./verdict-summary.ts";

/** What is known of a claim, for its row. */
export interface ClaimStatus extends ClaimVerdict {
  readonly state: ClaimState;
  /** An experiment that measures it waits for its turn, and none is running. */
  readonly waiting: boolean;
  /** Progress of the experiment that is measuring it, from 0 to 1. */
  readonly fraction: number;
  /** The latest run that measured it. */
  readonly run?: StoredRun;
}

function startWorker(): WorkerLike {
  return new Worker(new URL("./lab.worker.ts", import.meta.url), { type: "module", name: "gradus lab" });
}

/** The lab of a paper: its experiments, run one after another, and the verdicts that this browser knows. */
export class Lab {
  readonly paper: RunnableView;
  readonly experiments: readonly ExperimentState[];
  private runs = $state.raw<readonly StoredRun[]>([]);
  private readonly runner = new LabRunner(startWorker);
  private queue: ExperimentState[] = [];
  /** The experiment that runs, or ran last. */
  latest = $state.raw<ExperimentState>();
  /** How many experiments the runs under way began with. */
  private started = $state(0);
  private finished = $state(0);

  readonly busy = $derived.by(() => this.experiments.some(({ busy }) => busy));
  readonly progress = $derived.by(() =>
    this.started === 0 ? 0 : (this.finished + (this.busy ? (this.latest?.fraction ?? 0) : 0)) / this.started,
  );
  readonly claims: readonly ClaimStatus[] = $derived.by(() =>
    claimVerdicts(this.paper, this.runs).map((verdict) => {
      const busy = this.experiments.filter(
        (e) => e.busy && e.changed.length === 0 && this.measures(e, verdict.claim),
      );
      const runs = this.runs.filter(({ checks }) => checks.some(({ claim }) => claim === verdict.claim));
      const running = busy.find(({ status }) => status === "running");
      return {
        ...verdict,
        state: running ? "running" : verdict.verdict,
        waiting: busy.length > 0 && !running,
        fraction: running?.fraction ?? 0,
        run: runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0],
      };
    }),
  );

  constructor(paper: RunnableView) {
    this.paper = paper;
    this.experiments = paper.experiments.map((view) => new ExperimentState(view));
  }

  private measures({ view }: ExperimentState, claim: string): boolean {
    return view.claims.includes(claim);
  }

  /** Fetches what every run needs, when a reader is about to press Run. */
  warm(): void {
    this.runner.warm();
    void import("@gradus/figures");
  }

  /** Recalls the verdicts of earlier runs in this browser. */
  recall(): void {
    this.runs = storedRuns(this.paper.slug, localStorage);
  }

  /** Runs every experiment as the paper has it. */
  runAll(): void {
    for (const experiment of this.experiments) this.restore(experiment);
    this.enqueue(this.experiments);
  }

  /** Runs the experiments that measure a claim, as the paper has them. */
  runClaim(claim: string): void {
    const chosen = this.experiments.filter((experiment) => this.measures(experiment, claim));
    for (const experiment of chosen) this.restore(experiment);
    this.enqueue(chosen);
  }

  /** Runs one experiment with what its form says. */
  run(experiment: ExperimentState): void {
    this.enqueue([experiment]);
  }

  /** Stops the run under way and forgets those that wait. */
  stop(): void {
    for (const experiment of this.queue) experiment.status = "idle";
    this.queue = [];
    if (this.latest?.status === "running") this.latest.stopping = true;
    this.runner.stop();
  }

  /** Stops an experiment that runs, or takes one that waits out of the queue. */
  cancel(experiment: ExperimentState): void {
    if (experiment.status === "queued") {
      this.queue = this.queue.filter((waiting) => waiting !== experiment);
      this.started -= 1;
      experiment.status = "idle";
    } else if (experiment.status === "running") {
      experiment.stopping = true;
      this.runner.stop();
    }
  }

  dispose(): void {
    this.stop();
    this.runner.discard();
  }

  private restore(experiment: ExperimentState): void {
    if (experiment.busy) return;
    experiment.setProfile("quick");
  }

  private enqueue(experiments: readonly ExperimentState[]): void {
    const waiting = experiments.filter((experiment) => !experiment.busy);
    if (!this.busy) {
      this.started = 0;
      this.finished = 0;
    }
    this.started += waiting.length;
    for (const experiment of waiting) experiment.status = "queued";
    const idle = this.queue.length === 0 && this.latest?.status !== "running";
    this.queue.push(...waiting);
    if (idle) void this.drain();
  }

  private async drain(): Promise<void> {
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      await this.runOne(next);
      this.finished += 1;
    }
  }

  private async runOne(experiment: ExperimentState): Promise<void> {
    const { view, profile } = experiment;
    this.latest = experiment;
    experiment.begin();
    try {
      const seed = Number(experiment.seed);
      if (!/^\d+$/.test(experiment.seed.trim()) || !Number.isSafeInteger(seed))
        throw new FieldError("seed", "the seed is a whole number from 0 on");
      const set = changedParameters(view.fields, experiment.texts, profile);
      const outcome = await this.runner.run(
        { kind: "run", paper: this.paper.slug, experiment: view.id, profile, seed, set },
        ({ events }) => experiment.take(events),
      );
      if (outcome.kind === "report") {
        experiment.finish(outcome.report);
        storeRun(outcome.report, localStorage);
        if (!outcome.report.modified)
          this.runs = [...this.runs.filter((run) => run.experiment !== view.id), outcome.report];
      } else if (outcome.kind === "stopped") experiment.status = "stopped";
      else {
        experiment.status = "failed";
        experiment.failure = outcome.failure;
      }
    } catch (error) {
      experiment.status = "failed";
      experiment.failure =
        error instanceof FieldError
          ? { name: error.name, message: error.message, parameter: error.field, details: error.message }
          : { name: "Error", message: String(error), details: String(error) };
    }
  }
}
