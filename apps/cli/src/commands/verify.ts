import type { Paper } from "@gradus/papers";
import { exitStatus } from "../errors.ts";
import { exportOptions, exportWords, prepareExports, readExports, writeExports } from "../exports.ts";
import type { Host } from "../host.ts";
import type { OptionSpecifications, ParsedOptions } from "../options.ts";
import { address, resolvePaper, type Target } from "../resolve.ts";
import { json } from "../results.ts";
import { measuredClaims } from "../runs/measurements.ts";
import { type RecordedFailure, recordedPaper, verdictsOf } from "../runs/record.ts";
import { readSession } from "../session.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/run.ts";
import { formatDuration, plural } from "../terminal/text.ts";
import { keepRecord, makeRecord } from "./keep.ts";
import { assertSamePlan, newSession, readWish, runningOptions, threadWords } from "./plan.ts";
import { describeError, sit } from "./sitting.ts";

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
  const wish = readWish("verify", options);
  const asJson = options.flags.has("json");
  const session =
    wish.resume === undefined
      ? newSession(
          wish,
          options.positionals.length === 0
            ? []
            : choose(host.papers, options.positionals).map((paper) => paper.slug),
        )
      : await readSession(wish.resume, "verify");
  const papers = choose(host.papers, session.plan.names);
  const targets = targetsOf(papers);
  if (wish.resume !== undefined) {
    const named =
      options.positionals.length === 0 ? undefined : targetsOf(choose(host.papers, options.positionals));
    assertSamePlan(wish, session.plan, { named, planned: targets });
  }

  const exports = readExports(options);
  await prepareExports(exports);
  const failures: RecordedFailure[] = [];
  const end = await sit(host, {
    session,
    targets,
    threads: wish.threads,
    resumed: wish.resume !== undefined,
    checkpointFile: wish.resume,
    resumeWords: [
      "verify",
      ...session.plan.names,
      ...exportWords(exports),
      ...(asJson ? ["--json"] : []),
      ...threadWords(wish),
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
    threads: wish.threads,
    papers: papers.map((paper) => recordedPaper(paper)),
    failures,
  });
  const written = await writeExports(record, exports);
  const kept = await keepRecord(host, record);
  await end.removeCheckpoint();
  const verdicts = verdictsOf(record);
  if (asJson) host.out.write(json(measuredClaims(record)));
  else writeLines(host.out, verdictLines(record, host.out.columns, host.out.palette));
  writeLines(asJson ? host.err : host.out, ["", ...written, ...kept]);
  const all = verdicts.flatMap((paper) => paper.verdicts);
  if (all.some(({ verdict }) => verdict === "did not hold")) return exitStatus.claimDidNotHold;
  return failures.length > 0 ? exitStatus.failure : exitStatus.fine;
}
