import {
  type Check,
  Collector,
  type ExperimentEvent,
  type PlotData,
  type Profile,
  plotData,
  type RunReport,
  type Table,
} from "@gradus/papers";
import type { ExperimentView } from "#lib/views.ts";
import { changedParameters, fieldProblem, fieldText, seedProblem } from "./fields.ts";
import type { LabFailure } from "./protocol.ts";
import type { FormTexts } from "./share.ts";

/** A run that was cut short and can be gone on from. */
export interface Resumable {
  /** Milliseconds spent so far. */
  readonly elapsed: number;
  readonly form: FormTexts;
}

/** With what a run was begun. */
export interface RunStartSettings {
  readonly profile: Profile;
  /** The parameters that were not the profile's. */
  readonly changed: readonly string[];
}

export type RunStatus = "idle" | "queued" | "running" | "done" | "stopped" | "failed";

/** One experiment on a paper's page: its form, and what its latest run shows. */
export class ExperimentState {
  readonly view: ExperimentView;
  profile = $state<Profile>("quick");
  seed = $state("1");
  /** The form's texts by parameter. */
  texts = $state<Record<string, string>>({});
  status = $state<RunStatus>("idle");
  stopping = $state(false);
  /** Whether it is unfolded on the page. */
  open = $state(false);
  resumable = $state.raw<Resumable>();
  fraction = $state(0);
  message = $state("");
  failure = $state.raw<LabFailure>();
  report = $state.raw<RunReport>();
  checks = $state.raw<readonly Check[]>([]);
  tables = $state.raw<readonly Table[]>([]);
  notes = $state.raw<readonly string[]>([]);
  /** With what the latest run was begun: the form may have been edited since. */
  begun = $state.raw<RunStartSettings>({ profile: "quick", changed: [] });
  /** Grows with every batch of points; the points themselves are too many to be watched one by one. */
  revision = $state(0);
  private collector = new Collector();
  /** What the official run drew, by plot: shown until a run here draws. */
  measured = $state.raw<Readonly<Record<string, PlotData>>>({});

  /** Whether a run has begun to show something. */
  readonly shows = $derived(this.revision > 0);
  readonly busy = $derived(this.status === "running" || this.status === "queued");
  readonly changed = $derived.by(() => {
    try {
      return Object.keys(changedParameters(this.view.fields, this.texts, this.profile));
    } catch {
      return [];
    }
  });

  /** Whether the run that is shown has parameters of its own, and not the paper's. */
  readonly modified = $derived(this.shows && (this.report?.modified ?? this.begun.changed.length > 0));
  /** Whether a run is under way, or waits, that will count for the paper's claims. */
  readonly measuring = $derived(
    this.busy && (this.status === "running" ? this.begun.changed : this.changed).length === 0,
  );

  /** What is wrong with the form's texts, by parameter; `seed` too. */
  readonly problems: Readonly<Record<string, string | undefined>> = $derived.by(() => ({
    ...Object.fromEntries(
      this.view.fields.map((field) => [field.name, fieldProblem(field, this.texts[field.name])]),
    ),
    seed: seedProblem(this.seed),
  }));

  constructor(view: ExperimentView) {
    this.view = view;
    this.resetForm();
  }

  /** Puts the paper's values back into the form. */
  resetForm(): void {
    this.texts = Object.fromEntries(
      this.view.fields.map((field) => [field.name, fieldText(field.values[this.profile])]),
    );
    this.failure = undefined;
  }

  /** Fills the form, as far as a browser can run what it says. */
  fill({ profile, seed, texts }: FormTexts): void {
    this.profile = profile;
    this.seed = seed;
    this.resetForm();
    for (const { name, dataDirectory } of this.view.fields)
      if (!dataDirectory && texts[name] !== undefined) this.texts[name] = texts[name];
  }

  setProfile(profile: Profile): void {
    this.profile = profile;
    this.resetForm();
  }

  begin(): void {
    this.open = true;
    this.collector = new Collector();
    this.begun = { profile: this.profile, changed: this.changed };
    this.status = "running";
    this.stopping = false;
    this.fraction = 0;
    this.message = this.view.graph ? "loading the graph engine" : "starting";
    this.failure = undefined;
    this.report = undefined;
    this.checks = [];
    this.tables = [];
    this.notes = [];
    this.revision += 1;
  }

  take(events: readonly ExperimentEvent[]): void {
    for (const event of events) {
      this.collector.add(event);
      if (event.kind === "progress") {
        this.fraction = event.fraction;
        this.message = event.message;
      } else if (event.kind === "note") this.notes = [...this.collector.notes];
      else if (event.kind === "points" || event.kind === "matrix") this.revision += 1;
    }
  }

  /** Shows a run that ended earlier. */
  show(report: RunReport): void {
    this.begin();
    for (const [plot, series] of Object.entries(report.series))
      for (const [name, points] of Object.entries(series))
        this.collector.add({ kind: "points", plot, series: name, points });
    for (const [plot, series] of Object.entries(report.matrices ?? {}))
      for (const [name, matrix] of Object.entries(series))
        this.collector.add({ kind: "matrix", plot, series: name, matrix });
    this.notes = report.notes;
    this.finish(report);
  }

  finish(report: RunReport): void {
    this.report = report;
    this.checks = report.checks;
    this.tables = report.tables;
    this.resumable = undefined;
    this.fraction = 1;
    this.status = "done";
    this.revision += 1;
  }

  /** Ends a run without a report; where it drew nothing, what was there before it is shown again. */
  end(status: "stopped" | "failed", failure?: LabFailure): void {
    this.status = status;
    this.failure = failure;
    const { series, matrices } = this.collector;
    if (Object.keys(series).length + Object.keys(matrices).length === 0) this.revision = 0;
  }

  /** The points of a plot up to now. Read `revision` first to hear of new ones. */
  points(plot: string): PlotData {
    return this.shows ? plotData(this.collector, plot) : (this.measured[plot] ?? {});
  }

  /** What is to be seen in a plot, once it is measured. */
  caption(plot: string): string | undefined {
    return this.shows ? this.report?.captions[plot] : this.view.measured?.captions[plot];
  }
}
