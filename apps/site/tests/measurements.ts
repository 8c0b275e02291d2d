// Official measurements other than those that come with the site.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A run of one experiment, as far as tests change it. */
export interface MeasuredRun {
  readonly experiment: string;
  readonly startedAt: string;
  readonly checks: readonly { readonly condition: object }[];
}

export interface MeasuredClaim {
  readonly claim: string;
  readonly runs: readonly MeasuredRun[];
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
  change: (claims: readonly MeasuredClaim[]) => readonly MeasuredClaim[],
): { readonly environment: Readonly<Record<string, string>>; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "gradus-measurements-"));
  writeFileSync(join(folder, "measured.json"), JSON.stringify(change(shipped(paper))));
  return {
    environment: { GRADUS_MEASUREMENTS: folder },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A condition that nothing meets. */
const IMPOSSIBLE = { atMost: -1e300 };

/** The measurements of a paper one of whose claims cannot hold. */
export function impossibleClaim(paper: string, claim: string): ReturnType<typeof measurementsOf> {
  const fail = (run: MeasuredRun) => ({
    ...run,
    checks: run.checks.map((check) => ({ ...check, condition: IMPOSSIBLE })),
  });
  return measurementsOf(paper, (claims) =>
    claims.map((one) => (one.claim === claim ? { ...one, runs: one.runs.map(fail) } : one)),
  );
}
