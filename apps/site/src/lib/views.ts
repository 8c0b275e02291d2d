import type { Outline } from "@gradus/figures";
import type {
  Claim,
  ClaimVerdict,
  Environment,
  PlotSpecification,
  Profile,
  SeedCheck,
  Verdict,
} from "@gradus/papers";
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
  /** The official verdict on each claim, where any was measured. */
  readonly official?: readonly Verdict[];
  /** The address of a picture of what was measured. */
  readonly figure?: string;
}

/** A topic, as links to it need it. */
export interface TopicView {
  readonly slug: string;
  readonly label: string;
}

/** When papers last came in, and whether that is too long ago. */
export interface LastIngestionView {
  /** "3 h ago". */
  readonly label: string;
  readonly instant: string;
  readonly stale: boolean;
}

/** What a list shows of a paper as HTML, with the words that a search found marked. */
export interface EntryHtml {
  readonly title: string;
  /** The beginning of the abstract. */
  readonly excerpt: string;
}

/** A paper in a list. */
export interface ListEntry {
  readonly rank: number;
  readonly arxivId: string;
  readonly title: string;
  /** Missing where the page itself has it (`sent-html.ts`). */
  readonly html?: EntryHtml;
  /** The first authors, by whom the paper is known. */
  readonly authors: readonly string[];
  /** How many others there are. */
  readonly moreAuthors: number;
  /** "3 authors". */
  readonly authorsCount: string;
  readonly published: DateView;
  /** The primary category on arXiv, such as "math.OC", where it is known. */
  readonly category: string | null;
  readonly codeUrl: string | null;
  readonly votes: number;
  readonly topics: readonly TopicView[];
  /** Who brought the paper here, when that is a person with a name. */
  readonly submitter?: string;
  readonly runnable?: RunnableSummary;
}

/** A day, week or month that can be gone to. */
export interface PeriodLink {
  readonly path: string;
  readonly label: string;
}

/** A list of papers. */
export interface ListView {
  readonly kind: "day" | "week" | "month" | "trending";
  readonly heading: string;
  /** Its address without parameters. */
  readonly path: string;
  /** For `<time>`: the day, week or month. */
  readonly datetime?: string;
  /** The day from which the other views of the same time are reached. */
  readonly day?: string;
  /** The month around that day: how many papers each day has that has any. */
  readonly calendar?: Readonly<Record<string, number>>;
  /** Missing when papers have never come from anywhere but the seed. */
  readonly updated?: LastIngestionView;
  readonly entries: readonly ListEntry[];
  readonly sort: "top" | "trending" | "new";
  /** The order of the list when none is asked for. */
  readonly usualSort: "top" | "trending" | "new";
  readonly topics: readonly { readonly slug: string; readonly label: string; readonly chosen: boolean }[];
  readonly runnableOnly: boolean;
  readonly minVotes: number;
  /** From 0. */
  readonly page: number;
  readonly pages: number;
  /** Papers on all pages of this list. */
  readonly listed: number;
  /** Papers of the same topics whether they run here or not, and those that run. */
  readonly total: number;
  readonly runnable: number;
  readonly previous?: PeriodLink;
  readonly next?: PeriodLink;
  /** What was wrong with query parameters. */
  readonly notices: readonly string[];
}

/** What a search found. */
export interface SearchView {
  /** The query as it was searched for; empty when none was given. */
  readonly text: string;
  /** Whether only its first 250 characters were used. */
  readonly cut: boolean;
  readonly entries: readonly ListEntry[];
  readonly sort: "relevance" | "trending" | "new";
  readonly topics: ListView["topics"];
  readonly runnableOnly: boolean;
  /** Days between which papers were published. */
  readonly from?: string;
  readonly to?: string;
  readonly page: number;
  readonly pages: number;
  /** Papers on all pages: the results, then those that are less related to the query. */
  readonly listed: number;
  /** Results. */
  readonly total: number;
  /** Results whether they run here or not, and those that run. */
  readonly all: number;
  readonly runnable: number;
  /** The identifier that the whole query is, and whether its paper is here. */
  readonly identifier?: { readonly arxivId: string; readonly known: boolean };
  /** Words of the query that no paper has, and for which those spelled like them were searched for. */
  readonly misspelled: readonly string[];
  readonly suggestions: readonly string[];
  readonly notices: readonly string[];
}

/** What an official run drew, before its points are loaded. */
export interface MeasuredView {
  readonly profile: Profile;
  readonly seed: number;
  readonly on: DateView;
  /** What was found, in one sentence. */
  readonly headline: string;
  readonly captions: Readonly<Record<string, string>>;
  readonly summary: readonly string[];
  readonly notes: readonly string[];
  /** The titles of its tables. */
  readonly tables: readonly string[];
  /** The plots that it drew. */
  readonly plots: readonly string[];
}

/** A figure that the server draws, of one width: its height, and the room right of it for names, both in pixels. */
export type PictureSize = readonly [height: number, nameRoom: number];

/** A figure that the server draws: a page has the same room for it before and after it is drawn anew. */
export interface PictureView {
  /** Without ending, form and width: `/figures/anyloss/targeting/gain`. */
  readonly address: string;
  /**
   * ISO instant of the run that drew it, which its address has too: what a browser keeps of an earlier run is not shown
   * for it.
   */
  readonly of?: string;
  /** Whether it is a frame of what a run will draw. */
  readonly blank: boolean;
  readonly outline: Outline;
  /** In the order of the widths for which figures are drawn. */
  readonly page: readonly PictureSize[];
  /** On the card beside the abstract, where it is shown there. */
  readonly card?: readonly PictureSize[];
}

/** An experiment before its code is loaded: what its form and its empty figures need. */
export interface ExperimentView {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly claims: readonly string[];
  readonly graph: boolean;
  /** Nothing is random: there is no seed to choose. */
  readonly seedless: boolean;
  readonly seconds: Readonly<Record<Profile, number>>;
  readonly plots: readonly PlotSpecification[];
  /** By plot: what the official run drew, or an empty frame; none where the size depends on what a run finds. */
  readonly pictures: Readonly<Record<string, PictureView>>;
  readonly fields: readonly Field[];
  /** Of its official run, where it was run as it is now. */
  readonly measured?: MeasuredView;
}

/** The program with which an engineer starts on a paper. */
export interface UseView {
  readonly code: string;
  /** The same with its words marked for the eye. */
  readonly html: string;
  /** What it imports, and where each name is documented. */
  readonly names: readonly { readonly name: string; readonly href: string }[];
}

/** What makes a paper runnable. */
export interface RunnableView {
  readonly slug: string;
  /** The version of gradus that runs it here. */
  readonly version: string;
  /** What was found, in one sentence. */
  readonly headline?: string;
  readonly use: UseView;
  readonly claims: readonly Claim[];
  readonly remarks: readonly { readonly title: string; readonly text: readonly string[] }[];
  readonly experiments: readonly ExperimentView[];
}

/** An experiment's official measurement: over how many seeds, where, when, and what no claim rests on. */
export interface OfficialMeasurement {
  readonly experiment: string;
  readonly profile: Profile;
  readonly seeds: number;
  /** Checks that no claim rests on. */
  readonly ours: readonly SeedCheck[];
  readonly environment: Environment;
  /** The version of gradus that measured. */
  readonly version: string;
  readonly on: DateView;
  /** Compute time of all seeds. */
  readonly seconds: number;
}

/** The official verdicts on a claim, by profile; none where nothing was measured. */
export interface OfficialClaim {
  readonly claim: string;
  readonly quick?: ClaimVerdict;
  readonly full?: ClaimVerdict;
}

/** A run that a reader sent, as everybody sees it. */
export interface ReaderReport {
  readonly id: number;
  readonly experiment: string;
  readonly profile: Profile;
  readonly seed: number;
  /** The version of gradus that ran it. */
  readonly version: string;
  readonly environment: Environment;
  readonly checks: { readonly held: number; readonly of: number };
  readonly on: DateView;
  /** What its sender says of it, where a moderator has published that. */
  readonly note?: string;
}

/** The figures of a check in the quick runs that readers sent. */
export interface ReaderFigures {
  readonly experiment: string;
  readonly label: string;
  readonly measured: readonly number[];
}

/** What readers report of a paper. */
export interface ReaderReports {
  /** How many reports there are. */
  readonly total: number;
  readonly latest: readonly ReaderReport[];
  readonly figures: readonly ReaderFigures[];
}

/** A paper that is near another by what it is about. */
export interface RelatedPaper {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: string;
  readonly runnable: boolean;
}

/** A paper's own page. */
export interface PaperView {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: readonly string[];
  readonly published: DateView;
  /** The latest version of which arXiv told, when it is not the first. */
  readonly latest: {
    readonly version: number;
    readonly updated: DateView | null;
    /** What is other than in the version before it, where both are kept: "title, abstract", or "" where neither is. */
    readonly changed?: { readonly since: number; readonly what: string };
  } | null;
  readonly featured: (DateView & { readonly day: string }) | null;
  readonly abstractHtml: string;
  readonly abstractText: string;
  readonly votes: number;
  /** The TeX of its formulas, in their order. */
  readonly formulas: readonly string[];
  /** The primary category on arXiv, such as "math.OC", where it is known. */
  readonly category: string | null;
  readonly codeUrl: string | null;
  readonly projectUrl: string | null;
  /** Whether arXiv, or the paper's text there, says that it was withdrawn. */
  readonly withdrawn: boolean;
  /** As files for reference managers. */
  readonly citations: readonly {
    readonly label: string;
    readonly name: string;
    readonly mediaType: string;
    readonly text: string;
  }[];
  readonly topics: readonly { readonly slug: string; readonly label: string }[];
  readonly related: readonly RelatedPaper[];
  /** The version that the address asks for, and whether its own text is shown. */
  readonly version?: { readonly number: number; readonly shown: boolean };
  readonly runnable?: RunnableView;
  /** In the order of the paper's claims. */
  readonly official: readonly OfficialClaim[];
  readonly measurements: readonly OfficialMeasurement[];
  readonly reports: ReaderReports;
}
