import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type Point,
  points,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { levelLines } from "../shared/level-lines.ts";
import { tableOf } from "../shared/tables.ts";
import {
  aboveFloor,
  type CanyonRuns,
  consensusRuns,
  descentRun,
  distances,
  hoppingRuns,
  type Look,
  landscape,
  langevinRuns,
  START,
  shareWithin,
} from "./canyon-runs.ts";

/** A run that ends closer than this to the global minimum succeeds. */
const RADIUS = 0.5;
/** Runs drawn in the final picture. */
const DRAWN_RUNS = 16;
const FLOOR_STEPS = [100, 150, 200];
/** Values of f at which level lines are drawn. */
const HEIGHTS = [5, 10, 20, 30, 40, 50];

const CBO = "consensus points of CBO";
const CLOUD = "particles of one run";
const DESCENT = "gradient descent";
const FLOOR = "floor of the valley";
const LEVELS = "level lines of f";
const WINDOW = [-2, 10] as const;
const labels = {
  cbo: "CBO",
  hopping: "consensus hopping",
  descent: "gradient descent",
  langevin: "annealed Langevin",
} as const;

/** The outcome of one method. */
interface Outcome {
  readonly method: string;
  readonly runs: number;
  /** Within 0.5 and within 1 of the global minimum. */
  readonly success: number;
  readonly near: number;
}

const outcome = (method: string, runs: CanyonRuns): Outcome => ({
  method,
  runs: runs.ends.length / 2,
  success: shareWithin(runs, RADIUS),
  near: shareWithin(runs, 1),
});

const inWindow = ({ x, y }: { x: number; y: number }) =>
  [x, y].every((at) => at >= WINDOW[0] && at <= WINDOW[1]);
const pointsOf = (numbers: ArrayLike<number>, runs = numbers.length / 2): Point[] =>
  Array.from({ length: Math.min(runs, numbers.length / 2) }, (_, m) => ({
    x: numbers[2 * m],
    y: numbers[2 * m + 1],
  })).filter(inWindow);

/** Median distance to the minimum by the fraction of the run. */
function progressOf({ times, points: visited }: CanyonRuns): Point[] {
  const last = times[times.length - 1];
  return visited.map((at, k) => ({ x: times[k] / last, y: median(distances(at)) }));
}

export default defineExperiment({
  description:
    "CBO, consensus hopping, gradient descent and annealed Langevin dynamics start at (8, 8) in a canyon with energy barriers, with the parameters of Figures 1 and 2. A run succeeds when it ends within 0.5 of the global minimum at 0.",
  parameters: z.object({
    runs: z.int().min(1).max(1000).default(1000).describe("runs of CBO and of consensus hopping"),
    langevinRuns: z.int().min(1).max(1000).default(1000).describe("runs of Langevin dynamics"),
  }),
  profiles: { quick: { runs: 50, langevinRuns: 150 }, full: {} },
  seconds: { quick: 4, full: 50 },
  plots: [
    {
      id: "canyon",
      title: "Particles crossing the canyon",
      x: { label: "p" },
      y: { label: "q" },
      mark: "dot",
      series: [CBO, CLOUD, DESCENT],
      references: [FLOOR, LEVELS],
    },
    {
      id: "distance",
      title: "Distance to the global minimum",
      x: { label: "fraction of the run" },
      y: { label: "median distance" },
      mark: "line",
      series: Object.values(labels),
    },
  ],

  async *measure({ parameters: { runs, langevinRuns: many }, seed, signal, stage }) {
    const setting = { runs, seed, signal };
    yield points(
      "canyon",
      FLOOR,
      Array.from({ length: 60 }, (_, k) => ({ x: -0.4 + k / 8, y: -aboveFloor(-0.4 + k / 8, 0) })).filter(
        inWindow,
      ),
    );
    yield points(
      "canyon",
      LEVELS,
      levelLines((p, q) => landscape.value(Float64Array.of(p, q)), {
        ...{ x: WINDOW, y: WINDOW, levels: HEIGHTS },
        ...{ cells: 60, tolerance: 0.02 },
      }),
    );
    const descent = await descentRun(signal);
    yield points(
      "canyon",
      DESCENT,
      descent.points.flatMap((at) => pointsOf(at)),
    );
    yield points("distance", labels.descent, progressOf(descent));
    function* live({ step, points: consensus, particles }: Look): Generator<ExperimentEvent> {
      yield replacePoints("canyon", CBO, pointsOf(consensus));
      if (particles) yield replacePoints("canyon", CLOUD, pointsOf(particles));
      yield progress((0.3 * step) / 250, `CBO, step ${step} of 250`);
    }
    const cbo = yield* stage("CBO", async function* () {
      return yield* consensusRuns(1.6, { ...setting, show: live });
    });
    yield replacePoints(
      "canyon",
      CBO,
      cbo.points.slice(1).flatMap((at) => pointsOf(at, DRAWN_RUNS)),
    );
    yield points("distance", labels.cbo, progressOf(cbo));
    const told = (start: number, share: number, name: string, steps: number) =>
      function* ({ step }: Look): Generator<ExperimentEvent> {
        yield progress(start + (share * step) / steps, `${name}, step ${step} of ${steps}`);
      };
    const hopping = yield* stage("hopping", async function* () {
      return yield* hoppingRuns(0.7, { ...setting, show: told(0.3, 0.2, labels.hopping, 250) });
    });
    yield points("distance", labels.hopping, progressOf(hopping));
    const langevin = yield* stage("Langevin", async function* () {
      const show = told(0.5, 0.3, labels.langevin, 10_000);
      return yield* langevinRuns({ ...setting, runs: many, show });
    });
    yield points("distance", labels.langevin, progressOf(langevin));
    const quiet = yield* stage("CBO, half the noise", async function* () {
      return yield* consensusRuns(0.8, { ...setting, show: told(0.8, 0.2, "CBO, half the noise", 250) });
    });
    yield progress(1, "done");
    const [p, q] = descent.ends;
    return {
      outcomes: [
        outcome(labels.cbo, cbo),
        outcome(labels.hopping, hopping),
        outcome(labels.descent, descent),
        outcome(labels.langevin, langevin),
      ],
      quiet: outcome("CBO, noise 0.8", quiet),
      descentEnd: { p, q, value: landscape.value(Float64Array.of(p, q)) },
      floor: FLOOR_STEPS.map((step) => {
        const at = cbo.points[cbo.times.indexOf(step)];
        return median(distances(at).map((_, m) => Math.abs(aboveFloor(at[2 * m], at[2 * m + 1]))));
      }),
    };
  },

  judge({ outcomes: [cbo, hopping, , langevin], quiet, descentEnd, floor }) {
    const most = criterion("reaching the minimum reliably, not by luck, means at least nine runs in ten");
    return [
      check(
        "C3",
        "share of CBO runs that end within 0.5 of the minimum",
        cbo.success,
        { atLeast: 0.9 },
        most,
      ),
      check(
        "C3",
        "share of hopping runs that end within 0.5 of the minimum",
        hopping.success,
        { atLeast: 0.9 },
        most,
      ),
      check(
        "C3",
        "distance from the minimum at which gradient descent ends",
        Math.hypot(descentEnd.p, descentEnd.q),
        { atLeast: 1 },
        criterion("stuck means at least twice the success radius away"),
      ),
      check(
        "C3",
        "share of Langevin runs that end within 0.5 of the minimum",
        langevin.success,
        { between: [0.05, 0.8] },
        criterion("“sometimes” is more often than 1 in 20 and less often than 4 in 5"),
      ),
      check(
        "C1",
        "largest median distance of CBO’s consensus points from the valley floor, steps 100, 150, 200",
        Math.max(...floor),
        { atMost: 0.35 },
        criterion(
          "half of 0.70, the distance at which the valley’s walls reach half their height: inside the valley",
        ),
      ),
      ourCheck(
        "share of CBO runs that succeed with half the noise",
        quiet.success,
        { atMost: 0.1 },
        criterion(
          "without enough noise the barriers should hold back nine runs in ten: exploration is what helps",
        ),
      ),
      ourCheck(
        "distance of gradient descent’s end point from (2.336, 2.466)",
        Math.hypot(descentEnd.p - 2.336, descentEnd.q - 2.466),
        { atMost: 0.01 },
        criterion("an independent program with central differences ends there, to three decimal places"),
      ),
    ];
  },

  present({ outcomes, quiet, descentEnd, floor }) {
    const [cbo, hopping, , langevin] = outcomes;
    const share = ({ success, runs }: Outcome) => `${Math.round(success * runs)} of ${runs}`;
    return {
      headline: `CBO reaches the global minimum in ${share(cbo)} runs and consensus hopping in ${share(hopping)}; gradient descent gets stuck at f = ${formatRounded(descentEnd.value)}, and Langevin dynamics succeeds in ${share(langevin)}.`,
      summary: [
        `All runs start at (${START}, ${START}) and use the figures’ parameters: 200 particles and 250 steps for CBO and hopping, 10,000 gradients for the others. Gradient descent ends at (${formatRounded(descentEnd.p)}, ${formatRounded(descentEnd.q)}), the first local minimum on the floor of the valley.`,
        `CBO’s consensus points move along the floor as a gradient method would: their median distance from it is ${floor.map(formatRounded).join(", ")} at steps 100, 150 and 200, and the valley is 1.4 wide at half the height of its walls.`,
        `With half the noise, ${share(quiet)} CBO runs succeed: exploration crosses the barriers, not the drift.`,
        `One run of CBO or hopping evaluates f 50,000 times; a gradient run takes 10,000 gradients, or 40,000 evaluations by central differences.`,
      ],
      captions: {
        canyon:
          "Consensus points at every tenth step, particles of one run at the end, and the path of gradient descent, which stops at the first barrier. Level lines are at f = 5, 10, 20, …, 50.",
        distance:
          "Consensus-based methods pass the barriers one after another; gradient descent stays behind the first, and Langevin runs stop at different ones.",
      },
      tables: [
        tableOf(
          "outcomes",
          "Runs that reach the global minimum",
          { method: "method", runs: "runs", success: "share within 0.5", near: "share within 1" },
          [...outcomes, quiet],
        ),
      ],
    };
  },
});
