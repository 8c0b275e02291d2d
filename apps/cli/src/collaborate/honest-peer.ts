import { type PeerState, peer, type Transport } from "gradus/collaborative";
import type { Iterate } from "gradus/iterate";
import type { PeerReport } from "./control-messages.ts";
import type { PeerProblem } from "./digits-problem.ts";
import { type CollaborativePlan, EVALUATE_EVERY, learningRateOf, methodOf } from "./plan.ts";

/** The state from which an honest peer resumes. */
export type PeerCheckpoint = Pick<Iterate<PeerState>, "iteration" | "state">;

export interface HonestOptions {
  readonly plan: CollaborativePlan;
  readonly problem: PeerProblem;
  /** To the other peers. */
  readonly models: Transport;
  /** What the transport has thrown away so far. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly resume?: PeerCheckpoint;
  readonly signal: AbortSignal;
  /** Called at the start, after each evaluation, and at the end. */
  readonly report: (report: PeerReport) => void;
  /** Called after each step. */
  readonly keep?: (checkpoint: PeerCheckpoint) => void;
}

/** Reasons without fault: the round had ended, or the latest message was sent again to a peer that asked for it. */
const HARMLESS: readonly string[] = ["late", "repeated"];

/** Counts of messages that were not used, the faulty ones apart from the harmless. */
function countUnused(
  ...counts: readonly Readonly<Record<string, number>>[]
): Pick<PeerReport, "rejected" | "ignored"> {
  const rejected: Record<string, number> = {};
  const ignored: Record<string, number> = {};
  for (const [reason, count] of counts.flatMap(Object.entries<number>)) {
    const sums = HARMLESS.includes(reason) ? ignored : rejected;
    sums[reason] = (sums[reason] ?? 0) + count;
  }
  return { rejected, ignored };
}

/** What an honest peer does, without end, on data that may be another's. */
export function learn({
  plan,
  problem,
  models,
  resume,
  signal,
}: Pick<HonestOptions, "plan" | "problem" | "models" | "resume" | "signal">) {
  const { mixing, momentum } = methodOf(plan);
  return peer({
    nodes: plan.peers,
    faulty: plan.byzantine,
    mixing,
    momentum,
    learningRate: learningRateOf(plan),
    transport: models,
    start: problem.start,
    gradient: problem.gradient,
    deadline: plan.deadline,
    run: plan.run,
    resume,
    signal,
  });
}

/**
 * Trains one honest peer to the end of the plan.
 *
 * @throws the signal's reason when it is aborted
 */
export async function trainHonest({
  plan,
  problem,
  models,
  rejected,
  resume,
  signal,
  report,
  keep,
}: HonestOptions): Promise<void> {
  let evaluated = -1;
  for await (const iterate of learn({ plan, problem, models, resume, signal })) {
    const { step, model, iteration, missedDeadlines, caughtUp, bytesSent } = iterate;
    keep?.({ iteration, state: iterate.state });
    const finished = step >= plan.steps;
    const period = Math.floor(step / EVALUATE_EVERY);
    if (period === evaluated && !finished) continue;
    evaluated = period;
    report({
      kind: "report",
      step,
      accuracy: await problem.accuracy(model),
      missedDeadlines,
      caughtUp,
      bytesSent,
      ...countUnused(rejected, iterate.rejected),
      finished,
    });
    if (finished) return;
  }
}
