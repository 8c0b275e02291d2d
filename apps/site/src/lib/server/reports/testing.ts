import { readFileSync } from "node:fs";
import { judged, papers, type ReproductionReport } from "@gradus/papers";
import { parseMeasurements } from "../papers/measurements/file.ts";

const folder = new URL("../../../../measurements/", import.meta.url);

/** A report as the run of a seed of an official quick measurement would have made it. */
export async function measuredReport(
  slug: string,
  experiment: string,
  { seed: wanted = 1, version }: { readonly seed?: number; readonly version: string },
): Promise<ReproductionReport> {
  const file = `${slug}.json`;
  const measurement = parseMeasurements(file, readFileSync(new URL(file, folder), "utf8")).find(
    (one) => one.experiment === experiment && one.profile === "quick",
  );
  const seed = measurement?.seeds.find((one) => one.seed === wanted);
  const entry = papers.find((one) => one.slug === slug)?.experiments.find(({ id }) => id === experiment);
  if (!measurement || !seed || !entry) throw new Error(`${slug}/${experiment} has no seed ${wanted}`);
  const { findings, checks, undecided } = judged(await entry.load(), seed.findings);
  return {
    format: 1,
    paper: slug,
    experiment,
    profile: "quick",
    seed: wanted,
    parameters: measurement.parameters,
    version,
    environment: { runtime: "Node 24.21.0", platform: "linux x64", cores: 2 },
    startedAt: seed.startedAt,
    elapsed: seed.elapsed,
    findings,
    checks: checks.map(({ claim, label, measured, held }) => ({ claim, label, measured, held })),
    undecided: undecided.map(({ claim }) => claim),
  };
}
