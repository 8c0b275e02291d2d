import { type CollaborativeMethod, collaborativeMethods } from "gradus/collaborative";
import { piecewiseConstant } from "gradus/train";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { attackNames, methodNames, transportNames } from "./choices.ts";

/** What all peers of a training agree on. */
export const planSchema = z.object({
  /** Number of the training, the same for no other. */
  run: z.int().min(0).max(0xffff_ffff),
  createdAt: z.string(),
  peers: z.int().min(2).max(200),
  byzantine: z.int().min(0),
  attack: z.enum(attackNames),
  method: z.enum(methodNames),
  transport: z.enum(transportNames),
  steps: z.int().min(1).max(100_000),
  batch: z.int().min(1).max(10_000),
  /** Of the Dirichlet distribution of classes over peers. */
  concentration: z.number().positive(),
  seed: z.int().min(0),
  /** Milliseconds that a round waits. */
  deadline: z.int().min(1).max(3_600_000),
});

export type CollaborativePlan = z.infer<typeof planSchema>;

/** Steps from one evaluation to the next, as in the paper. */
export const EVALUATE_EVERY = 5;

/** The training as its folder and its subject on a server are called. */
export function planId({ run }: Pick<CollaborativePlan, "run">): string {
  return run.toString(16).padStart(8, "0");
}

export function honestPeers({ peers, byzantine }: CollaborativePlan): number {
  return peers - byzantine;
}

export function methodOf({ method }: Pick<CollaborativePlan, "method">): CollaborativeMethod {
  return collaborativeMethods({ radius: 2 })[method === "mean" ? "plain mean" : method];
}

/** 0.75, and half of it from two thirds of the steps on. */
export function learningRateOf({ steps }: CollaborativePlan): (step: number) => number {
  const half = Math.ceil((2 * steps) / 3);
  return half < steps ? piecewiseConstant({ values: [0.75, 0.375], boundaries: [half] }) : () => 0.75;
}

/** @throws UsageError where this number of Byzantine peers cannot be tolerated */
export function assertTolerable(plan: CollaborativePlan): void {
  const { peers, byzantine, method } = plan;
  if (2 * byzantine >= peers)
    throw new UsageError(`--byzantine must be less than half of the ${peers} peers, got ${byzantine}`);
  const wanted = methodOf(plan).mixing.fewest(byzantine);
  if (wanted > peers - byzantine)
    throw new UsageError(
      `${method} with ${byzantine} Byzantine peers needs ${wanted} models, but a round waits for only ${peers - byzantine}: increase --peers or decrease --byzantine`,
    );
}
