import type { Outline } from "@gradus/figures";
import type { PlotSpecification, Profile } from "@gradus/papers";
import type { ExperimentView } from "#lib/views.ts";

/** What a plot says of its figure before anything is measured. */
export function expectedOutline({ series = [], references = [] }: PlotSpecification): Outline {
  return { series: [...series, ...references], categories: [] };
}

/** An experiment and with what its run was begun. */
interface BegunRun {
  readonly view: ExperimentView;
  readonly begun: {
    readonly profile: Profile;
    /** The parameters that were not the profile's. */
    readonly changed: readonly string[];
  };
}

/**
 * What a run of an experiment is expected to draw: with the official run's parameters what that one drew, with other
 * ones nothing that is known.
 */
export function runOutline(
  { begun: { changed, profile }, view: { pictures, measured } }: BegunRun,
  plot: PlotSpecification,
): Outline {
  if (changed.length > 0) return { series: [], categories: [] };
  const picture = pictures[plot.id];
  return picture && !picture.blank && measured?.profile === profile ? picture.outline : expectedOutline(plot);
}
