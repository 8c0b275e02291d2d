import { checkPositive } from "../../check/numbers.ts";
import { checkOptions } from "../../check/options.ts";
import type { DenseMatrix } from "../../linalg/matrix.ts";
import { scaledBesselI } from "../../statistics/bessel.ts";
import { checkProcess, type ForwardProcess, type Times, timeOf } from "../processes/contract.ts";
import { scoreFromDenoised } from "../processes/marginals.ts";
import { checkQuestion, type ExactTarget } from "./contract.ts";

/** Below it the quotient of Bessel functions is taken from its series. */
const SMALL = 1e-4;

/** What the posterior depends on at a point x, with y = x - shift. */
interface Polar {
  readonly distance: number;
  readonly cosine: number;
  readonly sine: number;
  /** kappa = alpha radius |y| / h of the von Mises law of the angle. */
  readonly kappa: number;
}

/**
 * Points uniform on a circle of the plane under a forward process: with y = x - shift(t) and kappa = alpha radius |y| / h
 * the angle's law given x is von Mises, so
 *
 *     f*(t, x) = radius (y / |y|) I_1(kappa) / I_0(kappa).
 *
 * @throws ArgumentError unless the radius is positive
 */
export function ringTarget(process: ForwardProcess, options: { readonly radius?: number } = {}): ExactTarget {
  checkOptions("ringTarget", options, ["radius"]);
  checkProcess(process);
  const { radius = 1 } = options;
  checkPositive({ radius });

  function each(
    times: Times,
    points: DenseMatrix,
    visit: (i: number, polar: Polar, t: number) => void,
  ): void {
    checkQuestion(process, 2, times, points);
    for (let i = 0; i < points.rows; i++) {
      const t = timeOf(times, i);
      const shift = process.shift(t);
      const [x, y] = [points.values[2 * i] - shift, points.values[2 * i + 1] - shift];
      const distance = Math.sqrt(x * x + y * y);
      const kappa = (process.scale(t) * radius * distance) / process.variance(t);
      const [cosine, sine] = distance === 0 ? [1, 0] : [x / distance, y / distance];
      visit(i, { distance, cosine, sine, kappa }, t);
    }
  }

  const quotient = (kappa: number) =>
    kappa < SMALL ? kappa / 2 : scaledBesselI(1, kappa) / scaledBesselI(0, kappa);

  function posteriorMean(times: Times, points: DenseMatrix): DenseMatrix {
    const values = new Float64Array(points.rows * 2);
    each(times, points, (i, { cosine, sine, kappa }) => {
      const length = radius * quotient(kappa);
      values[2 * i] = length * cosine;
      values[2 * i + 1] = length * sine;
    });
    return { rows: points.rows, columns: 2, values };
  }

  return {
    process,
    dimension: 2,
    sample(count, stream) {
      const values = new Float64Array(2 * count);
      for (let i = 0; i < count; i++) {
        const direction = stream.unitSphere(2);
        values[2 * i] = radius * direction[0];
        values[2 * i + 1] = radius * direction[1];
      }
      return { rows: count, columns: 2, values };
    },
    posteriorMean,
    posteriorVariance(times, points) {
      const values = new Float64Array(points.rows * 2);
      each(times, points, (i, { cosine, sine, kappa }) => {
        const A = quotient(kappa);
        // E cos 2 angle = I_2/I_0 = 1 - 2 A / kappa, about the direction of y
        const twice = kappa < SMALL ? (kappa * kappa) / 8 : 1 - (2 * A) / kappa;
        const along = radius * radius * ((1 + twice) / 2 - A * A);
        const across = radius * radius * ((1 - twice) / 2);
        values[2 * i] = cosine * cosine * along + sine * sine * across;
        values[2 * i + 1] = sine * sine * along + cosine * cosine * across;
      });
      return { rows: points.rows, columns: 2, values };
    },
    score: (times, points) => scoreFromDenoised(process, posteriorMean(times, points), times, points),
    logDensity(times, points) {
      const answer = new Float64Array(points.rows);
      each(times, points, (i, { distance, kappa }, t) => {
        const h = process.variance(t);
        const gap = distance - process.scale(t) * radius;
        answer[i] = Math.log(scaledBesselI(0, kappa) / (2 * Math.PI * h)) - (gap * gap) / (2 * h);
      });
      return answer;
    },
  };
}
