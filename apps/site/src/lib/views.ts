import type { Claim, PlotSpecification, Profile } from "@gradus/papers";
import type { Field } from "#lib/lab/fields.ts";

/** A date as it is printed, and the instant that it stands for. */
export interface DateView {
  readonly label: string;
  readonly instant: string;
}

/** What lists need to show the marks of a runnable paper. */
export interface RunnableSummary {
  readonly slug: string;
  readonly claims: readonly string[];
}

/** A paper in a list. */
export interface FeedEntry {
  readonly rank: number;
  readonly arxivId: string;
  readonly title: string;
  /** "A, B, C and 3 more". */
  readonly authors: string;
  /** "3 authors". */
  readonly authorsCount: string;
  readonly published: DateView;
  readonly excerptHtml: string;
  readonly codeUrl: string | null;
  readonly runnable?: RunnableSummary;
}

/** A day that can be gone to. */
export interface DayLink {
  readonly day: string;
  readonly label: string;
}

/** The list of a day. */
export interface FeedView {
  readonly day: string;
  readonly heading: string;
  readonly entries: readonly FeedEntry[];
  readonly previous?: DayLink;
  readonly next?: DayLink;
  readonly runnableOnly: boolean;
  /** Papers of the day, and those of them that run here. */
  readonly total: number;
  readonly runnable: number;
  /** What was wrong with a query parameter. */
  readonly notice?: string;
}

/** An experiment before its code is loaded: what its form and its empty figures need. */
export interface ExperimentView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly string[];
  readonly graph: boolean;
  readonly seconds: Readonly<Record<Profile, number>>;
  readonly plots: readonly PlotSpecification[];
  readonly fields: readonly Field[];
}

/** What makes a paper runnable. */
export interface RunnableView {
  readonly slug: string;
  readonly use: string;
  readonly claims: readonly Claim[];
  readonly remarks: readonly { readonly title: string; readonly text: readonly string[] }[];
  readonly experiments: readonly ExperimentView[];
}

/** A paper's own page. */
export interface PaperView {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: readonly string[];
  readonly published: DateView;
  readonly featured: (DateView & { readonly day: string }) | null;
  readonly abstractHtml: string;
  readonly abstractText: string;
  readonly codeUrl: string | null;
  readonly bibtex: string;
  /** The version that the address asks for. */
  readonly version?: number;
  readonly runnable?: RunnableView;
}
