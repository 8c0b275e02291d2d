import { createHash } from "node:crypto";
import type { Profile } from "@gradus/papers";
import { z } from "zod";
import { formatValue } from "../experiments/parameters.ts";

/** What a sweep sets out to run: every combination of the grid's values, each with every seed. */
export interface SweepPlan {
  readonly paper: string;
  readonly experiment: string;
  readonly profile: Profile;
  /** Parameters that are the same in every run. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Parameters that vary, each with its values. */
  readonly grid: readonly GridAxis[];
  /** Each combination is run with the seeds 1 to this. */
  readonly seeds: number;
}

/** A parameter that varies over a sweep. */
export interface GridAxis {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** The varying parameters' values in one combination. */
export type Cell = Readonly<Record<string, unknown>>;

export const planSchema: z.ZodType<SweepPlan> = z.object({
  paper: z.string(),
  experiment: z.string(),
  profile: z.enum(["quick", "full"]),
  set: z.record(z.string(), z.unknown()),
  grid: z.array(z.object({ name: z.string(), values: z.array(z.unknown()) })),
  seeds: z.int(),
});

/** Every combination of the grid's values; the last parameter varies fastest. Without a grid, one empty combination. */
export function cellsOf({ grid }: Pick<SweepPlan, "grid">): Cell[] {
  return grid.reduce<Cell[]>(
    (cells, { name, values }) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

/** A combination in words, such as `steps=20, drift=0.5`. */
export function cellName(cell: Cell): string {
  return Object.entries(cell)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(", ");
}

/** A run in words, such as `steps=20, drift=0.5, seed 3`. */
export function runName(cell: Cell, seed: number): string {
  return [cellName(cell), `seed ${seed}`].filter(Boolean).join(", ");
}

/** What is swept, such as `anyloss/mechanism`. */
export function subject({ paper, experiment }: Pick<SweepPlan, "paper" | "experiment">): string {
  return `${paper}/${experiment}`;
}

const ID_LENGTH = 10;

/** The sweep's id: the same plan has the same one, so that the same command goes on where it stopped. */
export function sweepId({ paper, experiment, profile, set, grid, seeds }: SweepPlan): string {
  const sorted = Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([paper, experiment, profile, sorted, grid, seeds]);
  return createHash("sha256").update(text).digest("hex").slice(0, ID_LENGTH);
}

/** An axis as `--grid` takes it; values that are lists are parted by semicolons. */
export function gridArgument({ name, values }: GridAxis): string {
  return `${name}=${values.map(formatValue).join(values.some(Array.isArray) ? ";" : ",")}`;
}

/** The words of the command line that makes the same sweep, after the program's name. */
export function sweepArguments({ set, grid, seeds, profile, ...target }: SweepPlan): string[] {
  return [
    "sweep",
    subject(target),
    ...grid.flatMap((axis) => ["--grid", gridArgument(axis)]),
    "--seeds",
    String(seeds),
    "--profile",
    profile,
    ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${formatValue(value)}`]),
  ];
}
