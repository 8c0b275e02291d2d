import {
  type OptionSpecifications,
  type ParsedOptions,
  parseProfile,
  parseSeed,
  parseThreads,
} from "../command-line/values.ts";
import { UsageError } from "../errors.ts";
import { address, type Target } from "../experiments/select.ts";
import type { Plan, Session } from "./session.ts";

/** Options of every command that runs experiments. */
export const runningOptions = {
  threads: {
    value: "N",
    help: "threads of each operation in the engine, ONNX Runtime (default: as many as pay for it)",
  },
  resume: { value: "FILE", help: "go on from the checkpoint that an interrupted run left" },
} as const satisfies OptionSpecifications;

/** What the command line says of a plan, and the checkpoint it goes on from. */
export interface RequestedPlan extends Partial<Pick<Plan, "profile" | "seed" | "set">> {
  readonly command: Plan["command"];
  readonly resume?: string;
  readonly threads?: number;
}

/** Reads the options that `run` and `verify` share. @throws UsageError */
export function readRequestedPlan(command: Plan["command"], { values }: ParsedOptions): RequestedPlan {
  const profile = values.get("profile")?.[0];
  const seed = values.get("seed")?.[0];
  const threads = values.get("threads")?.[0];
  return {
    command,
    profile: profile === undefined ? undefined : parseProfile(profile),
    seed: seed === undefined ? undefined : parseSeed(seed),
    threads: threads === undefined ? undefined : parseThreads(threads),
    resume: values.get("resume")?.[0],
  };
}

/** A session at its beginning. */
export function newSession(
  { command, profile = "quick", seed = 1, set = {} }: RequestedPlan,
  names: Plan["names"],
): Session {
  return { plan: { command, names, profile, seed, set }, finished: [], current: null };
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
  for (const key of ["profile", "seed", "set"] as const) {
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

/** The words of the command line that set the same threads. */
export function threadArguments({ threads }: RequestedPlan): string[] {
  return threads === undefined ? [] : ["--threads", String(threads)];
}
