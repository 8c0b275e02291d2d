import { expect, test } from "vitest";
import { geometricBrownianProcess } from "../processes/brownian.ts";
import { logVariancePreservingProcess } from "../processes/log-variance-preserving.ts";
import { variancePreservingProcess } from "../processes/variance-preserving.ts";
import { type SamplerName, stepNumbers } from "./step-table.ts";

const process = geometricBrownianProcess({ drift: 0.2, volatility: 0.6 });

/** One step from x with Hyvarinen score h and noise Z. */
function stepped(
  sampler: SamplerName,
  x: number,
  h: number,
  z: number,
  from: number,
  delta: number,
  by = process,
) {
  const place = { from, to: from - delta, length: delta, noiseFactor: 1 };
  const { rate, shift, noise, deviation, correction } = stepNumbers(by, sampler, place);
  const eps = -(h + 1) * Math.sqrt(by.variance(from));
  const change = rate * Math.log(x) + shift + noise * eps + deviation * z;
  return sampler === "ambient" ? x * (1 + change + correction) : x * Math.exp(change);
}

test("one step of both samplers gives the numbers of the formulas, worked by hand", () => {
  expect(stepped("ambient", 1.4, 0.5, 0.3, 0.5, 0.02)).toBeCloseTo(1.4552381818, 10);
  expect(stepped("euler-maruyama", 1.4, 0.5, 0.3, 0.5, 0.02)).toBeCloseTo(1.4511089841, 10);
  // no drift of the logarithm: Euler-Maruyama is exact for a held score
  const median = geometricBrownianProcess({ volatility: 0.6 });
  expect(stepped("exponential", 1.4, 0.5, 0.3, 0.5, 0.02, median)).toBeCloseTo(
    stepped("euler-maruyama", 1.4, 0.5, 0.3, 0.5, 0.02, median),
    14,
  );
});

test("with mu = 1/2 as well, by the formulas in x", () => {
  const [mu, sigma, x, h, z, delta] = [0.5, 0.7, 2.2, -0.4, -1.1, 0.01];
  const by = geometricBrownianProcess({ drift: mu, volatility: sigma });
  const noise = Math.sqrt(delta) * sigma * z;
  expect(stepped("ambient", x, h, z, 0.8, delta, by)).toBeCloseTo(
    x * (1 + delta * (2 * sigma ** 2 - mu) + delta * sigma ** 2 * h + noise),
    12,
  );
  expect(stepped("euler-maruyama", x, h, z, 0.8, delta, by)).toBeCloseTo(
    x * Math.exp(delta * sigma ** 2 * h - delta * (mu - 1.5 * sigma ** 2) + noise),
    12,
  );
});

test("the samplers differ by -x sigma^2 delta (Z^2 - 1) / 2 to first order", () => {
  for (const z of [-1.5, 0, 0.7, 2]) {
    const delta = 1e-6;
    const difference =
      stepped("ambient", 1.4, 0.5, z, 0.5, delta) - stepped("euler-maruyama", 1.4, 0.5, z, 0.5, delta);
    expect(difference / delta).toBeCloseTo(-1.4 * 0.18 * (z * z - 1), 2);
  }
});

test("the flow carries a normal law exactly where its score is that of a point", () => {
  // data at y0: eps = (y - scale y0 - shift) / deviation, and the flow keeps it
  for (const by of [
    geometricBrownianProcess({ drift: 0.5, volatility: 0.7 }),
    variancePreservingProcess({ speed: 3 }),
    logVariancePreservingProcess({ speed: 0.5 }),
  ]) {
    const [y0, eps, from, to] = [0.4, 1.3, 0.9, 0.2];
    const at = (t: number) => by.scale(t) * y0 + by.shift(t) + Math.sqrt(by.variance(t)) * eps;
    const { rate, shift, noise } = stepNumbers(by, "probability-flow", {
      from,
      to,
      length: 0,
      noiseFactor: 0,
    });
    expect(at(from) + rate * at(from) + shift + noise * eps).toBeCloseTo(at(to), 13);
  }
});
