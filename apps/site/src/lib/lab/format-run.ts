import { type Check, formatFigure, type Profile } from "@gradus/papers";
import type { StoredRun } from "./store/run.ts";

/** Milliseconds as words: `12 s`, `3.4 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const [value, unit] = seconds < 90 ? [seconds, "s"] : [seconds / 60, "min"];
  return `${formatFigure(Number(value.toPrecision(2)))} ${unit}`;
}

/** Checks as words: `4 of 4 checks held`, `no checks`. */
export function checkCounts(checks: readonly Check[]): string {
  if (checks.length === 0) return "no checks";
  const held = checks.filter((check) => check.held).length;
  return `${held} of ${checks.length} ${checks.length === 1 ? "check" : "checks"} held`;
}

/** An instant in the reader's own zone, for pages that only the browser draws. */
export function formatLocalInstant(instant: string): string {
  return new Date(instant).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });
}

/** A profile and a seed: `quick, seed 3`, or `quick` where nothing is random. */
export function profileAndSeed(profile: Profile, seed: number | string, seedless: boolean): string {
  return seedless ? profile : `${profile}, seed ${seed}`;
}

/** How a run was made: `quick, seed 1`, `quick, seed 3, parameters changed`, `quick` where nothing is random. */
export function runSettings(
  { profile, seed, modified }: Pick<StoredRun, "profile" | "seed" | "modified">,
  seedless: boolean,
): string {
  return `${profileAndSeed(profile, seed, seedless)}${modified ? ", parameters changed" : ""}`;
}
