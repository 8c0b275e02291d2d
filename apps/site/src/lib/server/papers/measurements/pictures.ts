import { figurePlan } from "@gradus/figures/svg-text";
import type { Experiment, PlotSpecification } from "@gradus/papers";
import { WIDTHS } from "#lib/lab/figure/figure-sizes.ts";
import { expectedOutline } from "#lib/lab/figure/outline.ts";
import type { PictureSize, PictureView } from "#lib/views.ts";
import { drawingOptions, type FigureUse, figurePath } from "./drawing.ts";
import { type OfficialPlot, officialPlot } from "./figures.ts";

/** To a hundredth: the pages' data stay short, and nobody sees less. */
const rounded = (pixels: number) => Math.round(pixels * 100) / 100;

function view(
  plot: PlotSpecification,
  address: string,
  official: OfficialPlot | undefined,
  onCard: boolean,
): PictureView | undefined {
  const { data, startedAt } = official ?? {};
  const expected = data ? {} : { outline: expectedOutline(plot), nameRoom: 0 };
  const plans = (form: FigureUse) =>
    WIDTHS.flatMap(
      (width) => figurePlan(plot, data ?? {}, { ...drawingOptions(form, width), ...expected }) ?? [],
    );
  const sizes = (form: FigureUse) =>
    plans(form).map(({ height, nameRoom }): PictureSize => [height, rounded(nameRoom)]);
  const page = plans("page");
  // Frames of heat maps have no size: it is that of their matrices.
  if (page.length < WIDTHS.length) return undefined;
  return {
    address,
    ...(startedAt && { of: startedAt }),
    blank: !data,
    outline: page[0].outline,
    page: page.map(({ height, nameRoom }): PictureSize => [height, rounded(nameRoom)]),
    ...(onCard && { card: sizes("card") }),
  };
}

async function makeViews(
  paper: string,
  { id: experiment, plots }: Pick<Experiment, "id" | "plots">,
  measured: boolean,
): Promise<Record<string, PictureView>> {
  const official = await Promise.all(
    plots.map(({ id }) => (measured ? officialPlot(paper, experiment, id) : undefined)),
  );
  const onCard = Math.max(
    0,
    official.findIndex((one) => one !== undefined),
  );
  const views = plots.flatMap((plot, i) => {
    const one = view(plot, figurePath(paper, experiment, plot.id), official[i], i === onCard);
    return one ? [[plot.id, one] as const] : [];
  });
  return Object.fromEntries(views);
}

/** Neither figures nor registry change while the site runs. */
const kept = new Map<string, Promise<Record<string, PictureView>>>();

/**
 * What a page needs to know of an experiment's figures to have room for them: of those that the official run drew, and
 * of frames for the others. With `measured` false all are frames.
 */
export function pictureViews(
  paper: string,
  experiment: Pick<Experiment, "id" | "plots">,
  measured = true,
): Promise<Record<string, PictureView>> {
  const key = `${paper}/${experiment.id}/${measured}`;
  let views = kept.get(key);
  if (!views) {
    views = makeViews(paper, experiment, measured);
    kept.set(key, views);
    views.catch(() => kept.delete(key));
  }
  return views;
}
