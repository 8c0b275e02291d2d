import type { Paper } from "@gradus/papers";
import type { OptionSpecifications, ParsedOptions } from "../command-line/values.ts";
import { exitStatus } from "../errors.ts";
import { address, resolvePaper, type Target } from "../experiments/select.ts";
import type { Host } from "../host.ts";
import {
  exportArguments,
  exportOptions,
  prepareExports,
  readExports,
  writeExports,
} from "../results/exports.ts";
import { json } from "../results/report-files.ts";
import { measuredClaims } from "../runs/measurements.ts";
import { type RecordedFailure, recordedPaper, verdictsOf } from "../runs/record.ts";
import { makeRecord, saveRun } from "../runs/save.ts";
import {
  assertSamePlan,
  newSession,
  readRequestedPlan,
  runningOptions,
  threadArguments,
} from "../session/requested-plan.ts";
import { describeError, runSession } from "../session/run-session.ts";
import { readSession } from "../session/session.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/record.ts";
import { formatDuration, plural } from "../terminal/text.ts";

export const verifyOptions: OptionSpecifications = {
  profile: { value: "quick|full", help: "quick ends in seconds (default); full is the paper's size" },
  ...exportOptions,
  json: { help: "print the verdicts with their runs as JSON, and nothing else, on standard output" },
  ...runningOptions,
  help: { short: "h", help: "show this help" },
};

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
export async function verify(host: Host, options: ParsedOptions): Promise<number> {
  const requested = readRequestedPlan("verify", options);
  const asJson = options.flags.has("json");
  const session =
    requested.resume === undefined
      ? newSession(
          requested,
          options.positionals.length === 0
            ? []
            : choose(host.papers, options.positionals).map((paper) => paper.slug),
        )
      : await readSession(requested.resume, "verify");
  const papers = choose(host.papers, session.plan.names);
  const targets = targetsOf(papers);
  if (requested.resume !== undefined) {
    const named =
      options.positionals.length === 0 ? undefined : targetsOf(choose(host.papers, options.positionals));
    assertSamePlan(requested, session.plan, { named, planned: targets });
  }

  const exports = readExports(options);
  await prepareExports(exports);
  const failures: RecordedFailure[] = [];
  const end = await runSession(host, {
    session,
    targets,
    threads: requested.threads,
    resumed: requested.resume !== undefined,
    checkpointFile: requested.resume,
    resumeArguments: [
      "verify",
      ...session.plan.names,
      ...exportArguments(exports),
      ...(asJson ? ["--json"] : []),
      ...threadArguments(requested),
    ],
    onFinish: (target, report) => {
      const missed = report.checks.filter((check) => !check.held).length;
      const outcome = missed === 0 ? "" : `, ${missed} did not hold`;
      const time = formatDuration(report.elapsed / 1000);
      writeLines(host.err, [
        `${address(target)}: ${plural(report.checks.length, "check")}${outcome}, ${time}`,
      ]);
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
    threads: requested.threads,
    papers: papers.map((paper) => recordedPaper(paper)),
    failures,
  });
  const written = await writeExports(record, exports);
  const kept = await saveRun(host, record);
  await end.removeCheckpoint();
  const verdicts = verdictsOf(record);
  if (asJson) host.out.write(json(measuredClaims(record)));
  else writeLines(host.out, verdictLines(record, host.out.columns, host.out.palette));
  writeLines(asJson ? host.err : host.out, ["", ...written, ...kept]);
  const all = verdicts.flatMap((paper) => paper.verdicts);
  if (all.some(({ verdict }) => verdict === "did not hold")) return exitStatus.claimDidNotHold;
  return failures.length > 0 ? exitStatus.failure : exitStatus.fine;
}
