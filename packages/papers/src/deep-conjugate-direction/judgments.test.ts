import { expect, test } from "vitest";
import { isMatrix } from "../experiment.ts";
import { openExploration } from "../explore.ts";
import { expectDecisive } from "../paper-testing.ts";
import { keptNetwork, movePlume } from "./explore-plume.ts";
import { shippedNetwork } from "./networks.ts";
import { geometries, rightSides } from "./problems.ts";
import properties from "./properties.ts";
import sizeIndependence from "./size-independence.ts";
import threeDimensions from "./three-dimensions.ts";
import time from "./time.ts";
import trainingSets from "./training-sets.ts";
import unseenGeometry from "./unseen-geometry.ts";

test("unseen geometry: fewer iterations everywhere, to any tolerance, and none without the loop", () => {
  const findings = (network: number | null, around: number, tight: number | null, oneShot: number) => ({
    N: 32,
    trainedHere: false,
    loss: { first: 1, best: 0.03 },
    cases: geometries.flatMap((geometry) =>
      rightSides.map((rightSide) => ({
        geometry,
        rightSide,
        iterations: {
          network: geometry === "empty" ? network : around,
          CG: 80,
          Jacobi: 70,
          "IC(0)": 36,
          multigrid: 6,
        },
        tight,
        oneShot,
      })),
    ),
  });
  expectDecisive(
    unseenGeometry,
    findings(15, 18, 25, 0.2),
    findings(20, 60, null, 1e-3),
    findings(null, 60, null, 0.2),
  );
});

test("size independence: counts that stay, and a control that does not", () => {
  const findings = (own: readonly number[], CG: readonly number[], disk: number, control: number | null) => ({
    trainedHere: false,
    counts: [16, 32, 64].flatMap((N, i) =>
      (["empty", "disk"] as const).map((geometry) => ({
        N,
        geometry,
        own: geometry === "disk" ? disk : own[i],
        other: 40,
        CG: CG[i],
        multigrid: 6,
      })),
    ),
    control: { N: 128, other: control, CG: 316 },
  });
  expectDecisive(
    sizeIndependence,
    findings([9, 15, 18], [38, 76, 153], 15, 117),
    findings([9, 20, 50], [38, 60, 90], 30, 30),
  );
});

test("three dimensions: fewer iterations in cubes too, around spheres as well", () => {
  const findings = (empty: number | null, around: number | null) => ({
    N: 16,
    trainedHere: false,
    cases: (["empty", "disk", "two disks"] as const).flatMap((geometry) =>
      (["R1", "R2"] as const).map((rightSide) => ({
        geometry,
        rightSide,
        network: geometry === "empty" ? empty : around,
        CG: 40,
        multigrid: 8,
      })),
    ),
  });
  expectDecisive(threeDimensions, findings(12, 16), findings(30, 35), findings(12, null));
});

test("properties: theorems, and the stored directions", () => {
  const findings = (growth: number, other: number, counts: readonly (number | null)[]) => ({
    matrices: 10,
    growth,
    fromConjugateGradients: other,
    withInverse: other,
    twoPasses: other,
    onePass: 0.1,
    byStored: [0, 1, 2, 4, 8].map((stored, i) => ({ stored, iterations: counts[i] })),
  });
  expectDecisive(
    properties,
    findings(-1e-3, 1e-12, [27, 16, 15, 15, 14]),
    findings(1e-3, 1e-3, [15, 15, 15, 10, 9]),
  );
});

test("training sets: a loss that falls, and what it is good for", () => {
  const findings = (best: number, mixtures: number, noise: number) => {
    const counts = (iterations: number) =>
      (["empty", "disk"] as const).flatMap((geometry) =>
        rightSides.map((rightSide) => ({ geometry, rightSide, iterations })),
      );
    return {
      N: 16,
      steps: 1200,
      trained: [
        { set: "Ritz mixtures" as const, first: 1, best, counts: counts(mixtures) },
        { set: "white noise" as const, first: 1, best: 0.001, counts: counts(noise) },
      ],
      CG: counts(40),
    };
  };
  expectDecisive(trainingSets, findings(0.1, 12, 20), findings(0.5, 30, 20));
});

test("time: only solutions to the tolerance are compared", () => {
  const findings = (residual: number, seconds: number) => ({
    runs: [16, 32, 64].flatMap((N) =>
      (["network", "CG", "Jacobi", "IC(0)", "multigrid"] as const).map((solver) => ({
        N,
        solver,
        iterations: 10,
        seconds: solver === "network" ? seconds : 0.01,
        residual,
      })),
    ),
  });
  expectDecisive(time, findings(9e-5, 0.1), findings(2e-4, 0.001));
});

test("the plume that a reader moves: CG's residuals, and the network's, which are there sooner", async () => {
  const kept: unknown = JSON.parse(JSON.stringify(keptNetwork(await shippedNetwork(16), 16)));
  const opened = await openExploration(movePlume, kept);
  const start = await opened.show({ x: 0.3, y: 0.9, iterations: 0 });
  const { moved, history } = await opened.show({ x: 0.3, y: 0.9, iterations: 6 });
  expect(start.moved["network"]).toEqual(start.moved["CG"]);
  const last = (solver: string) => {
    const points = history[solver];
    if (isMatrix(points)) throw new Error("no points");
    expect(points.map(({ x }) => x)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    return points[6].y;
  };
  expect(last("network")).toBeLessThan(0.1 * last("CG"));
  const field = moved["network"];
  if (!isMatrix(field)) throw new Error("no field");
  expect(field.values.filter((value) => value === null).length).toBeGreaterThan(4); // the disk
  opened.close();
});
