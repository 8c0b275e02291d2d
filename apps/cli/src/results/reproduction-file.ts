import { readFile } from "node:fs/promises";
import { encodeReport, type RunReport, reproductionReport } from "@gradus/papers";
import { UsageError } from "../errors.ts";
import { unreadable } from "../files/unreadable.ts";
import { json } from "./json.ts";
import { writeAtomically } from "./report-files.ts";

/** What a report of one run says of itself, as far as a sender needs it; sites check the rest. */
export interface EncodedReport {
  readonly paper: string;
  readonly experiment: string;
  readonly profile: string;
  readonly seed: number;
}

/** The file that `gradus run --report` writes. */
interface ReproductionFile {
  readonly gradus: "reports";
  readonly format: 1;
  readonly reports: readonly Readonly<Record<string, unknown>>[];
}

/** Writes runs as reproduction reports. @throws ArgumentError when a run has changed parameters */
export async function writeReproduction(
  file: string,
  runs: readonly RunReport[],
  version: string,
): Promise<void> {
  const reports = await Promise.all(runs.map((run) => encodeReport(reproductionReport(run, version))));
  const content: ReproductionFile = { gradus: "reports", format: 1, reports };
  await writeAtomically(file, json(content));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isReport(value: unknown): value is EncodedReport {
  return (
    isRecord(value) &&
    typeof value.paper === "string" &&
    typeof value.experiment === "string" &&
    typeof value.profile === "string" &&
    typeof value.seed === "number"
  );
}

/**
 * Reads the reports that `gradus run --report` wrote.
 *
 * @throws UsageError when the file cannot be read or has something else
 */
export async function readReproduction(file: string): Promise<readonly EncodedReport[]> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new UsageError(`${file} is not valid JSON`, { cause });
    throw new UsageError(unreadable(file, cause), { cause });
  }
  if (isRecord(content) && content.gradus === "reports") {
    if (content.format !== 1)
      throw new UsageError(`${file} has format ${content.format}; this version reads format 1`);
    if (Array.isArray(content.reports) && content.reports.length > 0 && content.reports.every(isReport))
      return content.reports;
  }
  throw new UsageError(`${file} must be a file that "run --report" wrote, got something else`);
}
