import type { OfficialRun } from "#lib/views.ts";

/** When, where and with what a run was made, one fact a part. */
export interface Provenance {
  readonly date: OfficialRun["ranAt"];
  /** `Node 24.21.0 on linux`. */
  readonly environment: string;
  /** `gradus 0.1.0`. */
  readonly version: string;
  /** `quick` or `full size`. */
  readonly size: string;
}

/** Where a run comes from. */
export function provenance({ ranAt, environment, version, profile }: OfficialRun): Provenance {
  return {
    date: ranAt,
    environment: `${environment.runtime} on ${environment.platform}`,
    version: `gradus ${version}`,
    size: profile === "full" ? "full size" : "quick",
  };
}

const asText = ({ date, ...rest }: Provenance) => [date.label, rest.environment, rest.version, rest.size];

/** What most of the runs have in common, to be said once; of equally common ones the latest. */
export function sharedProvenance(runs: readonly OfficialRun[]): Provenance | undefined {
  const latestFirst = runs.toSorted((a, b) => b.ranAt.instant.localeCompare(a.ranAt.instant));
  const counts = new Map<string, { readonly of: Provenance; count: number }>();
  for (const run of latestFirst) {
    const of = provenance(run);
    const key = JSON.stringify(asText(of));
    const known = counts.get(key) ?? { of, count: 0 };
    known.count += 1;
    counts.set(key, known);
  }
  return [...counts.values()].reduce<{ of: Provenance; count: number } | undefined>(
    (most, one) => (most && most.count >= one.count ? most : one),
    undefined,
  )?.of;
}

/** What of a run's provenance differs from what was said for all, as words. */
export function ownProvenance(run: OfficialRun, said: Provenance | undefined): string[] {
  const shared = said ? asText(said) : [];
  return asText(provenance(run)).filter((part, i) => part !== shared[i]);
}
