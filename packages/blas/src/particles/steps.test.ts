import { expect, test } from "vitest";
import { BlasArgumentError } from "../errors.ts";
import { vector, withBothBuilds } from "../testing.ts";
import { anisotropicSteps, isotropicSteps } from "./steps.ts";

test.each([
  [1, 1, Number.POSITIVE_INFINITY],
  [5, 2, 0.4],
  [7, 3, Number.POSITIVE_INFINITY],
  [40, 20, 0.5],
])("%i particles in %i dimensions, noise of distances up to %d, by the definition", (count, d, most) => {
  withBothBuilds(() => {
    const [start, center, noise] = [vector(count * d, 1), vector(d, 2), vector(count * d, 3)];
    const [pull, scatter] = [0.1, 0.7];
    const steps = { center, noise, pull, scatter, most };
    const [anisotropic, isotropic] = [start.slice(), start.slice()];
    anisotropicSteps({ ...steps, particles: anisotropic });
    isotropicSteps({ ...steps, particles: isotropic });
    for (let i = 0; i < count; i++) {
      const apart = center.map((c, j) => start[i * d + j] - c);
      const distance = Math.min(Math.hypot(...apart), most);
      for (const [j, gap] of apart.entries()) {
        const [x, z] = [start[i * d + j], noise[i * d + j]];
        const cut = Math.sign(gap) * Math.min(Math.abs(gap), most);
        expect(anisotropic[i * d + j]).toBeCloseTo(x - pull * gap + scatter * cut * z, 14);
        expect(isotropic[i * d + j]).toBeCloseTo(x - pull * gap + scatter * distance * z, 14);
      }
    }
  });
});

test("particles at the center stay there, whatever the noise", () => {
  withBothBuilds(() => {
    const center = Float64Array.of(1, -2, 3);
    const options = { center, noise: vector(6, 4), pull: 0.5, scatter: 10, most: Number.POSITIVE_INFINITY };
    for (const step of [isotropicSteps, anisotropicSteps]) {
      const particles = Float64Array.of(...center, ...center);
      step({ ...options, particles });
      expect([...particles]).toEqual([...center, ...center]);
    }
  });
});
test("a coordinate that is not a number stays so and leaves the others alone, cut or not", () => {
  withBothBuilds(() => {
    for (const most of [0.5, Number.POSITIVE_INFINITY]) {
      const particles = Float64Array.of(1, Number.NaN, 2, 3, -1, 4);
      const center = new Float64Array(3);
      anisotropicSteps({
        particles,
        center,
        noise: new Float64Array(6).fill(1),
        pull: 0.5,
        scatter: 1,
        most,
      });
      const cut = (x: number) => 0.5 * x + Math.sign(x) * Math.min(Math.abs(x), most);
      expect([...particles]).toEqual([cut(1), Number.NaN, cut(2), cut(3), cut(-1), cut(4)]);
    }
  });
});

test("rejects lengths that do not fit", () => {
  const options = { pull: 0.1, scatter: 1, most: 1, particles: new Float64Array(6) };
  const step = (center: number, noise: number) =>
    isotropicSteps({ ...options, center: new Float64Array(center), noise: new Float64Array(noise) });
  expect(() => step(4, 6)).toThrow(BlasArgumentError);
  expect(() => step(0, 6)).toThrow("particles must be a Float64Array of a multiple of 0 numbers");
  expect(() => step(3, 5)).toThrow("noise must");
});
