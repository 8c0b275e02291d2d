import type { Operand } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { minus, switched } from "./arithmetic.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";

function requireBoundaries(boundaries: readonly number[], parts: number): void {
  if (boundaries.length !== parts - 1)
    throw new ArgumentError(
      `boundaries must have ${parts - 1} numbers, one fewer than the schedules, got ${boundaries.length}`,
    );
  boundaries.forEach((boundary, i) => {
    const before = boundaries[i - 1] ?? 0;
    if (!(Number.isFinite(boundary) && boundary > before))
      throw new ArgumentError(`boundaries must be positive and increasing, got ${boundary} after ${before}`);
  });
}

const at = (schedule: Schedule, count: Operand): Operand =>
  typeof count === "number" ? schedule(count) : schedule(count);

/**
 * Schedules one after another: from boundaries[i - 1] on, schedule i, whose own count starts there at 0.
 *
 * @throws ArgumentError unless there is one boundary fewer than schedules, and they increase from above 0
 */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  if (schedules.length === 0) throw new ArgumentError("schedules must have at least one schedule, got none");
  requireBoundaries(boundaries, schedules.length);
  return scheduleOf((count) =>
    boundaries.reduce(
      (before, boundary, i) =>
        switched(count, boundary, before, at(schedules[i + 1], minus(count, boundary))),
      at(schedules[0], count),
    ),
  );
}
