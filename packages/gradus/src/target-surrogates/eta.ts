import { shown } from "../check/describe.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkAtLeast, checkPositive, checkPositiveInteger, checkWithin } from "../check/numbers.ts";
import { checkOptions } from "../check/options.ts";
import type { Schedule } from "../train/schedules/schedule.ts";
import type { BatchLoss, TargetCounts } from "./contract.ts";
import type { Anchor } from "./surrogate.ts";

export interface TargetLineSearchOptions {
  /** The first eta tried. */
  readonly initial?: number;
  /** c in the sufficient-decrease condition. */
  readonly sufficientDecrease?: number;
  readonly shrink?: number;
  /** Each search starts from the last eta times this factor. */
  readonly growth?: number;
  readonly maxTrials?: number;
  readonly smallest?: number;
  readonly largest?: number;
}

/** How eta is chosen in each outer step. */
export type EtaRule =
  | number
  | Schedule
  | { readonly lineSearch: Required<TargetLineSearchOptions> }
  | { readonly adagrad: number };

/**
 * Eta by backtracking in target space: l_R(z - eta g) <= l_R(z) - c eta |g|^2 (sums over the batch). It evaluates only
 * the loss, not the model; with c = 1/2 and an L-smooth loss it accepts some eta >= shrink / L.
 *
 * @throws ArgumentError naming the option that is out of range
 */
export function targetLineSearch(options: TargetLineSearchOptions = {}): EtaRule {
  checkOptions("targetLineSearch", options, [
    "initial",
    "sufficientDecrease",
    "shrink",
    "growth",
    "maxTrials",
    "smallest",
    "largest",
  ]);
  const {
    initial = 1,
    sufficientDecrease = 0.5,
    shrink = 0.9,
    growth = 2,
    maxTrials = 100,
    smallest = 1e-4,
    largest = 1e4,
  } = options;
  checkWithin("(0, 1)", { sufficientDecrease, shrink });
  checkPositive({ initial, smallest, largest });
  checkAtLeast(1, { growth });
  checkPositiveInteger({ maxTrials });
  return { lineSearch: { initial, sufficientDecrease, shrink, growth, maxTrials, smallest, largest } };
}

/**
 * Eta by scalar AdaGrad in target space: eta_0 / (sqrt(sum_{s <= t} |g_s|^2) + 1e-6).
 *
 * @throws ArgumentError unless initial is finite and > 0
 */
export function targetAdagrad(initial: number): EtaRule {
  checkPositive({ initial });
  return { adagrad: initial };
}

/** @throws ArgumentError when a number is not finite and > 0 */
export function checkEta(rule: EtaRule): void {
  if (typeof rule === "number") {
    checkPositive({ eta: rule });
    return;
  }
  const known = typeof rule === "object" && rule !== null && ("lineSearch" in rule || "adagrad" in rule);
  if (typeof rule !== "function" && !known)
    throw new ArgumentError(
      `eta must be a number, a schedule, targetLineSearch(...) or targetAdagrad(...), got ${shown(rule)}`,
    );
}

/** |g|^2, summed from left to right. */
function squaredNorm(g: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < g.length; j++) sum += g[j] * g[j];
  return sum;
}

async function searched(
  { lossTargets, gradient, value, batch }: Anchor,
  start: number,
  { sufficientDecrease, shrink, maxTrials, smallest, largest }: Required<TargetLineSearchOptions>,
  counts: TargetCounts,
): Promise<number> {
  const loss: BatchLoss = batch.loss;
  const squares = squaredNorm(gradient) / batch.map.rows;
  const clamped = (eta: number) => Math.min(largest, Math.max(smallest, eta));
  let eta = clamped(start);
  for (let trial = 0; trial < maxTrials; trial++) {
    const targets = new Float64Array(lossTargets.length);
    for (let j = 0; j < lossTargets.length; j++) targets[j] = lossTargets[j] - eta * gradient[j];
    counts.lossValues += 1;
    const shifted = await loss.value(targets);
    if (shifted <= value - sufficientDecrease * eta * squares + 1e-12 * Math.abs(value)) return eta;
    eta = clamped(shrink * eta);
  }
  return eta;
}

/** The state of the eta rules. */
export interface EtaMemory {
  /** Eta of the previous step; undefined at the start. */
  readonly eta: number | undefined;
  /** Sum of |g|^2. */
  readonly squares: number;
}

/**
 * Eta of one outer step and the next state of the rule.
 *
 * @throws ArgumentError when a schedule returns a value that is not finite and > 0
 */
export async function chooseEta(
  rule: EtaRule,
  anchor: Anchor,
  { iteration, memory, counts }: { iteration: number; memory: EtaMemory; counts: TargetCounts },
): Promise<EtaMemory & { readonly eta: number }> {
  if (typeof rule === "number") return { ...memory, eta: rule };
  if (typeof rule === "function") {
    const eta = rule(iteration);
    // The argument's name is made only for the message: it would take as long as a step on few rows.
    if (!(eta > 0 && Number.isFinite(eta))) checkPositive({ [`eta at outer step ${iteration}`]: eta });
    return { ...memory, eta };
  }
  if ("lineSearch" in rule) {
    const { initial, growth } = rule.lineSearch;
    const start = memory.eta === undefined ? initial : growth * memory.eta;
    return { ...memory, eta: await searched(anchor, start, rule.lineSearch, counts) };
  }
  const squares = memory.squares + squaredNorm(anchor.gradient);
  return { squares, eta: rule.adagrad / (Math.sqrt(squares) + 1e-6) };
}
