import { isVerdictRun, runId, type StoredRun } from "./run.ts";

/** The part of `Storage` that is used. */
export type TextStore = Pick<Storage, "getItem" | "removeItem">;

/** Where the first version kept the latest verdicts of each experiment. */
const KEY = "gradus.runs";

function entries(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** The runs that the first version kept as text, and how to forget them when they are kept elsewhere. */
export function readLegacyRuns(store: TextStore): { readonly runs: readonly StoredRun[]; forget(): void } {
  let text: string | null = null;
  try {
    text = store.getItem(KEY);
  } catch {
    // A browser that keeps nothing kept nothing.
  }
  let papers: unknown;
  try {
    papers = JSON.parse(text ?? "{}");
  } catch {
    papers = {};
  }
  const runs = entries(papers)
    .flatMap(entries)
    .filter(isVerdictRun)
    .map((run) => ({ ...run, id: runId(run), whole: false }));
  return { runs, forget: () => store.removeItem(KEY) };
}
