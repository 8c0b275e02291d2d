import { curve, type ExperimentEvent, type PlotSpecification, point, points } from "../experiment.ts";
import { dotPlot, logAxis } from "../shared/plots.ts";
import type { Run } from "./descend.ts";

const series = { trace: "Tr G", frobenius: "‖G‖_F", lambdaMax: "λ₁(G)" } as const;
const edge = "2/η";
const begin = "Tr G at the start";
const bound = "SGD's bound";

/** What the norm panel of a model shows, and against what. */
export interface NormPanel {
  /** The norm's name. */
  readonly norm: string;
  /** What the axis of the test error and the norm holds. */
  readonly rate: string;
  /** The factor on SGD's learning rates on that axis. */
  readonly factor: number;
  /** SGD's norm is at most this over its place on the axis. */
  readonly bound: number;
}

/** Sharpness against the learning rate, a panel per method, both with the line 2/eta over all learning rates. */
export function sharpnessPlots({
  norm,
  rate,
}: Pick<NormPanel, "norm" | "rate">): readonly PlotSpecification[] {
  const panel = (method: string): PlotSpecification =>
    dotPlot(
      `${method.toLowerCase()}-sharpness`,
      `Sharpness of ${method}’s minima`,
      logAxis("learning rate η"),
      logAxis("size of G"),
      { series: Object.values(series), references: [edge, begin] },
    );
  return [
    panel("SGD"),
    panel("GD"),
    dotPlot("error", "Test error", logAxis(rate), logAxis("half the mean squared error on new inputs"), {
      series: ["SGD", "GD"],
    }),
    dotPlot("norm", `${norm} of the minima`, logAxis(rate), logAxis(norm), {
      series: ["SGD", "GD"],
      references: [bound],
    }),
  ];
}

/**
 * The lines 2/eta and the trace at the start, in both panels and over all learning rates, so that the panels have about
 * the same limits; and the bound of the norm.
 */
export function* edgeLines(
  rates: { readonly sgd: readonly number[]; readonly gd: readonly number[] },
  panel: Pick<NormPanel, "factor" | "bound">,
  startTrace: number,
): Generator<ExperimentEvent> {
  const all = [...rates.sgd, ...rates.gd];
  const ends = [Math.min(...all), Math.max(...all)].map((eta) => ({ x: eta, y: 2 / eta }));
  const level = ends.map(({ x }) => ({ x, y: startTrace }));
  for (const plot of ["sgd-sharpness", "gd-sharpness"]) {
    yield points(plot, edge, ends);
    yield points(plot, begin, level);
  }
  yield curve("norm", bound, [Math.min(...rates.sgd), Math.max(...rates.sgd)], (eta) => {
    const x = panel.factor * eta;
    return { x, y: panel.bound / x };
  });
}

/** One run's points in all four panels. */
export function* runPoints(
  { method, rate, minimum }: Run,
  { factor }: Pick<NormPanel, "factor">,
): Generator<ExperimentEvent> {
  for (const size of ["trace", "frobenius", "lambdaMax"] as const)
    yield point(`${method.toLowerCase()}-sharpness`, series[size], rate, minimum[size]);
  const x = method === "SGD" ? factor * rate : rate;
  yield point("error", method, x, minimum.error);
  yield point("norm", method, x, minimum.norm);
}
