import type { Verdict } from "@gradus/papers";
import { exitStatus, UsageError } from "../errors.ts";
import { homeFolder } from "../files/home-folder.ts";
import type { Host } from "../host.ts";
import { type ExportTargets, prepareExports, writeExports } from "../results/exports.ts";
import { json } from "../results/json.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { findRun } from "../runs/find.ts";
import { elapsedOf, isModified, type RunRecord, subjectOf, verdictsOf } from "../runs/record.ts";
import { readRecord, storedRuns } from "../runs/store.ts";
import { describeProgress, interruptedSessions } from "../session/interrupted.ts";
import { resumeLines } from "../session/run-session.ts";
import { countVerdicts } from "../terminal/claims.ts";
import { writeLines } from "../terminal/output.ts";
import { formatInstant, recordLines } from "../terminal/record.ts";
import { layoutTable } from "../terminal/table.ts";
import { formatDuration, plural, stack, wrap } from "../terminal/text.ts";

export interface ShowOptions extends ExportTargets {
  readonly json?: boolean;
  /** Lists all runs, not only the latest. */
  readonly all?: boolean;
}

const SHOWN = 20;

interface Row {
  readonly id: string;
  readonly finishedAt: string;
  readonly command: string;
  readonly names: readonly string[];
  readonly profile: string;
  readonly seed: number;
  readonly modified: boolean;
  readonly claims: Readonly<Record<Verdict, number>>;
  readonly milliseconds: number;
}

function rowOf(record: RunRecord): Row {
  const { id, finishedAt, plan } = record;
  const all = verdictsOf(record).flatMap(({ verdicts }) => verdicts);
  const count = (kind: Verdict) => all.filter(({ verdict }) => verdict === kind).length;
  return {
    id,
    finishedAt,
    command: plan.command,
    names: plan.names,
    profile: plan.profile,
    seed: plan.seed,
    modified: isModified(record),
    claims: {
      held: count("held"),
      mixed: count("mixed"),
      "did not hold": count("did not hold"),
      inconclusive: count("inconclusive"),
      "not run": count("not run"),
    },
    milliseconds: elapsedOf(record),
  };
}

function runTable({ out }: Host, records: readonly RunRecord[]): string[] {
  const { columns: width, palette } = out;
  const rows = records.map((record) => {
    const verdicts = verdictsOf(record).flatMap((paper) => paper.verdicts);
    const failed = verdicts.some(({ verdict }) => verdict === "did not hold");
    const changed = isModified(record) ? ", parameters changed" : "";
    return [
      { text: record.id, style: palette.strong },
      { text: formatInstant(record.finishedAt) },
      { text: `${record.plan.command} ${subjectOf(record)}` },
      { text: record.plan.profile },
      {
        text: (countVerdicts(verdicts) || "no claim") + changed,
        style: (text: string) => (failed ? palette.verdict("did not hold", text) : text),
      },
      { text: formatDuration(elapsedOf(record) / 1000) },
    ];
  });
  const columns = [
    { header: "run", wraps: false },
    { header: "finished", wraps: false },
    { header: "what" },
    { header: "profile", wraps: false },
    { header: "claims" },
    { header: "took", align: "right" as const, wraps: false },
  ];
  return layoutTable(columns, rows, { width, header: palette.muted });
}

async function listRuns(host: Host, all: boolean, asJson: boolean): Promise<void> {
  const { out, invocation, home } = host;
  const runs = await storedRuns(home);
  const shown = all || asJson ? runs : runs.slice(0, SHOWN);
  const records: RunRecord[] = [];
  const unread: string[] = [];
  for (const { file } of shown) {
    const record = await readRecord(file).catch(() => undefined);
    if (record) records.push(record);
    else unread.push(file);
  }
  if (asJson) {
    out.write(json(records.map(rowOf)));
    return;
  }
  const [first] = await host.loadPapers();
  const width = out.columns;
  const older = runs.length - shown.length;
  const cut = (await interruptedSessions(home)).filter(({ session }) => describeProgress(session) !== "");
  writeLines(
    out,
    stack([
      runs.length === 0
        ? wrap(
            `No runs in ${homeFolder(home, "runs")} yet. Start one: ${invocation} run ${first?.slug ?? "<paper>"}`,
            width,
          )
        : records.length === 0
          ? []
          : runTable(host, records),
      older > 0 ? wrap(`… ${plural(older, "older run")}: ${invocation} show --all`, width) : [],
      ...unread.map((file) => wrap(`${file} cannot be read`, width)),
      ...cut.map(({ file, session }) => [
        ...wrap(
          `Interrupted on ${formatInstant(session.savedAt)}: ${session.plan.command} ${subjectOf(session)}; kept ${describeProgress(session)}.`,
          width,
        ),
        ...resumeLines(host, session.args, file),
      ]),
      records.length === 0
        ? []
        : wrap(`"${invocation} show latest" shows the latest run.`, width).map(out.palette.muted),
    ]),
  );
}

/** `gradus show`: lists the runs that are kept here, or shows one again. Returns the exit status. */
export async function show(
  given: Host,
  name: string | undefined,
  { html, svg, json: asJson = false, all = false }: ShowOptions,
): Promise<number> {
  const host = outputsBeside(given, { "--html": html }, asJson);
  const exports = { html, svg };
  const wantsFiles = html !== undefined || svg !== undefined;
  if (name === undefined) {
    if (wantsFiles)
      throw new UsageError(
        `--html and --svg need a run, such as: ${host.invocation} show latest --html report.html`,
      );
    await listRuns(host, all, asJson);
    return exitStatus.success;
  }
  if (all) throw new UsageError("--all lists runs and cannot be combined with a run's name");
  const record = await findRun(host, await host.loadPapers(), name);
  await prepareExports(exports);
  const written = await writeExports(record, exports);
  if (asJson) host.out.write(json(record));
  else if (!wantsFiles) {
    const { columns: width, palette } = host.out;
    writeLines(host.out, recordLines(record, { invocation: host.invocation, width, palette }));
  }
  writeLines(asJson ? host.err : host.out, written);
  return exitStatus.success;
}
