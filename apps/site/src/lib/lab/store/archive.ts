import type { RunReport } from "@gradus/papers";
import { isReport } from "./run.ts";

/** A file of runs, to be kept or taken to another browser. */
export interface Archive {
  readonly gradus: "runs";
  readonly format: 1;
  readonly reports: readonly RunReport[];
}

/** What is not finite has no place in JSON. */
function replacer(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { "not finite": String(value) } : value;
}

function reviver(_: string, value: unknown): unknown {
  const isMark = typeof value === "object" && value !== null && "not finite" in value;
  return isMark ? Number(value["not finite"]) : value;
}

/** The text of a file of runs. */
export function writeArchive(reports: readonly RunReport[]): string {
  const archive: Archive = { gradus: "runs", format: 1, reports };
  return `${JSON.stringify(archive, replacer)}\n`;
}

/** A file that holds no runs. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

function reportsIn(content: unknown): unknown {
  return typeof content === "object" && content !== null && "reports" in content ? content.reports : content;
}

/**
 * The runs in a file: one that was written here, or the report of one run, as the page and `gradus run --json` give it.
 *
 * @throws ArchiveError saying what is wrong
 */
export function readArchive(text: string): readonly RunReport[] {
  let content: unknown;
  try {
    content = JSON.parse(text, reviver);
  } catch (cause) {
    throw new ArchiveError("the file is not valid JSON", { cause });
  }
  const reports: unknown[] = [reportsIn(content)].flat();
  const wrong = reports.findIndex((report) => !isReport(report));
  if (wrong >= 0)
    throw new ArchiveError(
      reports.length > 1
        ? `entry ${wrong + 1} of the file is not a run report`
        : "the file has no run reports",
    );
  return reports.filter(isReport);
}
