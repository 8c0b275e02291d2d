import { type GridOperator, poissonOperator } from "gradus/linalg/grids";
import { randomStream } from "gradus/random";

/** What is solid in the unit square or cube. */
export const geometries = ["empty", "disk", "box", "two disks"] as const;
export type Geometry = (typeof geometries)[number];

/** A w with Gaussian w; a plume; minus the divergence of a random velocity. */
export const rightSides = ["R1", "R2", "R3"] as const;
export type RightSide = (typeof rightSides)[number];

/** The center of each cell along the axes, the slowest first. */
function centers(N: number, dimension: number, k: number): number[] {
  const place = new Array<number>(dimension).fill(0);
  let rest = k;
  for (let axis = dimension - 1; axis >= 0; axis--) {
    place[axis] = ((rest % N) + 0.5) / N;
    rest = Math.floor(rest / N);
  }
  return place;
}

const within = (place: readonly number[], center: readonly number[], radius: number) =>
  place.reduce((sum, value, axis) => sum + (value - center[axis]) ** 2, 0) < radius ** 2;

/** Neumann's problem on N^dimension cells, without the cells of a geometry; y is the slowest axis of a square. */
export function domainOf(geometry: Geometry, N: number, seed: number, dimension = 2): GridOperator {
  const stream = randomStream(seed).split("obstacles");
  const random = [0, 1].map(() => ({
    center: Array.from({ length: dimension }, () => 0.2 + 0.6 * stream.uniform()),
    radius: 0.05 + 0.1 * stream.uniform(),
  }));
  const middle = [0.45, 0.5, 0.5].slice(0, dimension);
  const isSolid = (place: readonly number[]): boolean => {
    switch (geometry) {
      case "empty":
        return false;
      case "disk":
        return within(place, middle, 0.15);
      case "box":
        return place[0] > 12 / 32 && place[0] < 18 / 32 && place[1] > 14 / 32 && place[1] < 22 / 32;
      case "two disks":
        return random.some(({ center, radius }) => within(place, center, radius));
    }
  };
  const shape = new Array<number>(dimension).fill(N);
  const solid = Uint8Array.from({ length: N ** dimension }, (_, k) =>
    Number(isSolid(centers(N, dimension, k))),
  );
  return poissonOperator({ shape, solid });
}

const MODES = 8;

/** Minus the divergence of a random velocity on the faces of a square, 0 on walls and on the faces of solid cells. */
function divergence(A: GridOperator, seed: number): Float64Array {
  const N = A.shape[0];
  const stream = randomStream(seed).split("velocity");
  const modes = Array.from({ length: 2 * MODES }, () => ({
    amplitude: stream.normal(),
    waves: [1 + stream.integer(4), 1 + stream.integer(4)],
    phases: [2 * Math.PI * stream.uniform(), 2 * Math.PI * stream.uniform()],
  }));
  const velocity = (component: number, x: number, y: number) =>
    modes
      .slice(component * MODES, (component + 1) * MODES)
      .reduce(
        (sum, { amplitude, waves, phases }) =>
          sum +
          amplitude *
            Math.sin(2 * Math.PI * waves[0] * x + phases[0]) *
            Math.cos(2 * Math.PI * waves[1] * y + phases[1]),
        0,
      );
  const b = new Float64Array(A.cells);
  for (let k = 0; k < A.cells; k++) {
    const [y, x] = centers(N, 2, k);
    for (const [component, axis] of [
      [0, 1],
      [1, 0],
    ]) {
      // a face between two cells with unknowns is one with a coupling
      if (A.couplings[axis][k] === 0) continue;
      const u = velocity(component, x + (component === 0 ? 0.5 / N : 0), y + (component === 1 ? 0.5 / N : 0));
      b[k] -= u;
      b[k + A.strides[axis]] += u;
    }
  }
  return b;
}

/** exp(-|x - source|^2 / 0.01) less its mean over the cells with unknowns; the slowest axis first. */
export function plumeAt(source: readonly number[], A: GridOperator): Float64Array {
  const plume = Float64Array.from({ length: A.cells }, (_, k) => {
    const place = centers(A.shape[0], A.shape.length, k);
    return Math.exp(-place.reduce((sum, value, axis) => sum + (value - source[axis]) ** 2, 0) / 0.01);
  });
  return A.project(plume);
}

/** Plumes at random places; the first is that of R2. */
export function plumesOf(A: GridOperator, count: number, seed: number): Float64Array[] {
  const stream = randomStream(seed).split("plumes");
  return Array.from({ length: count }, (_, i) =>
    i === 0
      ? rightSideOf("R2", A, seed)
      : plumeAt(
          A.shape.map(() => 0.1 + 0.8 * stream.uniform()),
          A,
        ),
  );
}

/** A right-hand side that has a solution. */
export function rightSideOf(kind: RightSide, A: GridOperator, seed: number): Float64Array {
  if (kind === "R3") return divergence(A, seed);
  if (kind === "R2") return plumeAt([0.2, 0.5, 0.5], A);
  const b = new Float64Array(A.cells);
  A.apply(randomStream(seed).split("noise").fillNormal(new Float64Array(A.cells)), b);
  return b;
}
