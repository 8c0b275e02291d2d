import type { JobDatabase } from "@gradus/database";
import { cellsOf, sweepArguments } from "./plan.ts";
import { runsOf, type Sweep, type SweepRun } from "./store.ts";
import { type Measure, summarize } from "./summarize.ts";

/** A sweep with what its runs have measured so far. */
export interface SweepResult extends Sweep {
  readonly runs: readonly SweepRun[];
  readonly measures: readonly Measure[];
}

/** Reads what the runs of a sweep have measured so far. */
export async function readResult(database: Pick<JobDatabase, "execute">, sweep: Sweep): Promise<SweepResult> {
  const runs = await runsOf(database, sweep.id);
  return { ...sweep, runs, measures: summarize(sweep.plan, runs) };
}

/** The runs in a state. */
export function inState({ runs }: Pick<SweepResult, "runs">, state: SweepRun["state"]): SweepRun[] {
  return runs.filter((run) => run.state === state);
}

/** Milliseconds of compute time. */
export function computing({ runs }: Pick<SweepResult, "runs">): number {
  return runs.reduce((sum, { outcome }) => sum + (outcome?.elapsed ?? 0), 0);
}

/** The result as data: the plan, the summary, and every run. */
export function resultData(result: SweepResult): object {
  const { id, plan, createdAt, measures, runs } = result;
  const cells = cellsOf(plan);
  return {
    gradus: "sweep",
    format: 1,
    id,
    createdAt,
    command: ["gradus", ...sweepArguments(plan)],
    plan,
    measures: measures.map(({ cells: figures, ...measure }) => ({
      ...measure,
      cells: figures.map(({ cell, condition, mean, halfWidth, held, values }) => {
        const interval = halfWidth === undefined ? null : [mean - halfWidth, mean + halfWidth];
        return { parameters: cell, condition, mean, interval, held, runs: values.length };
      }),
    })),
    runs: runs.map(({ cell, seed, state, outcome, failure }) => ({
      parameters: cells[cell],
      seed,
      state,
      failure,
      milliseconds: outcome?.elapsed ?? null,
      checks: outcome?.checks ?? [],
    })),
  };
}
