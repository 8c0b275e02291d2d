import type { Experiment, Profile } from "./experiment.ts";
import { type Environment, judged, type RunReport } from "./run.ts";
import type { JudgedRun } from "./verdict.ts";

/** The findings of one seed of a measurement. */
export interface SeedFindings {
  readonly seed: number;
  /** Plain data, judged and presented when they are read. */
  readonly findings: unknown;
  /** ISO instant. */
  readonly startedAt: string;
  /** Milliseconds. */
  readonly elapsed: number;
}

/** An experiment measured over seeds: the findings are kept, not the judgments. */
export interface Measurement {
  readonly paper: string;
  readonly experiment: string;
  readonly profile: Profile;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The version of gradus that measured. */
  readonly version: string;
  readonly environment: Environment;
  readonly seeds: readonly SeedFindings[];
}

/** Groups reports into measurements: one per experiment, profile, parameters and environment. */
export function measurementsOf(reports: readonly RunReport[], version: string): Measurement[] {
  const same = ({ paper, experiment, profile, parameters, environment }: RunReport) =>
    JSON.stringify([paper, experiment, profile, parameters, environment]);
  return [...Map.groupBy(reports, same).values()].map((own) => {
    const { paper, experiment, profile, parameters, environment } = own[0];
    const seeds = own
      .map(({ seed, findings, startedAt, elapsed }) => ({ seed, findings, startedAt, elapsed }))
      .toSorted((a, b) => a.seed - b.seed);
    return { paper, experiment, profile, parameters, version, environment, seeds };
  });
}

/** A measurement's seeds, judged as the experiment judges now. */
export function judgedSeeds(
  experiment: Experiment,
  { paper, experiment: id, seeds }: Pick<Measurement, "paper" | "experiment" | "seeds">,
): JudgedRun[] {
  return seeds.map(({ seed, findings }) => {
    const { checks, undecided } = judged(experiment, findings);
    return { paper, experiment: id, seed, modified: false, checks, undecided };
  });
}
