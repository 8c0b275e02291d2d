import type { PlotData } from "@gradus/papers";
import { measuredPlot, type PaperFigures } from "./figures.ts";

const files = import.meta.glob<PaperFigures>("../../../../measurements/figures/*.json", {
  import: "default",
});

/** Fetches what the official runs of a paper drew; nothing where there were none. */
export async function measuredFigures(paper: string): Promise<PaperFigures> {
  return (await files[`../../../../measurements/figures/${paper}.json`]?.()) ?? {};
}

/** What the official runs of a paper drew, by experiment and plot. */
export async function measuredPlots(
  paper: string,
): Promise<Readonly<Record<string, Readonly<Record<string, PlotData>>>>> {
  const figures = Object.entries(await measuredFigures(paper));
  return Object.fromEntries(
    figures.map(([experiment, own]) => [
      experiment,
      Object.fromEntries(Object.keys(own.plots).map((plot) => [plot, measuredPlot(own, plot)])),
    ]),
  );
}
