import { explainerNames, explainers } from "gradus/explain";
import { test } from "vitest";
import { expectDecisive } from "../paper-testing.ts";
import equivalence from "./equivalence.ts";
import faithfulness from "./faithfulness.ts";
import limits from "./limits.ts";
import noFreeLunch from "./no-free-lunch.ts";
import recovery from "./recovery.ts";

const n = explainerNames.length;
const square = (own: number, other: number) =>
  Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? own : other));
const tanhAndRelu = ["synthetic", "breast-cancer"] as const;

test("equivalence", () => {
  const findings = (exact: number, own: number, power: number) => ({
    exact: { kernelShap: exact, lime: exact, occlusion: exact, integratedGradients: exact },
    samples: 1000,
    models: tanhAndRelu.map((set) => ({
      ...{ set, architecture: "A" as const, testError: 0.01, scales: explainerNames.map(() => 1) },
      l1: square(own, 0.3),
    })),
    convergence: (["lime", "kernelShap"] as const).flatMap((explainer) =>
      [500, 2000, 8000].map((samples) => ({ explainer, samples, distance: samples ** power })),
    ),
  });
  expectDecisive(equivalence, findings(1e-15, 0.01, -0.5), findings(1e-6, 0.4, -0.1));
});

test("limits", () => {
  const findings = (smooth: number, integrated: number, left: number, stein: number, across: number) => ({
    models: [
      {
        ...{ set: "synthetic" as const, architecture: "A" as const },
        smooth: { x: [0.02, 0.01, 0.005], y: [0.02, 0.01, 0.005].map((sigma) => sigma ** smooth) },
        integrated: { x: [0.25, 0.1, 0.03], y: [0.25, 0.1, 0.03].map((width) => width ** integrated) },
        ...{ across, within: 0.1 },
      },
      {
        ...{ set: "breast-cancer" as const, architecture: "A" as const },
        smooth: { x: [0.3, 0.1, 0.01], y: [1, 0.5, left] },
        integrated: { x: [1, 0.5, 0.05], y: [0.5, 1, left] },
        ...{ across: 0.2, within: 0.2 },
      },
    ],
    stein: { x: [100, 400, 1600], y: [100, 400, 1600].map((samples) => samples ** stein) },
  });
  expectDecisive(
    limits,
    findings(2, 1, 0.1, -0.5, 0.4),
    findings(1, 0.5, 0.9, -0.1, 0.1),
    findings(3, 1.5, 0.9, -0.1, 0.1),
  );
});

test("no-free-lunch", () => {
  const findings = (error: number, best: number, own: number, other: number, linear: number) => ({
    ...{ least: 1, attained: best },
    worst: explainerNames.map((name) => ({ name, error })),
    cross: [
      ...tanhAndRelu.map((set) => ({ set, architecture: "A" as const, losses: square(own, other) })),
      { set: "synthetic" as const, architecture: "linear" as const, losses: square(linear, linear) },
    ],
  });
  expectDecisive(noFreeLunch, findings(1.8, 1, 0.1, 0.5, 1e-14), findings(0.9, 1.1, 0.1, 0.05, 1e-3));
});

test("recovery", () => {
  const findings = (found: number, cosine: number, share: number, other: number) => ({
    recoveries: (["synthetic", "digits"] as const).flatMap((set) =>
      explainerNames.map((explainer) => {
        const own = explainers[explainer].usesGradients ? cosine ** 3 : cosine;
        return { set, explainer, l1: found, cosine: own, other };
      }),
    ),
    logistics: (["gradient matching", "masks"] as const).map((by) => ({
      ...{ set: "digits" as const, by, recovered: share, converged: share },
    })),
  });
  expectDecisive(
    recovery,
    findings(1e-12, 1e-5, 1, 0.5),
    findings(0.01, 0.1, 0.5, 0.01),
    findings(0.01, 0, 0.5, 0.01),
  );
});

test("faithfulness", () => {
  const findings = (favored: number) => {
    const means = (kind: "multiplicative" | "additive", size: number) =>
      explainerNames.map((name) => (explainers[name].family === kind ? size : 1));
    return {
      models: [
        {
          ...{ set: "synthetic" as const, architecture: "A" as const, excluded: 0 },
          means: {
            "bottom-binary": means("multiplicative", 1 / favored),
            "bottom-continuous": means("additive", 1 / favored),
            "top-binary": means("multiplicative", favored),
            "top-continuous": means("additive", favored),
          },
        },
      ],
    };
  };
  expectDecisive(faithfulness, findings(2), findings(0.9));
});
