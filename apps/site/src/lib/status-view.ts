import type { DateView, LastIngestionView } from "./views.ts";

/** How a source or a job fares. */
export interface HealthView {
  readonly name: string;
  /** "3 h ago"; missing when it has not succeeded yet. */
  readonly ok?: string;
  /** When it last failed, if that was after its last success. */
  readonly failed?: string;
  /** When what failed is tried again: "in 3 min". */
  readonly next?: string;
  /** Whether it is being done now. */
  readonly running?: boolean;
}

/** Why requests to arXiv wait. */
export interface OutageView {
  readonly failed: string;
  readonly reason: string;
  readonly next: string;
}

/** The state of the site, as its page shows it. */
export interface StatusView {
  readonly papers: {
    readonly featured: number;
    /** Days that have papers. */
    readonly days: number;
    readonly indexed: number;
    readonly runnable: number;
  };
  readonly updated?: LastIngestionView;
  /** Papers that came from arXiv in the last day, in the last week and ever, and when the last did. */
  readonly arrived: {
    readonly day: number;
    readonly week: number;
    readonly all: number;
    readonly last?: DateView;
  };
  /** Whether the site fetches new papers by itself. */
  readonly ingests: boolean;
  /** Sources of papers that were asked so far. */
  readonly sources: readonly HealthView[];
  /** Missing while arXiv answers, and when it is not asked. */
  readonly outage?: OutageView;
  /** Work that is done beside requests. */
  readonly jobs: readonly HealthView[];
  readonly claims: {
    readonly total: number;
    /** Claims with an official measurement. */
    readonly measured: number;
    readonly last?: DateView;
    /** The version of gradus that measured last. */
    readonly version?: string;
  };
  readonly model?: {
    readonly name: string;
    readonly dimension: number;
    readonly papers: number;
    readonly fitted: DateView;
  };
  readonly versions: {
    readonly gradus: string;
    readonly node: string;
    readonly postgres: string;
    readonly schema: string;
  };
  /** Size of the database. */
  readonly megabytes: number;
}

/** What is said of ingestion while no source has been asked on schedule; an operator may have fetched papers. */
export function unaskedLabel({ ingests, arrived }: Pick<StatusView, "ingests" | "arrived">): string {
  if (ingests) return arrived.last ? "Configured; no scheduled run yet" : "Configured; no papers fetched yet";
  return `No ingestion source configured${arrived.last ? "" : "; showing the bundled papers"}`;
}
