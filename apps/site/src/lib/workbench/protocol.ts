import type { ModelInspection, OnnxGraph } from "@gradus/graph";
import type { LabFailure } from "#lib/lab/protocol.ts";
import type { Histogram } from "./histogram.ts";

/** How rows go into a model. */
export interface RowInput {
  readonly name: string;
  /** The shape of one row. */
  readonly shape: readonly number[];
  /** How many numbers a row has. */
  readonly features: number;
  /** The one number of rows that the file takes; undefined where any number will do. */
  readonly batch?: number;
}

/** What is known of a model once its file was read. */
export interface OpenedModel {
  readonly name: string;
  readonly bytes: number;
  readonly graph: OnnxGraph;
  /** Undefined for a model that cannot be imported. */
  readonly inspection?: ModelInspection;
  /** Why it cannot be imported: it is drawn and runs, but is not differentiated. */
  readonly refusal?: string;
  /** How rows go in; or why they cannot. */
  readonly input: RowInput | { readonly obstacle: string };
}

/** The rows that the model is run and tuned on. */
export interface RowsSummary {
  readonly name: string;
  readonly rows: number;
  readonly labeled: boolean;
  /** Names of the classes, where the labels are words. */
  readonly classes?: readonly string[];
}

/** One row and what the model makes of it. */
export interface Prediction {
  readonly values: readonly number[];
  readonly label?: number;
  readonly scores: readonly number[];
}

/** A request to the worker, what it tells on the way, and its answer. */
interface Task<Given, Answer, Progress = never> {
  readonly given: Given;
  readonly answer: Answer;
  readonly progress: Progress;
}

/** Everything that the workbench's worker does. */
export interface Tasks {
  /** Reads a model's file. */
  readonly open: Task<{ readonly file: File }, OpenedModel, string>;
  /** How the parameters are distributed, by name. */
  readonly histograms: Task<undefined, Readonly<Record<string, Histogram>>>;
  /** Reads rows: a bundled data set, or a CSV file whose label column has the name. */
  readonly rows: Task<
    { readonly bundled: string } | { readonly file: File; readonly label: string | undefined },
    RowsSummary
  >;
  /** Runs the model on a row of those that were read, or on given numbers. */
  readonly predict: Task<{ readonly row: number } | { readonly values: readonly number[] }, Prediction>;
}

export type TaskKind = keyof Tasks;

/** What the page asks of the worker. */
export type TaskRequest =
  | {
      [K in TaskKind]: { readonly id: number; readonly kind: K; readonly given: Tasks[K]["given"] };
    }[TaskKind]
  | { readonly kind: "stop"; readonly id: number };

/** What the worker answers. */
export type TaskMessage =
  | { readonly kind: "progress"; readonly id: number; readonly progress: unknown }
  | {
      readonly kind: "done";
      readonly id: number;
      readonly answer: unknown;
      /** Addresses of what the worker has loaded: with them it works without the network. */
      readonly loaded: readonly string[];
    }
  | { readonly kind: "stopped"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly failure: LabFailure };
