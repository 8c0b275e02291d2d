import { UsageError } from "../errors.ts";
import { address, type Target } from "../experiments/select.ts";
import type { Plan, Session } from "./session.ts";

/** What the command line says of a plan, and the checkpoint it goes on from. */
export interface RequestedPlan extends Partial<Pick<Plan, "profile" | "seed" | "seeds" | "set">> {
  readonly command: Plan["command"];
  readonly resume?: string;
}

/** A new session. */
export function newSession(
  { command, profile = "quick", seed = 1, seeds = 1, set = {} }: RequestedPlan,
  names: Plan["names"],
): Session {
  return { plan: { command, names, profile, seed, seeds, set }, finished: [], current: null };
}

/**
 * Checks that what is given beside `--resume` is what the checkpoint holds.
 *
 * @throws UsageError naming the first difference
 */
export function assertSamePlan(
  requested: RequestedPlan,
  plan: Plan,
  targets: { readonly named?: readonly Target[]; readonly planned: readonly Target[] },
): void {
  for (const key of ["profile", "seed", "seeds", "set"] as const) {
    const [given, stored] = [JSON.stringify(requested[key]), JSON.stringify(plan[key])];
    if (given !== undefined && given !== stored)
      throw new UsageError(`the checkpoint ${requested.resume} has ${key} ${stored}, not ${given}`);
  }
  const list = (some: readonly Target[]) => some.map(address).join(" ");
  if (targets.named && list(targets.named) !== list(targets.planned))
    throw new UsageError(
      `the checkpoint ${requested.resume} is of ${plan.names.join(", ") || "all papers"}, not of what is named here`,
    );
}

/** The arguments that set the same threads. */
export function threadArguments(threads: number | undefined): string[] {
  return threads === undefined ? [] : ["--threads", String(threads)];
}
