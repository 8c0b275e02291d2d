import type { Host } from "../host.ts";
import type { Session } from "../session/session.ts";
import { wrap } from "../terminal/text.ts";
import { identify, type RecordedFailure, type RecordedPaper, type RunRecord } from "./record.ts";
import { saveRecord } from "./store.ts";
import { versions } from "./versions.ts";

/** The record of a session that has come to its end. */
export async function makeRecord({
  session: { plan, finished },
  threads,
  papers,
  failures = [],
}: {
  readonly session: Session;
  readonly threads?: number;
  readonly papers: readonly RecordedPaper[];
  readonly failures?: readonly RecordedFailure[];
}): Promise<RunRecord> {
  return identify({
    plan,
    threads: threads ?? null,
    finishedAt: new Date().toISOString(),
    versions: await versions(),
    papers,
    reports: [...finished],
    failures,
  });
}

/** Keeps a record among the runs and returns the lines that say so; a run is not lost for want of a place to keep it. */
export async function saveRun(
  { home, invocation, out: { columns } }: Pick<Host, "home" | "invocation" | "out">,
  record: RunRecord,
): Promise<string[]> {
  try {
    await saveRecord(home, record);
    return [
      ...wrap(`Run ${record.id} is saved. Show it with:`, columns),
      `  ${invocation} show ${record.id}`,
    ];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return wrap(`The run could not be saved: ${reason}.`, columns);
  }
}
