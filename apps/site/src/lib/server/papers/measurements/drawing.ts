import { type FileOptions, figureFile } from "@gradus/figures/svg-text";
import type { Paper, PlotSpecification } from "@gradus/papers";
import {
  CARD_HEIGHT,
  type FigureWidth,
  LIST_HEIGHT,
  LIST_WIDTH,
  PADDING,
  WIDTHS,
} from "#lib/lab/figure/figure-sizes.ts";
import { expectedOutline } from "#lib/lab/figure/outline.ts";
import { measuredFigures } from "#lib/lab/measured/load.ts";
import { firstPlot, officialPlot, plotOf } from "./figures.ts";

const IN_PAGE = { title: false, padding: PADDING } as const;

/** What a figure is drawn for: a file of its own, a page that has its title, a card on that page, a list. */
const FORMS = {
  file: {},
  page: IN_PAGE,
  card: { ...IN_PAGE, total: CARD_HEIGHT },
  list: { title: false, background: false, width: LIST_WIDTH, total: LIST_HEIGHT, padding: 4, legend: 2 },
  preview: { title: false, background: false, width: 560, height: 220, legend: 4 },
} as const satisfies Record<string, FileOptions>;

export type FigureUse = keyof typeof FORMS;

export function isFigureUse(name: string): name is FigureUse {
  return Object.hasOwn(FORMS, name);
}

export function isFigureWidth(width: number): width is FigureWidth {
  return WIDTHS.some((one) => one === width);
}

/** How a figure is drawn for a form, of a width where the form has not its own. */
export function drawingOptions(form: FigureUse, width?: FigureWidth): FileOptions {
  return { ...(width && { width }), ...FORMS[form] };
}

/** Drawn ones; there are as many as the registry has plots, in each form and width. */
const drawn = new Map<string, string>();

/** What draws a file once. */
function once(name: string, draw: () => string | undefined): string | undefined {
  const kept = drawn.get(name);
  if (kept !== undefined) return kept;
  const file = draw();
  if (file !== undefined) drawn.set(name, file);
  return file;
}

/** An official figure as the text of an SVG file, drawn at the first call; undefined where there is none. */
export async function officialFigure(
  paper: string,
  experiment: string,
  plot: string,
  form: FigureUse = "file",
  width?: FigureWidth,
): Promise<string | undefined> {
  const found = await officialPlot(paper, experiment, plot);
  return once(
    [paper, experiment, plot, form, width].join("/"),
    () => found && figureFile(found.plot, found.data, drawingOptions(form, width)),
  );
}

/** The frame of a figure that was not measured. */
function figureFrame(plot: PlotSpecification, options: FileOptions): string | undefined {
  return figureFile(plot, {}, { ...options, outline: expectedOutline(plot), nameRoom: 0 });
}

/** The frame of a plot of the registry as the text of an SVG file; undefined where there is no such plot. */
export async function plotFrame(
  paper: string,
  experiment: string,
  plotId: string,
  form: FigureUse,
  width?: FigureWidth,
): Promise<string | undefined> {
  const plot = await plotOf(paper, experiment, plotId);
  return once(
    [paper, experiment, plotId, "frame", form, width].join("/"),
    () => plot && figureFrame(plot, drawingOptions(form, width)),
  );
}

/** Where an official figure is, without form and width. */
export function figurePath(paper: string, experiment: string, plot: string): string {
  return `/figures/${paper}/${experiment}/${plot}`;
}

/** An official figure, and the run that drew it. */
export interface FirstFigure {
  readonly experiment: string;
  readonly plot: string;
  /** ISO instant of the run. */
  readonly of: string;
}

/** A paper's first official figure, of a run that began at one of these instants. */
export async function firstFigure(
  paper: Paper,
  instants: ReadonlySet<string>,
): Promise<FirstFigure | undefined> {
  const figures = await measuredFigures(paper.slug);
  for (const entry of paper.experiments) {
    const of = figures[entry.id]?.startedAt;
    if (!instants.has(of)) continue;
    const plot = await firstPlot(paper, await entry.load());
    if (plot !== undefined) return { experiment: entry.id, plot, of };
  }
  return undefined;
}

/**
 * The address of a paper's first official figure. It names the run: what a browser keeps of an earlier one is not shown
 * for it.
 */
export async function listFigure(paper: Paper, instants: ReadonlySet<string>): Promise<string | undefined> {
  const first = await firstFigure(paper, instants);
  return first && `${figurePath(paper.slug, first.experiment, first.plot)}.svg?form=list&of=${first.of}`;
}
