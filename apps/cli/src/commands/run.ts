import { join } from "node:path";
import type { Profile, RunReport } from "@gradus/papers";
import type { OptionSpecifications, ParsedOptions } from "../command-line/values.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { parseAssignments } from "../experiments/parameters.ts";
import { address, resolveSelection, type Selection, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import {
  exportArguments,
  exportOptions,
  prepareExports,
  readExports,
  writeExports,
} from "../results/exports.ts";
import { json, prepareFolder, writeAtomically, writeReport } from "../results/report-files.ts";
import { recordedPaper } from "../runs/record.ts";
import { makeRecord, saveRun } from "../runs/save.ts";
import { writeRecord } from "../runs/store.ts";
import {
  assertSamePlan,
  newSession,
  type RequestedPlan,
  readRequestedPlan,
  runningOptions,
  threadArguments,
} from "../session/requested-plan.ts";
import { runSession } from "../session/run-session.ts";
import { readSession, type Session } from "../session/session.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/record.ts";
import { reportLines } from "../terminal/report.ts";

export const runOptions: OptionSpecifications = {
  profile: { value: "quick|full", help: "quick ends in seconds (default); full is the paper's size" },
  set: { value: "name=value", repeated: true, help: "change a parameter; repeat for several" },
  seed: { value: "N", help: "seed of all randomness (default 1): the same seed gives the same results" },
  out: { value: "DIR", help: "write run.json, report.json and a CSV file for each plot and table" },
  ...exportOptions,
  json: { help: "print the report as JSON, and nothing else, on standard output" },
  ...runningOptions,
  help: { short: "h", help: "show this help" },
};

function select(host: Host, names: readonly string[]): Selection {
  const { invocation, papers } = host;
  if (names.length === 0)
    throw new UsageError(
      `run what? Name a paper or an experiment, such as: ${invocation} run ${papers[0]?.slug ?? "<paper>"}. ` +
        `"${invocation} list" shows all.`,
    );
  if (names.length > 1)
    throw new UsageError(
      `run takes one paper or experiment, got ${names.join(" ")}; "${invocation} verify" takes several papers`,
    );
  const selection = resolveSelection(papers, names[0]);
  if (selection.targets.length === 0) throw new UsageError(`${names[0]} has no experiments yet`);
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
  if (assignments.length > 0)
    for (const { entry } of targets) set = parseAssignments(await entry.load(), profile, assignments, width);
  return set;
}

interface Opened {
  readonly session: Session;
  readonly selection: Selection;
  readonly requested: RequestedPlan;
}

async function open(host: Host, options: ParsedOptions): Promise<Opened> {
  const requested = readRequestedPlan("run", options);
  const { resume, profile = "quick" } = requested;
  const assignments = options.values.get("set") ?? [];
  const width = host.err.columns;
  if (resume === undefined) {
    const selection = select(host, options.positionals);
    const set = await readSet(selection.targets, profile, assignments, width);
    const name = selection.whole ? selection.paper.slug : address(selection.targets[0]);
    return { selection, requested, session: newSession({ ...requested, set }, [name]) };
  }
  const session = await readSession(resume, "run");
  const selection = select(host, session.plan.names);
  const set = await readSet(selection.targets, session.plan.profile, assignments, width);
  const named = options.positionals.length === 0 ? undefined : select(host, options.positionals).targets;
  assertSamePlan({ ...requested, set }, session.plan, { named, planned: selection.targets });
  return { selection, requested, session };
}

/** Where the results of one experiment go: the folder itself, or a part of it when all of a paper is run. */
function folderOf(out: string, { whole }: Selection, report: RunReport): string {
  return whole ? join(out, report.experiment) : out;
}

/** `gradus run`: runs an experiment, or all of a paper. Returns the exit status. */
export async function run(host: Host, options: ParsedOptions): Promise<number> {
  const out = options.values.get("out")?.[0];
  const exports = readExports(options);
  const asJson = options.flags.has("json");
  const { session, selection, requested } = await open(host, options);
  if (out !== undefined) await prepareFolder(out, "--out");
  await prepareExports(exports);

  const { columns, palette } = host.out;
  const show = async (report: RunReport) => {
    if (out !== undefined) await writeReport(folderOf(out, selection, report), report);
    if (asJson) return;
    const before = report === session.finished[0] ? [] : [""];
    writeLines(host.out, [...before, ...reportLines(report, columns, palette)]);
  };
  for (const report of session.finished) await show(report);
  const end = await runSession(host, {
    session,
    targets: selection.targets,
    threads: requested.threads,
    resumed: requested.resume !== undefined,
    checkpointFile: requested.resume ?? (out === undefined ? undefined : join(out, "checkpoint.json")),
    resumeArguments: [
      "run",
      ...session.plan.names,
      ...(out === undefined ? [] : ["--out", out]),
      ...exportArguments(exports),
      ...(asJson ? ["--json"] : []),
      ...threadArguments(requested),
    ],
    onFinish: (_, report) => show(report),
    onFail: () => false,
  });
  if (!end.ended) return end.status;

  const { paper, whole, targets } = selection;
  const record = await makeRecord({
    session,
    threads: requested.threads,
    papers: [recordedPaper(paper, whole ? undefined : targets[0].entry.claims)],
  });
  const result = whole ? session.finished : session.finished[0];
  if (out !== undefined) {
    if (whole) await writeAtomically(join(out, "report.json"), json(result));
    await writeRecord(join(out, "run.json"), record);
  }
  const written = [
    ...(out === undefined ? [] : [`Results: ${out}`]),
    ...(await writeExports(record, exports)),
  ];
  const kept = await saveRun(host, record);
  await end.removeCheckpoint();
  if (asJson) host.out.write(json(result));
  else writeLines(host.out, ["", ...verdictLines(record, columns, palette)]);
  writeLines(asJson ? host.err : host.out, ["", ...written, ...kept]);
  const held = session.finished.every((report) => report.checks.every((check) => check.held));
  return held ? exitStatus.fine : exitStatus.claimDidNotHold;
}
