import {
  type Check,
  type Ground,
  isMatrix,
  type Matrix,
  type Point,
  type RunReport,
  type Undecided,
} from "@gradus/papers";

/** What this browser keeps of a run beside its report: what lists and verdicts need. */
export interface StoredRun
  extends Pick<
    RunReport,
    | "paper"
    | "experiment"
    | "profile"
    | "seed"
    | "modified"
    | "checks"
    | "undecided"
    | "startedAt"
    | "elapsed"
    | "environment"
  > {
  readonly id: string;
  /** The experiment's title; missing of some runs of earlier versions. */
  readonly title?: string;
  readonly parameters?: RunReport["parameters"];
  /**
   * What it found, by which it is judged; null of runs of earlier versions, which kept verdicts only or found something
   * else. Nothing is known of the claims from these.
   */
  readonly findings: unknown;
  /** The version of the site that judged it; missing where it came from a file. */
  readonly judgedBy?: string;
  /** Whether its report, with the pictures' numbers, is kept too. */
  readonly whole: boolean;
}

/** The id of a run: the same run has the same one wherever it is imported. */
export function runId({
  paper,
  experiment,
  startedAt,
  seed,
}: Pick<RunReport, "paper" | "experiment" | "startedAt" | "seed">): string {
  return [paper, experiment, startedAt.replace(/[-:.]/g, ""), seed].join(".");
}

/** What is kept of a report in the list of runs. */
export function storedRun(report: RunReport, judgedBy?: string): StoredRun {
  const { paper, experiment, title, profile, seed, modified, parameters, findings } = report;
  const { checks, undecided, startedAt, elapsed, environment } = report;
  return {
    id: runId(report),
    paper,
    experiment,
    title,
    profile,
    seed,
    modified,
    parameters,
    findings,
    judgedBy,
    checks,
    undecided,
    startedAt,
    elapsed,
    environment,
    whole: true,
  };
}

/** What is left of a run whose findings are missing, or are not what its experiment judges now. */
export function asEarlierRun(run: StoredRun): StoredRun {
  return { ...run, findings: null, judgedBy: undefined, checks: [], undecided: [], whole: false };
}

/** Whether a run has findings to be judged by. */
export function hasFindings({ findings }: Pick<StoredRun, "findings">): boolean {
  return findings !== null && findings !== undefined;
}

/** The runs that say what this browser knows of a paper's claims: the latest of each experiment as the paper has it. */
export function latestUnmodifiedRuns(runs: readonly StoredRun[]): StoredRun[] {
  const latest = new Map<string, StoredRun>();
  for (const run of runs) {
    if (run.modified || !hasFindings(run)) continue;
    const known = latest.get(run.experiment);
    if (!known || known.startedAt < run.startedAt) latest.set(run.experiment, run);
  }
  return [...latest.values()];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const CONDITIONS = ["atMost", "atLeast", "below", "above", "equals", "between"];

function isGround(value: unknown): value is Ground {
  return (
    isRecord(value) &&
    (value.kind === "theorem" || value.kind === "reported" || value.kind === "criterion") &&
    typeof value.text === "string"
  );
}

function isUndecided(value: unknown): value is Undecided {
  return isRecord(value) && typeof value.claim === "string" && typeof value.reason === "string";
}

function isCheck(value: unknown): value is Check {
  return (
    isRecord(value) &&
    (typeof value.claim === "string" || value.claim === null) &&
    typeof value.label === "string" &&
    typeof value.measured === "number" &&
    typeof value.held === "boolean" &&
    isGround(value.ground) &&
    isRecord(value.condition) &&
    Object.keys(value.condition).some((key) => CONDITIONS.includes(key))
  );
}

function hasVerdicts(value: unknown): value is Record<string, unknown> {
  return (
    isRecord(value) &&
    typeof value.paper === "string" &&
    typeof value.experiment === "string" &&
    (value.profile === "quick" || value.profile === "full") &&
    typeof value.seed === "number" &&
    typeof value.modified === "boolean" &&
    Array.isArray(value.checks) &&
    value.checks.every(isCheck) &&
    Array.isArray(value.undecided) &&
    value.undecided.every(isUndecided) &&
    typeof value.startedAt === "string" &&
    !Number.isNaN(Date.parse(value.startedAt)) &&
    typeof value.elapsed === "number" &&
    isRecord(value.environment) &&
    typeof value.environment.runtime === "string"
  );
}

function isSeries(value: unknown): value is readonly Point[] | Matrix {
  return (
    (Array.isArray(value) && value.every((point) => isRecord(point) && typeof point.y === "number")) ||
    (isRecord(value) &&
      Array.isArray(value.values) &&
      Array.isArray(value.columns) &&
      Array.isArray(value.rows))
  );
}

function isData(value: unknown, matrices: boolean): boolean {
  return (
    isRecord(value) &&
    Object.values(value).every(
      (plot) =>
        isRecord(plot) &&
        Object.values(plot).every((series) => isSeries(series) && isMatrix(series) === matrices),
    )
  );
}

/** Whether a value that came from a file is a whole report of a run. */
export function isReport(value: unknown): value is RunReport {
  return (
    hasVerdicts(value) &&
    value.format === 1 &&
    typeof value.title === "string" &&
    typeof value.headline === "string" &&
    "findings" in value &&
    isRecord(value.parameters) &&
    Array.isArray(value.summary) &&
    isRecord(value.captions) &&
    Array.isArray(value.plots) &&
    value.plots.every(
      (plot) => isRecord(plot) && typeof plot.id === "string" && typeof plot.mark === "string",
    ) &&
    isData(value.series, false) &&
    (value.matrices === undefined || isData(value.matrices, true)) &&
    Array.isArray(value.tables) &&
    Array.isArray(value.notes)
  );
}
