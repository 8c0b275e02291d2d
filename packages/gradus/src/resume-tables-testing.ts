import { bilevelRuns, networkRuns, valueRuns } from "./resume-derivative-free-testing.ts";
import { linearRuns } from "./resume-linalg-testing.ts";
import { descentRuns } from "./resume-optimize-testing.ts";
import type { Runs } from "./resume-testing.ts";
import {
  collaborativeRuns,
  curvatureRuns,
  diffusionRuns,
  operatorRuns,
  surrogateRuns,
  trainingRuns,
} from "./resume-training-testing.ts";

/** The tables of runs, of every method of the library. */
export const tables: readonly Runs[] = [
  linearRuns,
  descentRuns,
  valueRuns,
  bilevelRuns,
  networkRuns,
  trainingRuns,
  diffusionRuns,
  operatorRuns,
  collaborativeRuns,
  surrogateRuns,
  curvatureRuns,
];

/**
 * One run of each method by its name, without variants, which have the same loop and options, and without early stopping,
 * which has those of what it stops.
 */
export const methodRuns: Runs = Object.fromEntries(
  tables
    .flatMap((runs) => Object.entries(runs))
    .filter(([name]) => !name.includes(":") && name !== "stopEarly"),
);
