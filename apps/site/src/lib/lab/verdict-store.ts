import type { Check, RunReport } from "@gradus/papers";

/** What this browser remembers of a run: its verdicts, not its pictures. */
export type StoredRun = Pick<
  RunReport,
  | "paper"
  | "experiment"
  | "profile"
  | "seed"
  | "modified"
  | "checks"
  | "startedAt"
  | "elapsed"
  | "environment"
>;

type Runs = Readonly<Record<string, Readonly<Record<string, StoredRun>>>>;

/** The part of `Storage` that is used. */
export type TextStore = Pick<Storage, "getItem" | "setItem">;

const KEY = "gradus.runs";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCheck(value: unknown): value is Check {
  return (
    isRecord(value) &&
    typeof value.claim === "string" &&
    typeof value.label === "string" &&
    typeof value.measured === "number" &&
    typeof value.held === "boolean" &&
    isRecord(value.condition)
  );
}

function isStoredRun(value: unknown): value is StoredRun {
  return (
    isRecord(value) &&
    typeof value.paper === "string" &&
    typeof value.experiment === "string" &&
    typeof value.startedAt === "string" &&
    value.modified === false &&
    Array.isArray(value.checks) &&
    value.checks.every(isCheck) &&
    isRecord(value.environment)
  );
}

function read(store: TextStore): Runs {
  try {
    const parsed: unknown = JSON.parse(store.getItem(KEY) ?? "{}");
    if (!isRecord(parsed)) return {};
    return Object.fromEntries(
      Object.entries(parsed)
        .filter((entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]))
        .map(([slug, runs]) => [
          slug,
          Object.fromEntries(
            Object.entries(runs).filter((entry): entry is [string, StoredRun] => isStoredRun(entry[1])),
          ),
        ]),
    );
  } catch {
    return {};
  }
}

/** The latest runs of a paper's experiments in this browser. */
export function storedRuns(slug: string, store: TextStore): StoredRun[] {
  return Object.values(read(store)[slug] ?? {});
}

/**
 * Remembers a run. A run with changed parameters says nothing of the paper's claims and is not kept. A browser that
 * stores nothing is no error.
 */
export function storeRun(report: StoredRun, store: TextStore): void {
  if (report.modified) return;
  const { paper, experiment, profile, seed, modified, checks, startedAt, elapsed, environment } = report;
  const run: StoredRun = {
    paper,
    experiment,
    profile,
    seed,
    modified,
    checks,
    startedAt,
    elapsed,
    environment,
  };
  const runs = read(store);
  try {
    store.setItem(KEY, JSON.stringify({ ...runs, [paper]: { ...runs[paper], [experiment]: run } }));
  } catch {
    // Storage is full or switched off: the verdict is shown on this page only.
  }
}
