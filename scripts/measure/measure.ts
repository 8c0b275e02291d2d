import { parseArgs } from "node:util";
import type { Profile } from "@gradus/papers";
import { exitStatus, UsageError } from "../../apps/cli/src/errors.ts";
import { address, type Target } from "../../apps/cli/src/experiments/select.ts";
import type { Host } from "../../apps/cli/src/host.ts";
import { reportErrors } from "../../apps/cli/src/main.ts";
import { versions } from "../../apps/cli/src/runs/versions.ts";
import { measureClaims, openClaims } from "../../apps/cli/src/session/measure-claims.ts";
import { writeLines } from "../../apps/cli/src/terminal/output.ts";
import { keepMeasurements } from "./keep.ts";

const HELP = `npm run measure -- [names...] [options]

Measures the claims of papers and experiments (anyloss, anyloss/mechanism), of all papers by default, over 20 seeds, and
keeps the findings and figures in apps/site/measurements. What is not measured stays as it is: of a paper the experiments
without claims, which are measured where they are named.

Ctrl-C saves a checkpoint and prints the command that goes on with the missing seeds.

  --profile full   measure the full size, over 5 seeds; figures stay those of the quick one
  --resume <file>  continue from a checkpoint
  --help           show this`;

interface Request {
  readonly names: readonly string[];
  readonly profile?: Profile;
  readonly resume?: string;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Request {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { profile: { type: "string" }, resume: { type: "string" }, help: { type: "boolean" } },
    });
    const { profile, ...others } = values;
    if (profile !== undefined && profile !== "quick" && profile !== "full")
      throw new UsageError(`--profile must be quick or full, got "${profile}"`);
    return { names: positionals, profile, ...others };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** The experiments without claims that papers named as a whole have, and are not named themselves. */
function claimless(targets: readonly Target[], names: readonly string[]): readonly string[] {
  const chosen = new Set(targets.map(({ entry }) => entry));
  const papers = [...new Set(targets.map(({ paper }) => paper))];
  return papers
    .filter(({ slug }) => names.length === 0 || names.includes(slug))
    .flatMap((paper) => paper.experiments.map((entry) => ({ paper, entry })))
    .filter(({ entry }) => entry.claims.length === 0 && !chosen.has(entry))
    .map(address);
}

/**
 * Measures claims officially and keeps the findings and figures in a folder. An experiment that could not be run with every
 * seed keeps what it had. Returns the exit status.
 */
export function measure(host: Host, args: readonly string[], folder: string): Promise<number> {
  return reportErrors(host, async () => {
    const { names, profile, resume, help } = parse(args);
    if (help) {
      writeLines(host.out, [HELP]);
      return exitStatus.success;
    }
    const claims = await openClaims(host, names, { profile, seeds: "official", resume });
    const { session, targets } = claims;
    const unmeasured = claimless(targets, session.plan.names);
    if (unmeasured.length > 0)
      writeLines(host.err, [
        `Not measured, without claims: ${unmeasured.join(", ")}; name one to measure it`,
      ]);
    const end = await measureClaims(host, claims, {
      resume,
      resumeArguments: session.plan.names,
      explains: true,
    });
    if (!end.ended) return end.status;
    const failed = new Set(end.failures.map(({ experiment }) => experiment));
    const complete = session.finished.filter(
      ({ paper, experiment }) => !failed.has(`${paper}/${experiment}`),
    );
    const { gradus: version = "" } = await versions();
    for (const [paper, own] of Map.groupBy(targets, (target) => target.paper)) {
      const reports = complete.filter((report) => report.paper === paper.slug);
      if (reports.length === 0) continue;
      const kept = keepMeasurements(folder, paper, reports, version);
      const which = own.map(({ entry }) => entry.id).filter((id) => !failed.has(`${paper.slug}/${id}`));
      writeLines(host.out, [`${kept}: ${which.join(", ")}`]);
    }
    await end.checkpoint.remove();
    return failed.size > 0 ? exitStatus.failure : exitStatus.success;
  });
}
