import {
  type Experiment,
  judged,
  type Paper,
  type PlotData,
  type PlotSpecification,
  papers as registry,
  resolveParameters,
} from "@gradus/papers";
import { longDate } from "#lib/days.ts";
import { type MeasuredFigures, measuredFindings, measuredPlot } from "#lib/lab/measured/figures.ts";
import { measuredFigures } from "#lib/lab/measured/load.ts";
import type { MeasuredView } from "#lib/views.ts";

/** What an experiment's official run drew, where it was run as its profile is now. */
async function current(paper: string, experiment: Experiment): Promise<MeasuredFigures | undefined> {
  const { [experiment.id]: figures } = await measuredFigures(paper);
  if (!figures) return undefined;
  const wanted = resolveParameters(experiment, figures.profile);
  return JSON.stringify(wanted) === JSON.stringify(figures.parameters) ? figures : undefined;
}

/** The same, where it can be presented: figures of earlier versions came without findings. */
async function presentable(paper: Paper, experiment: Experiment): Promise<MeasuredFigures | undefined> {
  const figures = await current(paper.slug, experiment);
  return figures?.findings !== undefined && "measure" in experiment ? figures : undefined;
}

function drawnPlots({ plots }: Experiment, figures: MeasuredFigures): readonly string[] {
  return plots.flatMap(({ id }) => (Object.hasOwn(figures.plots, id) ? [id] : []));
}

/** The first plot that an experiment's official run drew. Lists name it, and present no findings, which takes longer. */
export async function firstPlot(paper: Paper, experiment: Experiment): Promise<string | undefined> {
  const figures = await presentable(paper, experiment);
  return figures && drawnPlots(experiment, figures)[0];
}

/** What the page says of an experiment's official figures before it has their points. */
export async function measuredView(paper: Paper, experiment: Experiment): Promise<MeasuredView | undefined> {
  const figures = await presentable(paper, experiment);
  if (!figures) return undefined;
  const { profile, seed, notes, startedAt } = figures;
  const { headline, captions, summary, tables } = judged(experiment, measuredFindings(figures));
  return {
    profile,
    seed,
    headline,
    captions,
    summary,
    notes,
    tables: tables.map(({ title }) => title),
    plots: drawnPlots(experiment, figures),
    on: { label: longDate(new Date(startedAt)), instant: startedAt },
  };
}

async function experimentOf(slug: string, id: string): Promise<Experiment | undefined> {
  const entry = registry.find((paper) => paper.slug === slug)?.experiments.find((one) => one.id === id);
  return entry?.load();
}

/** A plot of the registry. */
export async function plotOf(
  slug: string,
  experimentId: string,
  plotId: string,
): Promise<PlotSpecification | undefined> {
  return (await experimentOf(slug, experimentId))?.plots.find(({ id }) => id === plotId);
}

/** What an official run drew in one of its plots. */
export interface OfficialPlot {
  readonly plot: PlotSpecification;
  readonly data: PlotData;
  /** ISO instant of the run. */
  readonly startedAt: string;
}

/** A plot with what its official run drew; undefined where there is none. */
export async function officialPlot(
  slug: string,
  experimentId: string,
  plotId: string,
): Promise<OfficialPlot | undefined> {
  const experiment = await experimentOf(slug, experimentId);
  const plot = experiment?.plots.find(({ id }) => id === plotId);
  const figures = experiment && (await current(slug, experiment));
  if (!plot || !figures) return undefined;
  const data = measuredPlot(figures, plotId);
  return Object.keys(data).length > 0 ? { plot, data, startedAt: figures.startedAt } : undefined;
}
