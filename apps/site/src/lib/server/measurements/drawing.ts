import { type FileOptions, figureFile } from "@gradus/figures/svg-text";
import type { Paper } from "@gradus/papers";
import { measuredFigures } from "#lib/lab/measured/load.ts";
import { measuredView, officialPlot } from "./figures.ts";

/** What an official figure is drawn for: a file of its own, a page that has its title, a card on that page, a list. */
const FORMS = {
  file: {},
  page: { title: false },
  card: { title: false, width: 366, height: 224 },
  list: { title: false, legend: false, background: false, width: 280, height: 170 },
} as const satisfies Record<string, FileOptions>;

export type Form = keyof typeof FORMS;

export function isForm(name: string): name is Form {
  return Object.hasOwn(FORMS, name);
}

/** Drawn ones; there are as many as the registry has plots, in each form. */
const drawn = new Map<string, string>();

/** An official figure as the text of an SVG file, drawn at the first call; undefined where there is none. */
export async function officialFigure(
  paper: string,
  experiment: string,
  plot: string,
  form: Form = "file",
): Promise<string | undefined> {
  const name = `${paper}/${experiment}/${plot}/${form}`;
  const kept = drawn.get(name);
  if (kept !== undefined) return kept;
  const found = await officialPlot(paper, experiment, plot);
  const file = found && figureFile(found.plot, found.data, FORMS[form]);
  if (file !== undefined) drawn.set(name, file);
  return file;
}

/** Where an official figure is. */
export function figureAddress(paper: string, experiment: string, plot: string, form: Form): string {
  return `/figures/${paper}/${experiment}/${plot}.svg${form === "file" ? "" : `?form=${form}`}`;
}

/** The address of a paper's first official figure, of a run that began at one of these instants. */
export async function listFigure(paper: Paper, instants: ReadonlySet<string>): Promise<string | undefined> {
  const figures = await measuredFigures(paper.slug);
  for (const entry of paper.experiments) {
    if (!instants.has(figures[entry.id]?.startedAt)) continue;
    const view = await measuredView(paper, await entry.load());
    const plot = view?.plots[0];
    if (plot !== undefined) return figureAddress(paper.slug, entry.id, plot, "list");
  }
  return undefined;
}
