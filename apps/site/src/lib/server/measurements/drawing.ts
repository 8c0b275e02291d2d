import { figureFile } from "@gradus/figures/svg-text";
import { officialPlot } from "./figures.ts";

/** Drawn ones; there are as many as the registry has plots. */
const drawn = new Map<string, string>();

/** An official figure as the text of an SVG file, drawn at the first call; undefined where there is none. */
export async function officialFigure(
  paper: string,
  experiment: string,
  plot: string,
): Promise<string | undefined> {
  const name = `${paper}/${experiment}/${plot}`;
  const kept = drawn.get(name);
  if (kept !== undefined) return kept;
  const found = await officialPlot(paper, experiment, plot);
  const file = found && figureFile(found.plot, found.data);
  if (file !== undefined) drawn.set(name, file);
  return file;
}
