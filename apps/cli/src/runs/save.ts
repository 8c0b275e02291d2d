import type { Host } from "../host.ts";
import type { EndedCheckpoint } from "../session/run-session.ts";
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

export interface SavedRun {
  readonly saved: boolean;
  /** Say where it is, or why it is nowhere: then they belong on the error output. */
  readonly lines: readonly string[];
}

/** Lines that tell where the results are kept; none where no file can be written at all. */
async function leaveCheckpoint(checkpoint: EndedCheckpoint): Promise<readonly string[]> {
  try {
    return await checkpoint.leave();
  } catch {
    return [];
  }
}

/**
 * Keeps a record among the runs, in place of the session's checkpoint; its results are shown where there is no place to
 * keep it, too.
 *
 * @param elsewhere whether the record is kept in another place already
 */
export async function saveRun(
  { home, invocation, out, err }: Pick<Host, "home" | "invocation" | "out" | "err">,
  record: RunRecord,
  { checkpoint, elsewhere = false }: { readonly checkpoint: EndedCheckpoint; readonly elsewhere?: boolean },
): Promise<SavedRun> {
  try {
    await saveRecord(home, record);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const refusal = wrap(`The run could not be saved: ${reason}.`, err.columns);
    if (!elsewhere) return { saved: false, lines: [...refusal, ...(await leaveCheckpoint(checkpoint))] };
    await checkpoint.remove();
    return { saved: false, lines: refusal };
  }
  await checkpoint.remove();
  const lines = [
    ...wrap(`Run ${record.id} is saved. Show it with:`, out.columns),
    `  ${invocation} show ${record.id}`,
  ];
  return { saved: true, lines };
}
