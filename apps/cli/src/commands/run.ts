import { join } from "node:path";
import type { Profile, RunReport } from "@gradus/papers";
import { exitStatus, UsageError } from "../errors.ts";
import { exportOptions, exportWords, prepareExports, readExports, writeExports } from "../exports.ts";
import type { Host } from "../host.ts";
import type { OptionSpecifications, ParsedOptions } from "../options.ts";
import { parseAssignments } from "../parameters.ts";
import { address, resolveSelection, type Selection, type Target } from "../resolve.ts";
import { json, prepareFolder, writeAtomically, writeReport } from "../results.ts";
import { recordedPaper } from "../runs/record.ts";
import { writeRecord } from "../runs/store.ts";
import { readSession, type Session } from "../session.ts";
import { writeLines } from "../terminal/output.ts";
import { reportLines } from "../terminal/report.ts";
import { verdictLines } from "../terminal/run.ts";
import { keepRecord, makeRecord } from "./keep.ts";
import { assertSamePlan, newSession, readWish, runningOptions, threadWords, type Wish } from "./plan.ts";
import { sit } from "./sitting.ts";

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
  readonly wish: Wish;
}

async function open(host: Host, options: ParsedOptions): Promise<Opened> {
  const wish = readWish("run", options);
  const { resume, profile = "quick" } = wish;
  const assignments = options.values.get("set") ?? [];
  const width = host.err.columns;
  if (resume === undefined) {
    const selection = select(host, options.positionals);
    const set = await readSet(selection.targets, profile, assignments, width);
    const name = selection.whole ? selection.paper.slug : address(selection.targets[0]);
    return { selection, wish, session: newSession({ ...wish, set }, [name]) };
  }
  const session = await readSession(resume, "run");
  const selection = select(host, session.plan.names);
  const set = await readSet(selection.targets, session.plan.profile, assignments, width);
  const named = options.positionals.length === 0 ? undefined : select(host, options.positionals).targets;
  assertSamePlan({ ...wish, set }, session.plan, { named, planned: selection.targets });
  return { selection, wish, session };
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
  const { session, selection, wish } = await open(host, options);
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
  const end = await sit(host, {
    session,
    targets: selection.targets,
    threads: wish.threads,
    resumed: wish.resume !== undefined,
    checkpointFile: wish.resume ?? (out === undefined ? undefined : join(out, "checkpoint.json")),
    resumeWords: [
      "run",
      ...session.plan.names,
      ...(out === undefined ? [] : ["--out", out]),
      ...exportWords(exports),
      ...(asJson ? ["--json"] : []),
      ...threadWords(wish),
    ],
    onFinish: (_, report) => show(report),
    onFail: () => false,
  });
  if (!end.ended) return end.status;

  const { paper, whole, targets } = selection;
  const record = await makeRecord({
    session,
    threads: wish.threads,
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
  const kept = await keepRecord(host, record);
  await end.removeCheckpoint();
  if (asJson) host.out.write(json(result));
  else writeLines(host.out, ["", ...verdictLines(record, columns, palette)]);
  writeLines(asJson ? host.err : host.out, ["", ...written, ...kept]);
  const held = session.finished.every((report) => report.checks.every((check) => check.held));
  return held ? exitStatus.fine : exitStatus.claimDidNotHold;
}
