import type { DateView, OfficialMeasurement } from "#lib/views.ts";

/** When, where and with what official measurements were made. */
export interface Provenance {
  readonly on: DateView;
  /** `20 seeds`, or `5 to 20 seeds` where experiments differ. */
  readonly seeds: string;
  /** `Node 24.21.0 on linux`. */
  readonly environment: string;
  /** `gradus 0.1.0`. */
  readonly version: string;
}

/** Where the measurements of a profile come from, with the latest day. Undefined where there are none. */
export function provenance(measurements: readonly OfficialMeasurement[]): Provenance | undefined {
  const [latest] = measurements.toSorted((a, b) => b.on.instant.localeCompare(a.on.instant));
  if (!latest) return undefined;
  // Those in which nothing is random have one, which says nothing beside others.
  const several = measurements.filter(({ seeds }) => seeds > 1);
  const counts = (several.length > 0 ? several : measurements).map(({ seeds }) => seeds);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const range = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return {
    on: latest.on,
    seeds: `${range} ${most === 1 ? "seed" : "seeds"}`,
    environment: `${latest.environment.runtime} on ${latest.environment.platform}`,
    version: `gradus ${latest.version}`,
  };
}
