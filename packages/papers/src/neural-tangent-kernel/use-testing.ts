import { expect } from "vitest";
import { dot, numbersIn, solved } from "../use-testing.ts";

/** The mean of trained networks of infinite width: arc-cosine kernels (Cho and Saul, 2009), layer by layer. */
function tangentKernelMeans(): Float64Array {
  const covariance = (a: number, b: number) => a * b + 0.01;
  const kernel = (a: number, b: number): number => {
    let [saa, sbb, sab] = [covariance(a, a), covariance(b, b), covariance(a, b)];
    let tangent = sab;
    for (let layer = 1; layer < 4; layer++) {
      const root = Math.sqrt(saa * sbb);
      const angle = Math.acos(Math.min(1, Math.max(-1, sab / root)));
      const expected = (root * (Math.sin(angle) + (Math.PI - angle) * Math.cos(angle))) / (2 * Math.PI);
      [saa, sbb, sab] = [saa / 2 + 0.01, sbb / 2 + 0.01, expected + 0.01];
      tangent = sab + (tangent * (Math.PI - angle)) / (2 * Math.PI);
    }
    return tangent;
  };
  const [x, asked] = [
    [-1, -0.3, 0.4, 1],
    [-0.6, 0, 0.7],
  ];
  const weights = solved(
    x.map((a) => x.map((b) => kernel(a, b))),
    [0.2, -0.5, 0.7, 0.1],
  );
  return Float64Array.from(asked, (a) =>
    dot(
      x.map((b) => kernel(a, b)),
      weights,
    ),
  );
}

/** What the program of this paper must print. */
export default function check(text: string): void {
  const means = numbersIn(text.slice(text.indexOf("["))).slice(0, 3);
  tangentKernelMeans().forEach((mean, i) => {
    expect(means[i]).toBeCloseTo(mean, 8);
  });
}
