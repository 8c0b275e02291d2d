import { type ClaimVerdict, type Measurement, measurementsOf } from "@gradus/papers";
import { serializeCheckpoint } from "gradus/iterate";
import { type RunRecord, verdictsOf } from "./record.ts";

/** A claim as `gradus verify --json` prints it: what it says, the verdict, and the checks over the seeds. */
export interface MeasuredClaim extends ClaimVerdict {
  readonly paper: string;
  readonly statement?: string;
  readonly source?: string;
  readonly reported?: string;
}

/** What `gradus verify --json` prints: the findings of every seed, and what they are judged to say. */
export interface MeasurementsFile {
  readonly gradus: "measurements";
  readonly format: 1;
  readonly claims: readonly MeasuredClaim[];
  readonly measurements: readonly Measurement[];
}

/** A record as a measurements file: JSON in which numbers that are not finite are `{"$gradus":"number",...}`. */
export function measurementsText(record: RunRecord): string {
  const claims = verdictsOf(record).flatMap(({ paper, verdicts }) =>
    verdicts.map((verdict) => {
      const { statement, source, reported } = paper.claims.find(({ id }) => id === verdict.claim) ?? {};
      return { paper: paper.slug, statement, source, reported, ...verdict };
    }),
  );
  const { gradus: version = "" } = record.versions;
  const file: MeasurementsFile = {
    gradus: "measurements",
    format: 1,
    claims,
    measurements: measurementsOf(
      record.reports.filter(({ modified }) => !modified),
      version,
    ),
  };
  return `${serializeCheckpoint(file)}\n`;
}
