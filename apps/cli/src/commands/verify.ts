import type { Paper, Profile } from "@gradus/papers";
import { exitStatus } from "../errors.ts";
import { address, resolvePaper, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import { type ExportTargets, exportArguments, prepareExports, writeExports } from "../results/exports.ts";
import { measurementsText } from "../runs/measurements.ts";
import { type RecordedFailure, recordedPaper, verdictsOf } from "../runs/record.ts";
import { makeRecord, saveRun } from "../runs/save.ts";
import { assertSamePlan, newSession, threadArguments } from "../session/requested-plan.ts";
import { describeError, runSession } from "../session/run-session.ts";
import { readSession, type Seeds } from "../session/session.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/record.ts";
import { formatDuration, plural, wrap } from "../terminal/text.ts";

export interface VerifyOptions extends ExportTargets {
  readonly profile?: Profile;
  /** How many seeds, from 1 on. */
  readonly seeds?: Seeds;
  readonly json?: boolean;
  readonly threads?: number;
  readonly resume?: string;
}

function choose(papers: readonly Paper[], names: readonly string[]): readonly Paper[] {
  if (names.length === 0) return papers;
  const chosen = new Set(names.map((name) => resolvePaper(papers, name)));
  return papers.filter((paper) => chosen.has(paper));
}

/** The experiments that measure a claim. */
function targetsOf(papers: readonly Paper[]): Target[] {
  return papers.flatMap((paper) =>
    paper.experiments.filter((entry) => entry.claims.length > 0).map((entry) => ({ paper, entry })),
  );
}

/** `gradus verify`: measures the claims of papers, all of them when none is named. Returns the exit status. */
export async function verify(
  host: Host,
  names: readonly string[],
  { profile, seeds, html, svg, json: asJson = false, threads, resume }: VerifyOptions,
): Promise<number> {
  const all = await host.loadPapers();
  const chosen = names.length === 0 ? undefined : choose(all, names);
  const session =
    resume === undefined
      ? newSession({ command: "verify", profile, seeds }, chosen?.map(({ slug }) => slug) ?? [])
      : await readSession(resume, "verify");
  const papers = choose(all, session.plan.names);
  const targets = targetsOf(papers);
  if (resume !== undefined)
    assertSamePlan({ command: "verify", profile, seeds, resume }, session.plan, {
      named: chosen && targetsOf(chosen),
      planned: targets,
    });
  const exports = { html, svg };
  await prepareExports(exports);
  const failures: RecordedFailure[] = [];
  const end = await runSession(host, {
    session,
    targets,
    threads,
    resume,
    resumeArguments: [
      "verify",
      ...session.plan.names,
      ...exportArguments(exports),
      ...(asJson ? ["--json"] : []),
      ...threadArguments(threads),
    ],
    onFinish: (target, report) => {
      const missed = report.checks.filter((check) => !check.held).length;
      const which = session.plan.seeds !== 1 && !target.entry.seedless ? `, seed ${report.seed}` : "";
      const outcome = missed === 0 ? "" : `, ${missed} did not hold`;
      const time = formatDuration(report.elapsed / 1000);
      const line = `${address(target)}${which}: ${plural(report.checks.length, "check")}${outcome}, ${time}`;
      writeLines(host.err, host.err.bounded ? wrap(line, host.err.columns) : [line]);
    },
    onFail: (target, error) => {
      const reason = describeError(error);
      failures.push({ experiment: address(target), reason });
      // With the table the reasons come at its end.
      writeLines(host.err, [`${address(target)} could not be run${asJson ? `: ${reason}` : ""}`]);
      return true;
    },
  });
  if (!end.ended) return end.status;

  const record = await makeRecord({
    session,
    threads,
    papers: papers.map((paper) => recordedPaper(paper)),
    failures,
  });
  const written = await writeExports(record, exports);
  const kept = await saveRun(host, record);
  await end.removeCheckpoint();
  const verdicts = verdictsOf(record);
  if (asJson) host.out.write(measurementsText(record));
  else writeLines(host.out, verdictLines(record, host.out.columns, host.out.palette));
  writeLines(asJson ? host.err : host.out, ["", ...written, ...kept]);
  if (verdicts.flatMap((paper) => paper.verdicts).some(({ verdict }) => verdict === "did not hold"))
    return exitStatus.claimDidNotHold;
  return failures.length > 0 ? exitStatus.failure : exitStatus.success;
}
