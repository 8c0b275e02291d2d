import { isTensor, mul, neg, type Operand, sigmoid, sub, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositive, checkWithin } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";

/** To which degrees a row counts as predicted positive and as predicted negative; their sum is 1. */
export interface SoftDecision<T = Tensor> {
  readonly positive: T;
  readonly negative: T;
}

export interface AmplifierOptions {
  /** L, how sharply the amplifier switches; a number > 0, or a scalar tensor (an input of the program). */
  readonly slope?: Operand;
  /** c, the probability at which the decision switches, in (0, 1). */
  readonly threshold?: number;
}

export interface NumericAmplifierOptions {
  readonly slope?: number;
  readonly threshold?: number;
}

/**
 * The largest whole slope up to which A(1) < 1 in float32, by correct rounding; above it gradients vanish on one side of
 * the threshold. ONNX Runtime's sigmoid, which rounds unevenly, still gives A(1) < 1 at 34, but 1 at 33.5 and from 36
 * on.
 */
export const FLOAT32_SLOPE_CEILING = 33;

/** @throws ArgumentError unless slope is finite and > 0 (a tensor is taken as it is) and threshold in (0, 1) */
export function assertAmplifier(slope: Operand, threshold: number): void {
  if (!isTensor(slope)) checkPositive({ slope });
  checkWithin("(0, 1)", { threshold });
}

function logistic(u: number): number {
  if (u >= 0) return 1 / (1 + Math.exp(-u));
  const e = Math.exp(u);
  return e / (1 + e);
}

/** The decision of a number, after `assertAmplifier`. */
export function decisionOf(p: number, slope: number, threshold: number): SoftDecision<number> {
  const s = slope * (p - threshold);
  return { positive: logistic(s), negative: logistic(-s) };
}

function decide(of: string, p: Operand, options: AmplifierOptions): SoftDecision<number> | SoftDecision {
  checkOptions(of, options, ["slope", "threshold"]);
  const { slope = 73, threshold = 0.5 } = options;
  assertAmplifier(slope, threshold);
  if (isTensor(p)) {
    const s = mul(sub(p, threshold), slope);
    return { positive: sigmoid(s), negative: sigmoid(neg(s)) };
  }
  if (isTensor(slope)) throw new ArgumentError("slope must be a number when p is one, got a tensor");
  return decisionOf(p, slope, threshold);
}

/**
 * The amplified decision on probabilities:
 *
 *     positive = sigma(L (p - c)),   negative = sigma(-L (p - c))
 *
 * Each has full relative precision, where 1 minus the other would cancel.
 * Source: Han, Moniz and Chawla 2024, arXiv 2405.14745.
 *
 * @param p probabilities of the positive class
 * @throws ArgumentError unless slope is finite and > 0 and threshold in (0, 1), or for an unknown option
 */
export function softDecision(p: number, options?: NumericAmplifierOptions): SoftDecision<number>;
export function softDecision(p: Tensor, options?: AmplifierOptions): SoftDecision;
export function softDecision(
  p: Operand,
  options: AmplifierOptions = {},
): SoftDecision<number> | SoftDecision {
  return decide("softDecision", p, options);
}

/**
 * The amplifier A(p) = sigma(L (p - c)), which pushes probabilities towards 0 or 1: |A(p) - 1[p > c]| is at most
 * exp(-L |p - c|), and A is steepest at c, with slope L/4.
 *
 * With the default L = 73, the largest integer for which A(1) < 1 in float64, A leaves no gradient where
 * |p - c| is above about 0.2: start training from p = c.
 * Source: Han, Moniz and Chawla 2024, arXiv 2405.14745.
 *
 * @param p probabilities of the positive class
 * @throws ArgumentError unless slope is finite and > 0 and threshold in (0, 1), or for an unknown option
 */
export function amplify(p: number, options?: NumericAmplifierOptions): number;
export function amplify(p: Tensor, options?: AmplifierOptions): Tensor;
export function amplify(p: Operand, options: AmplifierOptions = {}): Operand {
  return decide("amplify", p, options).positive;
}
