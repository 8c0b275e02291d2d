import type { Profile } from "@gradus/papers";
import { UsageError } from "../errors.ts";
import { formatValue, parseAssignments, splitAssignment } from "../experiments/parameters.ts";
import type { Target } from "../experiments/select.ts";
import { cellName, cellsOf, type GridAxis, type SweepPlan } from "./plan.ts";

const MOST_RUNS = 100_000;

/** The texts of an axis: parted by semicolons where there is one, for values that hold commas themselves. */
function texts(values: string): string[] {
  return values.split(values.includes(";") ? ";" : ",").map((text) => text.trim());
}

function readAxis(word: string, parse: (assignment: string) => Record<string, unknown>): GridAxis {
  const [name, list] = splitAssignment(word, "--grid");
  const values = texts(list).map((text) => parse(`${name}=${text}`)[name]);
  const repeated = values.find((value, i) => values.map(formatValue).indexOf(formatValue(value)) !== i);
  if (repeated !== undefined)
    throw new UsageError(`--grid ${name} has the value ${formatValue(repeated)} twice`);
  return { name, values };
}

/**
 * Reads a sweep from the words of its options; every combination is checked against the experiment's parameters. Where
 * nothing is random, one seed is all there is.
 *
 * @param grid such as `steps=10,20`
 * @param set such as `drift=0.5`
 * @throws UsageError naming the parameter or option, what it got and what it wanted
 */
export async function readPlan(
  { paper, entry }: Target,
  {
    profile,
    grid,
    set,
    seeds,
  }: {
    readonly profile: Profile;
    readonly grid: readonly string[];
    readonly set: readonly string[];
    readonly seeds: number;
  },
  width: number,
): Promise<SweepPlan> {
  const experiment = await entry.load();
  const fixed = parseAssignments(experiment, profile, set, width);
  const axes = grid.map((word) =>
    readAxis(word, (assignment) => parseAssignments(experiment, profile, [...set, assignment], width)),
  );
  const names = axes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i || Object.hasOwn(fixed, name));
  if (twice !== undefined)
    throw new UsageError(`the parameter ${twice} is given twice; list all its values in one --grid`);
  const plan: SweepPlan = {
    paper: paper.slug,
    experiment: entry.id,
    profile,
    set: fixed,
    grid: axes,
    seeds: entry.seedless ? 1 : seeds,
  };
  const cells = cellsOf(plan);
  const runs = cells.length * plan.seeds;
  if (runs > MOST_RUNS) throw new UsageError(`a sweep must have at most ${MOST_RUNS} runs, got ${runs}`);
  // Bounds may tie parameters together: a value that is fine by itself may not be in a combination.
  for (const cell of cells) {
    const words = Object.entries({ ...fixed, ...cell }).map(
      ([name, value]) => `${name}=${formatValue(value)}`,
    );
    try {
      parseAssignments(experiment, profile, words, width);
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`with ${cellName(cell)}: ${error.message}`);
      throw error;
    }
  }
  return plan;
}
