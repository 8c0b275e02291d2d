import type { ModelLossName } from "gradus/models";
import type { DrawnNode } from "./diagram/drawn-nodes.ts";
import type { TuneSettings } from "./protocol.ts";

/** The fields of the form, as they are typed. */
export interface TuneFields {
  loss: ModelLossName;
  train: TuneSettings["train"];
  optimizer: TuneSettings["optimizer"];
  learningRate: string;
  epochs: string;
  /** Empty for 32, or all rows if there are fewer. */
  batchSize: string;
  /** In percent of the rows. */
  heldOut: string;
  /** The outputs of a new last layer; empty keeps the one that is there. */
  head: string;
}

export const initialFields: TuneFields = {
  loss: "cross-entropy",
  train: "all",
  optimizer: "adam",
  learningRate: "0.001",
  epochs: "20",
  batchSize: "",
  heldOut: "20",
  head: "",
};

/** Rank of the low-rank changes. */
export const LOW_RANK = 8;

type NumberField = "learningRate" | "epochs" | "batchSize" | "heldOut" | "head";

const bounds: Readonly<Record<NumberField, { minimum: number; maximum: number; whole: boolean }>> = {
  learningRate: { minimum: 1e-9, maximum: 100, whole: false },
  epochs: { minimum: 1, maximum: 10_000, whole: true },
  batchSize: { minimum: 1, maximum: 65_536, whole: true },
  heldOut: { minimum: 0, maximum: 90, whole: false },
  head: { minimum: 1, maximum: 10_000, whole: true },
};

/** What is wrong with a number as it is typed; undefined for nothing. */
export function fieldProblem(name: NumberField, text: string): string | undefined {
  const { minimum, maximum, whole } = bounds[name];
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return undefined;
  const kind = whole ? "a whole number" : "a number";
  return `must be ${kind} from ${minimum} to ${maximum.toLocaleString("en-US")}, got ${text.trim() === "" ? "nothing" : `“${text.trim()}”`}`;
}

/** What is wrong with the form, by field. */
export function formProblems(fields: TuneFields): Partial<Record<NumberField, string>> {
  const found: Partial<Record<NumberField, string>> = {};
  const sized = fields.batchSize.trim() !== "";
  for (const name of [
    "learningRate",
    "epochs",
    ...(sized ? ["batchSize" as const] : []),
    "heldOut",
  ] as const) {
    const problem = fieldProblem(name, fields[name]);
    if (problem) found[name] = problem;
  }
  if (fields.head.trim() !== "") {
    const problem = fieldProblem("head", fields.head);
    if (problem) found.head = problem;
    else if (fields.loss === "cross-entropy" && Number(fields.head) === 1)
      found.head = "must be at least 2 for cross-entropy, got “1”";
  }
  return found;
}

/** The names of the parameters of the last layer that has some which can be trained. */
export function lastLayer(nodes: readonly DrawnNode[], trainable: ReadonlySet<string>): readonly string[] {
  const isTrained = (name: string) => trainable.has(name);
  const layer = nodes.findLast(({ parameters }) => parameters.some(isTrained));
  return layer?.parameters.filter(isTrained) ?? [];
}

/** The settings of a form without problems. */
export function settingsOf(
  fields: TuneFields,
  { nodes, trainable }: { readonly nodes: readonly DrawnNode[]; readonly trainable: ReadonlySet<string> },
  examples: TuneSettings["examples"],
): TuneSettings {
  const { loss, train, optimizer } = fields;
  const last = new Set(train === "last layer" ? lastLayer(nodes, trainable) : trainable);
  return {
    ...{ loss, train, optimizer, examples },
    freeze: [...trainable].filter((name) => !last.has(name)),
    learningRate: Number(fields.learningRate),
    epochs: Number(fields.epochs),
    ...(fields.batchSize.trim() !== "" && { batchSize: Number(fields.batchSize) }),
    heldOut: Number(fields.heldOut) / 100,
    ...(fields.head.trim() !== "" && { head: Number(fields.head) }),
    seed: 1,
  };
}
