import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { attempt, throwFailure } from "../results/attempt.ts";
import { type ExportTargets, exportArguments, prepareExports, writeExports } from "../results/exports.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { measurementsText } from "../runs/measurements.ts";
import { verdictsOf } from "../runs/record.ts";
import { makeRecord, saveRun } from "../runs/save.ts";
import { type ClaimsOptions, measureClaims, openClaims } from "../session/measure-claims.ts";
import { threadArguments } from "../session/requested-plan.ts";
import { writeLines } from "../terminal/output.ts";
import { verdictLines } from "../terminal/record.ts";

export interface VerifyOptions extends ClaimsOptions, ExportTargets {
  readonly json?: boolean;
  readonly threads?: number;
}

/** `gradus verify`: measures the claims of papers and experiments, of all papers when none is named. Returns the exit status. */
export async function verify(
  given: Host,
  names: readonly string[],
  { profile, seeds, html, svg, json: asJson = false, threads, resume }: VerifyOptions,
): Promise<number> {
  const host = outputsBeside(given, { "--html": html }, asJson);
  const claims = await openClaims(host, names, { profile, seeds, resume });
  const { session, papers } = claims;
  const exports = { html, svg };
  await prepareExports(exports);
  const end = await measureClaims(host, claims, {
    threads,
    resume,
    resumeArguments: [
      "verify",
      ...session.plan.names,
      ...exportArguments(exports),
      ...(asJson ? ["--json"] : []),
      ...threadArguments(threads),
    ],
    // With the table the reasons come at its end.
    explains: asJson,
  });
  if (!end.ended) return end.status;

  const { failures } = end;
  const record = await makeRecord({ session, threads, papers, failures });
  const exported = await attempt(() => writeExports(record, exports));
  const written = exported.lines;
  const { saved, lines } = await saveRun(host, record, { checkpoint: end.checkpoint });
  const verdicts = verdictsOf(record);
  if (asJson) host.out.write(measurementsText(record));
  else writeLines(host.out, verdictLines(record, host.out.columns, host.out.palette));
  const notes = saved ? [...written, ...lines] : written;
  if (notes.length > 0) writeLines(asJson ? host.err : host.out, ["", ...notes]);
  if (!saved) writeLines(host.err, ["", ...lines]);
  throwFailure([exported]);
  if (verdicts.flatMap((paper) => paper.verdicts).some(({ verdict }) => verdict === "did not hold"))
    return exitStatus.claimDidNotHold;
  return failures.length > 0 || !saved ? exitStatus.failure : exitStatus.success;
}
