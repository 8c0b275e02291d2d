import type { RunReport } from "@gradus/papers";
import type { OfficialClaim, OfficialMeasurement, ReaderReports, RunnableView } from "#lib/views.ts";
import { version } from "$app/env";
import { type KnownClaim, knownClaims } from "./claim-status.ts";
import { ExperimentState } from "./experiment-state.svelte.ts";
import { changedParameters, FieldError, fieldText, seedProblem } from "./fields.ts";
import { measuredPlots } from "./measured/load.ts";
import { keepOffline } from "./offline.ts";
import { LabRunner, type RemoteExploration, type WorkerLike } from "./runner.ts";
import type { SharedForm } from "./share.ts";
import { readCheckpoint } from "./store/checkpoints.ts";
import { StorageError } from "./store/database.ts";
import { asEarlierRun, latestUnmodifiedRuns, type StoredRun, storedRun } from "./store/run.ts";
import { listRuns, outdateRun, readRun, saveRun } from "./store/runs.ts";
import type { ClaimState } from "./verdict-summary.ts";

/** What is known of a claim, for its row. */
export interface ClaimStatus extends Omit<KnownClaim, "badge"> {
  /** The official verdict, else that of this browser; or that it is being measured. */
  readonly badge: ClaimState;
  /** Here: its verdict, or that it is being measured. */
  readonly state: ClaimState;
  /** An experiment that measures it waits for its turn, and none is running. */
  readonly waiting: boolean;
  /** Progress of the experiment that is measuring it, from 0 to 1. */
  readonly fraction: number;
}

function startWorker(): WorkerLike {
  return new Worker(new URL("./lab.worker.ts", import.meta.url), { type: "module", name: "gradus lab" });
}

/** The lab of a paper: its experiments, run one after another, and the verdicts that this browser knows. */
export class Lab {
  readonly paper: RunnableView;
  readonly official: readonly OfficialClaim[];
  readonly measurements: readonly OfficialMeasurement[];
  readonly experiments: readonly ExperimentState[];
  /** Runs that readers sent. */
  reports = $state.raw<ReaderReports>({ total: 0, latest: [], figures: [] });
  /** The runs of this paper that this browser knows. */
  runs = $state.raw<readonly StoredRun[]>([]);
  /** Why runs are not kept. */
  trouble = $state<string>();
  private readonly runner = new LabRunner(startWorker);
  private queue = $state.raw<readonly { readonly experiment: ExperimentState; readonly resume: boolean }[]>(
    [],
  );
  /** The experiment that runs, or ran last. */
  latest = $state.raw<ExperimentState>();
  /** How many experiments the runs under way began with. */
  private started = $state(0);
  private finished = $state(0);

  readonly busy = $derived.by(() => this.experiments.some(({ busy }) => busy));
  /** Which of how many experiments is running, and what comes after it. */
  readonly turn = $derived.by(() => ({
    number: this.finished + 1,
    of: this.started,
    next: this.queue[0]?.experiment,
  }));
  readonly progress = $derived.by(() =>
    this.started === 0 ? 0 : (this.finished + (this.busy ? (this.latest?.fraction ?? 0) : 0)) / this.started,
  );
  readonly claims: readonly ClaimStatus[] = $derived.by(() =>
    knownClaims(this.paper, latestUnmodifiedRuns(this.runs), this.official).map((known) => {
      const busy = this.experiments.filter((e) => e.measuring && this.measures(e, known.claim));
      const running = busy.find(({ status }) => status === "running");
      return {
        ...known,
        state: running ? "running" : (known.own?.verdict ?? "not run"),
        badge: running ? "running" : known.badge,
        waiting: busy.length > 0 && !running,
        fraction: running?.fraction ?? 0,
      };
    }),
  );

  constructor(
    paper: RunnableView,
    official: readonly OfficialClaim[] = [],
    measurements: readonly OfficialMeasurement[] = [],
    reports?: ReaderReports,
  ) {
    this.paper = paper;
    this.official = official;
    this.measurements = measurements;
    if (reports) this.reports = reports;
    this.experiments = paper.experiments.map((view) => new ExperimentState(view));
    if (this.experiments.length > 0) this.experiments[0].open = true;
  }

  private measures({ view }: ExperimentState, claim: string): boolean {
    return view.claims.includes(claim);
  }

  /** Fetches what a run needs, when a reader is about to press Run: of an experiment, or of the first to be run. */
  warm(experiment: ExperimentState | undefined = this.experiments[0]): void {
    if (experiment) this.runner.warm(this.paper.slug, experiment.view.id);
    void import("@gradus/figures");
  }

  /** Fetches what the runs of a claim need. */
  warmClaim(claim: string): void {
    this.warm(this.experiments.find((experiment) => this.measures(experiment, claim)));
  }

  /**
   * Opens what a finished run can be explored with.
   *
   * @throws Error saying why it cannot be opened
   */
  explore({ view, report }: ExperimentState): Promise<RemoteExploration> {
    return this.runner.openExploration(this.paper.slug, view.id, report?.explorable);
  }

  /** Fetches what the official runs drew; without network the figures stay away. */
  async picture(): Promise<void> {
    if (!this.experiments.some(({ view }) => view.measured)) return;
    const plots = await measuredPlots(this.paper.slug).catch(() => undefined);
    for (const experiment of this.experiments)
      if (experiment.view.measured) experiment.measured = plots?.[experiment.view.id] ?? {};
  }

  /** Recalls the runs of this browser, and those that were cut short. */
  async recall(): Promise<void> {
    try {
      const kept = await listRuns(this.paper.slug);
      this.runs = await Promise.all(this.judgedNow(kept));
      await Promise.all(this.experiments.map((experiment) => this.recallCheckpoint(experiment)));
    } catch (error) {
      this.note(error);
    }
  }

  /** Fills the form of the experiment that an address names. */
  open(shared: SharedForm): ExperimentState | undefined {
    const experiment = this.experiments.find(({ view }) => view.id === shared.experiment);
    experiment?.fill(shared);
    if (experiment) experiment.open = true;
    return experiment;
  }

  /** Shows a run that is kept here; its experiment, or nothing when there is none. */
  async showRun(id: string): Promise<ExperimentState | undefined> {
    try {
      const row = await readRun(id);
      const experiment = this.experiments.find(({ view }) => view.id === row?.report.experiment);
      if (row?.report.paper !== this.paper.slug || !experiment || experiment.busy) return undefined;
      const report = row.judgedBy === version ? row.report : await this.judgeAgain(id, row.report);
      if (!report) return undefined;
      experiment.fill(formOf(experiment, report));
      experiment.show(report);
      this.latest ??= experiment;
      return experiment;
    } catch (error) {
      this.note(error);
      return undefined;
    }
  }

  /** The runs, with those that count for claims judged as their experiments judge now. */
  private judgedNow(kept: readonly StoredRun[]): (StoredRun | Promise<StoredRun>)[] {
    const counted = latestUnmodifiedRuns(kept);
    return kept.map(async (run) => {
      if (run.judgedBy === version || !run.whole || !counted.includes(run)) return run;
      const row = await readRun(run.id);
      if (!row) return run;
      const report = await this.judgeAgain(run.id, row.report);
      return report ? storedRun(report, version) : asEarlierRun(run);
    });
  }

  /**
   * A kept report with what its findings say by the present conditions, which is kept from now on; undefined where its
   * experiment finds something else now.
   */
  private async judgeAgain(id: string, report: RunReport): Promise<RunReport | undefined> {
    const { paper, experiment, findings } = report;
    const judged = await this.runner.judge(paper, experiment, findings);
    // Without the experiment's code the earlier verdict is what there is.
    if (judged === undefined) return report;
    if (judged === null) {
      await outdateRun(id);
      return undefined;
    }
    const again = { ...report, ...judged };
    await saveRun(again, version);
    return again;
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

  /** Goes on with a run that was cut short. */
  resume(experiment: ExperimentState): void {
    if (!experiment.resumable || experiment.busy) return;
    experiment.fill(experiment.resumable.form);
    this.enqueue([experiment], true);
  }

  /** Stops the run under way and forgets those that wait. */
  stop(): void {
    for (const { experiment } of this.queue) experiment.status = "idle";
    this.queue = [];
    if (this.latest?.status === "running") this.latest.stopping = true;
    this.runner.stop();
  }

  /** Stops an experiment that runs, or takes one that waits out of the queue. */
  cancel(experiment: ExperimentState): void {
    if (experiment.status === "queued") {
      this.queue = this.queue.filter((waiting) => waiting.experiment !== experiment);
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

  private note(error: unknown): void {
    if (!(error instanceof StorageError)) throw error;
    this.trouble = error.full
      ? "The browser’s storage is full: this run is shown but not saved. Delete some under Your runs."
      : "This browser cannot store runs: results are lost when you leave the page.";
  }

  private async recallCheckpoint(experiment: ExperimentState): Promise<void> {
    const checkpoint = await readCheckpoint(this.paper.slug, experiment.view.id, version);
    if (checkpoint) experiment.open = true;
    experiment.resumable = checkpoint && {
      elapsed: checkpoint.elapsed,
      form: formOf(experiment, checkpoint),
    };
  }

  private restore(experiment: ExperimentState): void {
    if (experiment.busy) return;
    experiment.setProfile("quick");
  }

  private enqueue(experiments: readonly ExperimentState[], resume = false): void {
    const waiting = experiments.filter((experiment) => !experiment.busy);
    if (!this.busy) {
      this.started = 0;
      this.finished = 0;
    }
    this.started += waiting.length;
    for (const experiment of waiting) experiment.status = "queued";
    const idle = this.queue.length === 0 && this.latest?.status !== "running";
    this.queue = [...this.queue, ...waiting.map((experiment) => ({ experiment, resume }))];
    if (idle) void this.drain();
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const [next, ...later] = this.queue;
      this.queue = later;
      await this.runOne(next.experiment, next.resume);
      this.finished += 1;
    }
  }

  private async runOne(experiment: ExperimentState, resume: boolean): Promise<void> {
    const { view, profile } = experiment;
    this.latest = experiment;
    experiment.begin();
    try {
      const problem = seedProblem(experiment.seed);
      if (problem) throw new FieldError("seed", problem);
      const set = changedParameters(view.fields, experiment.texts, profile);
      const seed = Number(experiment.seed);
      const outcome = await this.runner.run(
        { kind: "run", paper: this.paper.slug, experiment: view.id, profile, seed, set, resume, version },
        ({ events }) => experiment.take(events),
      );
      if (outcome.kind === "report") {
        experiment.finish(outcome.report);
        keepOffline(outcome.loaded);
        await this.keep(outcome.report);
      } else if (outcome.kind === "stopped") {
        experiment.end("stopped");
        await this.recallCheckpoint(experiment).catch((error: unknown) => this.note(error));
      } else experiment.end("failed", outcome.failure);
    } catch (error) {
      experiment.end(
        "failed",
        error instanceof FieldError
          ? { name: error.name, message: error.message, parameter: error.field, details: error.message }
          : { name: "Error", message: String(error), details: String(error) },
      );
    }
  }

  private async keep(report: RunReport): Promise<void> {
    const run = storedRun(report, version);
    let whole = true;
    try {
      await saveRun(report, version);
      this.trouble = undefined;
    } catch (error) {
      this.note(error);
      whole = false;
    }
    this.runs = [{ ...run, whole }, ...this.runs.filter(({ id }) => id !== run.id)];
  }
}

/** The form with which a run was made. */
function formOf(
  { view }: ExperimentState,
  { profile, seed, parameters }: Pick<RunReport, "profile" | "seed" | "parameters">,
) {
  const texts = view.fields.map(({ name, values }) => {
    const value = parameters[name];
    const known =
      typeof value === "number" || typeof value === "string" || typeof value === "boolean" || isList(value);
    return [name, fieldText(known ? value : values[profile])];
  });
  return { profile, seed: String(seed), texts: Object.fromEntries(texts) };
}

function isList(value: unknown): value is readonly (number | string)[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number" || typeof item === "string");
}
