import { join } from "node:path";
import type { Paper, Profile, RunReport } from "@gradus/papers";
import { either } from "../command-line/suggest.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { listParameters, parseAssignments, splitAssignment } from "../experiments/parameters.ts";
import { address, resolveSelection, type Selection, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { attempt, throwFailure } from "../results/attempt.ts";
import { removeEarlier } from "../results/earlier-report.ts";
import {
  type ExportTargets,
  exportArguments,
  prepareExports,
  prepareFile,
  writeExports,
} from "../results/exports.ts";
import { json } from "../results/json.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { writeAtomically, writeReport } from "../results/report-files.ts";
import { writeReproduction } from "../results/reproduction-file.ts";
import { holdingResults } from "../results/results-folder.ts";
import { recordedPaper } from "../runs/record.ts";
import { makeRecord, saveRun } from "../runs/save.ts";
import { writeRecord } from "../runs/store.ts";
import { assertSamePlan, newSession, threadArguments } from "../session/requested-plan.ts";
import { resumedSession } from "../session/resumed-session.ts";
import { runSession } from "../session/run-session.ts";
import type { Session } from "../session/session.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/record.ts";
import { reportLines } from "../terminal/report.ts";
import { type NamedTimes, timesLines } from "../terminal/times.ts";

export interface RunOptions extends ExportTargets {
  readonly profile?: Profile;
  /** Such as `steps=20`. */
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly out?: string;
  /** The file of the reproduction report. */
  readonly report?: string;
  readonly json?: boolean;
  readonly threads?: number;
  readonly timings?: boolean;
  readonly resume?: string;
}

function select(papers: readonly Paper[], name: string): Selection {
  const selection = resolveSelection(papers, name);
  if (selection.targets.length === 0) throw new UsageError(`${name} has no experiments yet`);
  return selection;
}

/** The parameters that `--set` changes; every experiment that is to be run must know them. */
async function readSet(
  targets: readonly Target[],
  profile: Profile,
  assignments: readonly string[],
  width: number,
): Promise<Record<string, unknown> | undefined> {
  let set: Record<string, unknown> | undefined;
  if (assignments.length === 0) return set;
  const loaded = await Promise.all(
    targets.map(async (target) => ({ target, experiment: await target.entry.load() })),
  );
  for (const assignment of assignments) {
    const [name] = splitAssignment(assignment);
    const having = loaded.filter(({ experiment }) =>
      listParameters(experiment).some((parameter) => parameter.name === name),
    );
    if (having.length > 0 && having.length < loaded.length)
      throw new UsageError(
        `not every experiment of ${targets[0].paper.slug} has a parameter "${name}": run ${either(having.map(({ target }) => address(target)))}`,
      );
  }
  for (const { experiment } of loaded) set = parseAssignments(experiment, profile, assignments, width);
  return set;
}

interface Opened {
  readonly session: Session;
  readonly selection: Selection;
}

async function open(host: Host, name: string | undefined, options: RunOptions): Promise<Opened> {
  const papers = await host.loadPapers();
  const { resume, profile, seed, set: assignments = [] } = options;
  const width = host.err.columns;
  if (resume === undefined) {
    if (name === undefined)
      throw new UsageError(
        `run needs a paper or an experiment, such as: ${host.invocation} run ${papers[0]?.slug ?? "<paper>"}. ` +
          `"${host.invocation} list" lists all papers.`,
      );
    const selection = select(papers, name);
    const set = await readSet(selection.targets, profile ?? "quick", assignments, width);
    const subject = selection.whole ? selection.paper.slug : address(selection.targets[0]);
    return { selection, session: newSession({ command: "run", profile, seed, set }, [subject]) };
  }
  const session = await resumedSession(host, resume, "run");
  const selection = select(papers, session.plan.names[0]);
  const set = await readSet(selection.targets, session.plan.profile, assignments, width);
  const named = name === undefined ? undefined : select(papers, name).targets;
  assertSamePlan({ command: "run", profile, seed, set, resume }, session.plan, {
    named,
    planned: selection.targets,
  });
  return { selection, session };
}

/** Where the results of one experiment go: the folder itself, or a part of it when all of a paper is run. */
function folderOf(out: string, { whole }: Selection, report: RunReport): string {
  return whole ? join(out, report.experiment) : out;
}

async function runOpened(host: Host, { session, selection }: Opened, options: RunOptions): Promise<number> {
  const {
    out,
    report: reportFile,
    html,
    svg,
    json: asJson = false,
    threads,
    timings = false,
    resume,
  } = options;
  const exports = { html, svg };
  if (reportFile !== undefined) {
    if (Object.keys(session.plan.set).length > 0)
      throw new UsageError("--report needs the parameters of a profile; it cannot be combined with --set");
    await prepareFile(reportFile, "--report", "report.json");
  }
  await prepareExports(exports);

  const { columns, palette } = host.out;
  const show = async (report: RunReport) => {
    if (out !== undefined) await writeReport(folderOf(out, selection, report), report);
    if (asJson) return;
    const before = report === session.finished[0] ? [] : [""];
    writeLines(host.out, [...before, ...reportLines(report, columns, palette)]);
  };
  for (const report of session.finished) await show(report);
  const times: NamedTimes[] = [];
  const end = await runSession(host, {
    session,
    targets: selection.targets,
    threads,
    resume,
    resumeArguments: [
      "run",
      ...session.plan.names,
      ...(out === undefined ? [] : ["--out", out]),
      ...(reportFile === undefined ? [] : ["--report", reportFile]),
      ...exportArguments(exports),
      ...(asJson ? ["--json"] : []),
      ...threadArguments(threads),
      ...(timings ? ["--timings"] : []),
    ],
    onTimes: (target, spent) => times.push({ name: target.entry.id, times: spent }),
    onFinish: (_, report) => show(report),
    onFail: () => false,
  });
  if (!end.ended) return end.status;

  const { paper, whole, targets } = selection;
  const record = await makeRecord({
    session,
    threads,
    papers: [recordedPaper(paper, whole ? undefined : targets[0].entry.claims)],
  });
  const result = whole ? session.finished : session.finished[0];
  const inFolder = await attempt(async () => {
    if (out === undefined) return [];
    if (whole) {
      await removeEarlier(out, new Set());
      await writeAtomically(join(out, "report.json"), json(result));
    }
    await writeRecord(join(out, "run.json"), record);
    return [`Results: ${out}`];
  });
  const exported = await attempt(() => writeExports(record, exports));
  const reported = await attempt(async () => {
    if (reportFile === undefined) return [];
    await writeReproduction(reportFile, session.finished, record.versions.gradus);
    return [`Reproduction report: ${reportFile}`];
  });
  const files = [inFolder, exported, reported];
  const written = files.flatMap((file) => file.lines);
  const elsewhere = out !== undefined && inFolder.failure === undefined;
  const { saved, lines } = await saveRun(host, record, { checkpoint: end.checkpoint, elsewhere });
  if (asJson) host.out.write(json(result));
  else writeLines(host.out, ["", ...verdictLines(record, columns, palette)]);
  if (timings) writeLines(host.err, ["", ...timesLines(times, host.err.columns, host.err.palette)]);
  const notes = saved ? [...written, ...lines] : written;
  if (notes.length > 0) writeLines(asJson ? host.err : host.out, ["", ...notes]);
  if (!saved) writeLines(host.err, ["", ...lines]);
  throwFailure(files);
  const held = session.finished.every((report) => report.checks.every((check) => check.held));
  if (!held) return exitStatus.claimDidNotHold;
  // The folder of --out has the whole record.
  return saved || elsewhere ? exitStatus.success : exitStatus.failure;
}

/** `gradus run`: runs an experiment, or all of a paper. Returns the exit status. */
export async function run(given: Host, name: string | undefined, options: RunOptions): Promise<number> {
  const { html, report, out, json: asJson } = options;
  const host = outputsBeside(given, { "--html": html, "--report": report }, asJson);
  const opened = await open(host, name, options);
  return holdingResults(host, out, () => runOpened(host, opened, options));
}
