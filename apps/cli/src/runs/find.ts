import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Paper } from "@gradus/papers";
import { LATEST } from "../command-line/latest.ts";
import { didYouMean, either } from "../command-line/suggest.ts";
import { UsageError } from "../errors.ts";
import { resolveSelection, type Selection } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { writeLines } from "../terminal/output.ts";
import { wrap } from "../terminal/text.ts";
import { narrow, type RunRecord } from "./record.ts";
import { readRecord, type StoredRun, storedRuns } from "./store.ts";

/** Shorter beginnings of ids could be numbers of papers. */
const SHORTEST_PREFIX = 4;

/** Names that only files and folders have. */
const PATH = /[/\\]|\.json$/i;

async function asFile(name: string): Promise<string | undefined> {
  const kind = await stat(name).catch(() => undefined);
  if (kind?.isFile()) return name;
  return kind?.isDirectory() && (await stat(join(name, "run.json")).catch(() => undefined))?.isFile()
    ? join(name, "run.json")
    : undefined;
}

function selectionOf(papers: readonly Paper[], name: string): Selection | undefined {
  try {
    return resolveSelection(papers, name);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The latest run of a paper, or of an experiment; of the latter, only what the record has of it. */
async function latestOf(
  { paper, whole, targets }: Selection,
  runs: readonly StoredRun[],
): Promise<RunRecord | undefined> {
  for (const { file } of runs) {
    const record = await readRecord(file).catch(() => undefined);
    const reports = record?.reports.filter((report) => report.paper === paper.slug) ?? [];
    if (record === undefined || reports.length === 0) continue;
    if (whole) return record;
    const id = targets[0].entry.id;
    if (!reports.some((report) => report.experiment === id)) continue;
    return record.reports.length === 1 ? record : narrow(record, paper.slug, id);
  }
  return undefined;
}

/**
 * The latest run that can be read; newer ones that cannot are said.
 *
 * @throws UsageError about the newest when none can be read
 */
async function latestReadable({ err }: Pick<Host, "err">, runs: readonly StoredRun[]): Promise<RunRecord> {
  const damaged: UsageError[] = [];
  for (const { file } of runs) {
    try {
      const record = await readRecord(file);
      for (const { message } of damaged)
        writeLines(err, wrap(`${message}; the latest run before it is shown.`, err.columns));
      return record;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      damaged.push(error);
    }
  }
  throw damaged[0];
}

/**
 * Finds the run that a name stands for: `latest`, the id or its beginning, a paper or an experiment (its latest run), a
 * record's file, or the folder of `--out`.
 *
 * @throws UsageError when there is none or there are several, with what there is
 */
export async function findRun(
  { home, invocation, err }: Pick<Host, "home" | "invocation" | "err">,
  papers: readonly Paper[],
  name: string,
): Promise<RunRecord> {
  const runs = await storedRuns(home);
  if (name === LATEST && runs.length > 0) return latestReadable({ err }, runs);
  const lower = name.toLowerCase();
  const named = lower.length < SHORTEST_PREFIX ? [] : runs.filter(({ id }) => id.startsWith(lower));
  if (named.length === 1) return readRecord(named[0].file);
  if (named.length > 1)
    throw new UsageError(`"${name}" matches several runs: ${either(named.map(({ id }) => id))}?`);
  const selection = selectionOf(papers, name);
  if (selection) {
    const record = await latestOf(selection, runs);
    if (record) return record;
  }
  const file = await asFile(name);
  if (file !== undefined) return readRecord(file);
  if (selection)
    throw new UsageError(
      `no run of ${name} is saved in ${home}. Start one with "${invocation} run ${name}"; "${invocation} show" lists all.`,
    );
  if (PATH.test(name)) throw new UsageError(`${name} cannot be read: no such file`);
  if (runs.length === 0)
    throw new UsageError(
      `no run is saved in ${home}. Start one: ${invocation} run ${papers[0]?.slug ?? "<paper>"}`,
    );
  const known = [LATEST, ...runs.map(({ id }) => id), ...papers.map(({ slug }) => slug)];
  throw new UsageError(
    `no run is called "${name}".${didYouMean(name, known)} "${invocation} show" lists all.`,
  );
}
