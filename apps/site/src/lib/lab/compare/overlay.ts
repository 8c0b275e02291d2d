import type { Matrix, PlotData, PlotSpecification, Point } from "@gradus/papers";

/** A plot with what two runs measured in it. */
export interface Overlay {
  readonly plot: PlotSpecification;
  readonly data: PlotData;
}

/** The name of a series of one of the two runs. */
const named = (series: string, run: "A" | "B") => `${series} (${run})`;

const same = (a: readonly Point[] | Matrix | undefined, b: readonly Point[] | Matrix | undefined) =>
  JSON.stringify(a) === JSON.stringify(b);

/**
 * Lays what two runs of one experiment measured over each other in one plot: a series that both measured alike is
 * drawn once under its own name, others once for each run, next to each other and in one color. Matrices of heat maps stand side by side.
 */
export function overlay(plot: PlotSpecification, a: PlotData, b: PlotData): Overlay {
  const order = [...new Set([...(plot.series ?? []), ...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => name in a || name in b,
  );
  const data: Record<string, readonly Point[] | Matrix> = {};
  const names = new Map<string, readonly string[]>();
  for (const name of order) {
    if (same(a[name], b[name])) {
      data[name] = a[name];
      names.set(name, [name]);
      continue;
    }
    const both = [
      ["A", a[name]],
      ["B", b[name]],
    ] as const;
    const present = both.flatMap(([run, series]) => (series === undefined ? [] : [{ run, series }]));
    for (const { run, series } of present) data[named(name, run)] = series;
    names.set(
      name,
      present.map(({ run }) => named(name, run)),
    );
  }
  const ofPlot = Object.entries(plot.variants ?? {}).flatMap(([name, base]) => {
    const bases = names.get(base) ?? [];
    return (names.get(name) ?? []).map((one, i) => [one, bases[i] ?? bases[0] ?? base]);
  });
  // B has A's color, dashed or in outlines, where that does not stand for something else already.
  const ofRuns = [...names.values()].flatMap(([one, other]) => (other === undefined ? [] : [[other, one]]));
  const variants = ofPlot.length > 0 ? ofPlot : ofRuns;
  const all = (list: readonly string[] | undefined) => list?.flatMap((name) => names.get(name) ?? []);
  return {
    plot: {
      ...plot,
      series: order.flatMap((name) => names.get(name) ?? []),
      references: all(plot.references),
      stems: all(plot.stems),
      arrows: all(plot.arrows),
      variants: Object.fromEntries(variants),
    },
    data,
  };
}
