// Official measurements other than those that come with the site.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A measurement of one experiment, as far as tests change it: what each seed found. */
export interface ShippedMeasurement {
  readonly experiment: string;
  readonly seeds: readonly { readonly findings: unknown }[];
}

/** The figures that come with the site, as far as tests look at them. */
export type ShippedFigures = Readonly<Record<string, { readonly startedAt: string }>>;

const shipped = (path: string) =>
  JSON.parse(readFileSync(new URL(`../measurements/${path}.json`, import.meta.url), "utf8"));

export function shippedFigures(paper: string): ShippedFigures {
  return shipped(`figures/${paper}`);
}

/** A folder for `GRADUS_MEASUREMENTS` with a paper's shipped measurements, changed; `remove` takes it away. */
export function measurementsOf(
  paper: string,
  change: (measurements: readonly ShippedMeasurement[]) => readonly ShippedMeasurement[],
): { readonly environment: Readonly<Record<string, string>>; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "gradus-measurements-"));
  const { measurements, ...file } = shipped(paper);
  writeFileSync(
    join(folder, "measured.json"),
    JSON.stringify({ ...file, measurements: change(measurements) }),
  );
  return {
    environment: { GRADUS_MEASUREMENTS: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Findings in which every `key`, however deep, has another value. */
function withEvery(findings: unknown, key: string, value: unknown): unknown {
  if (Array.isArray(findings)) return findings.map((one) => withEvery(one, key, value));
  if (typeof findings !== "object" || findings === null) return findings;
  return Object.fromEntries(
    Object.entries(findings).map(([name, own]) => [name, name === key ? value : withEvery(own, key, value)]),
  );
}

/** The measurements of a paper one of whose experiments found, at every seed, something else. */
function otherFindings(
  paper: string,
  experiment: string,
  key: string,
  value: unknown,
): ReturnType<typeof measurementsOf> {
  return measurementsOf(paper, (measurements) =>
    measurements.map((one) =>
      one.experiment !== experiment
        ? one
        : {
            ...one,
            seeds: one.seeds.map((seed) => ({ ...seed, findings: withEvery(seed.findings, key, value) })),
          },
    ),
  );
}

/** Claim C2 of normalized-logistic-gd fails: larger steps did not raise the loss. */
export const withoutHigherLosses = () =>
  otherFindings("normalized-logistic-gd", "step-size-sweep", "ratio", 0.5);

/** Claim C4 of normalized-logistic-gd fails in one of its experiments: every method needed as many iterations as samples. */
export const withFactorN = () =>
  otherFindings("normalized-logistic-gd", "factor-n", "iterations", [10, 30, 100, 300, 1000, 3000, 10_000]);
