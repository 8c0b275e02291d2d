import type { RunReport } from "@gradus/papers";
import { result, transaction } from "./database.ts";
import { asEarlierRun, type StoredRun, storedRun } from "./run.ts";

/** The stored report of a run. */
interface ReportRow {
  readonly id: string;
  readonly report: RunReport;
  /** The version of the site that judged it; missing where it came from a file. */
  readonly judgedBy?: string;
}

/** @throws StorageError when the browser has no room or keeps nothing */
export async function saveRun(report: RunReport, judgedBy?: string): Promise<StoredRun> {
  const run = storedRun(report, judgedBy);
  const row: ReportRow = { id: run.id, report, judgedBy };
  await transaction(["runs", "reports"], "readwrite", async (store) => {
    // Asked for at once: a reader who leaves between one and the other would lose the run.
    await Promise.all([result(store("reports").put(row)), result(store("runs").put(run))]);
  });
  return run;
}

/** The runs of a paper in this browser, or of all papers; latest first. @throws StorageError */
export async function listRuns(paper?: string): Promise<StoredRun[]> {
  const runs: StoredRun[] = await transaction(["runs"], "readonly", (store) =>
    result(paper === undefined ? store("runs").getAll() : store("runs").index("paper").getAll(paper)),
  );
  return runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

/** The whole report of a run and who judged it; undefined when there is none. @throws StorageError */
export function readRun(id: string): Promise<ReportRow | undefined> {
  return transaction(["reports"], "readonly", (store) => result(store("reports").get(id)));
}

/** The whole report of a run; undefined when only its verdicts are kept, or nothing. @throws StorageError */
export async function readReport(id: string): Promise<RunReport | undefined> {
  return (await readRun(id))?.report;
}

/** Keeps of a run that it was made, and no verdicts: its findings are not what its experiment judges now. @throws StorageError */
export function outdateRun(id: string): Promise<void> {
  return transaction(["runs", "reports"], "readwrite", async (store) => {
    const run: StoredRun | undefined = await result(store("runs").get(id));
    if (run) await result(store("runs").put(asEarlierRun(run)));
    await result(store("reports").delete(id));
  });
}

/** The whole reports of some runs, in the order of the ids, those that are kept. @throws StorageError */
export async function readReports(ids: readonly string[]): Promise<RunReport[]> {
  const reports = await Promise.all(ids.map(readReport));
  return reports.filter((report) => report !== undefined);
}

/** All that was stored of some runs: also of those of which only verdicts are kept. */
export interface DeletedRuns {
  readonly runs: readonly StoredRun[];
  readonly reports: readonly ReportRow[];
}

/** Deletes runs, and resolves to what was kept of them. @throws StorageError */
export function deleteRuns(ids: readonly string[]): Promise<DeletedRuns> {
  return transaction(["runs", "reports"], "readwrite", async (store) => {
    const runs: StoredRun[] = [];
    const reports: ReportRow[] = [];
    for (const id of ids) {
      const run: StoredRun | undefined = await result(store("runs").get(id));
      const report: ReportRow | undefined = await result(store("reports").get(id));
      if (run) runs.push(run);
      if (report) reports.push(report);
      store("runs").delete(id);
      store("reports").delete(id);
    }
    return { runs, reports };
  });
}

/** Puts back what was deleted. @throws StorageError */
export function restoreRuns({ runs, reports }: DeletedRuns): Promise<void> {
  return transaction(["runs", "reports"], "readwrite", async (store) => {
    for (const report of reports) await result(store("reports").put(report));
    for (const run of runs) await result(store("runs").put(run));
  });
}
