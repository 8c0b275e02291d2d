import type {
  ControlValues,
  ExperimentEvent,
  ExplorationView,
  Judged,
  PlotData,
  Profile,
  RowTable,
  RunReport,
} from "@gradus/papers";

/** Requests of the page to the lab's worker. */
export type LabRequest =
  | {
      readonly kind: "run";
      readonly paper: string;
      readonly experiment: string;
      readonly profile: Profile;
      readonly seed: number;
      readonly set: Readonly<Record<string, unknown>>;
      /** Whether to go on from where the same run was cut short. */
      readonly resume: boolean;
      /** Of the site: what another one left cannot be gone on from. */
      readonly version: string;
    }
  | { readonly kind: "stop" }
  /** Load what a run of it needs: a reader is about to ask for one. */
  | { readonly kind: "warm"; readonly paper: string; readonly experiment: string }
  /** Judge and present kept findings as the experiment does now. */
  | {
      readonly kind: "judge";
      readonly id: number;
      readonly paper: string;
      readonly experiment: string;
      readonly findings: unknown;
    }
  /** Open the exploration of a run on what the run kept. */
  | {
      readonly kind: "open-exploration";
      readonly id: number;
      readonly paper: string;
      readonly experiment: string;
      readonly explorable: unknown;
    }
  /** Compute what an open exploration shows. */
  | {
      readonly kind: "explore";
      readonly id: number;
      /** The id with which it was opened. */
      readonly exploration: number;
      readonly values: ControlValues;
    }
  /** Put the rows of a CSV file in the place of those that an open exploration lets choose from. */
  | {
      readonly kind: "bring-rows";
      readonly id: number;
      readonly exploration: number;
      readonly text: string;
    }
  | { readonly kind: "close-exploration"; readonly exploration: number };

/** What findings say; null where the experiment can no longer judge them, undefined where it could not be loaded. */
export type JudgedAgain = Judged | null | undefined;

export type RunRequest = Extract<LabRequest, { kind: "run" }>;

/** Why a run ended without a report. */
export interface LabFailure {
  readonly name: string;
  readonly message: string;
  /** The parameter that is wrong, when it is one. */
  readonly parameter?: string;
  readonly details: string;
}

/** What an exploration shows, by plot, and the milliseconds that it took to compute. */
export interface Explored {
  readonly plots: Readonly<Record<string, PlotData>>;
  readonly milliseconds: number;
}

/** The answer to the opening of an exploration, to its controls, or to rows that a reader brings. */
export type ExplorationAnswer =
  | { readonly view: ExplorationView; readonly rows?: RowTable }
  | { readonly rows: RowTable }
  | { readonly shown: Explored }
  | { readonly failure: LabFailure };

/** What the lab's worker answers: to a run events in batches, then how it ended. */
export type LabMessage =
  | { readonly kind: "events"; readonly events: readonly ExperimentEvent[] }
  | {
      readonly kind: "report";
      readonly report: RunReport;
      /** Addresses of what the worker has loaded: with them it runs without the network. */
      readonly loaded: readonly string[];
    }
  | { readonly kind: "judged"; readonly id: number; readonly judged: JudgedAgain }
  | { readonly kind: "explored"; readonly id: number; readonly answer: ExplorationAnswer }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly failure: LabFailure };
