import type { ModelInspection, OnnxGraph } from "@gradus/graph";
import type { BoundedEigenvalue } from "gradus/curvature";
import type { CsvFormat } from "gradus/data";
import type { HardlyLearned, ModelLossName } from "gradus/models";
import type { LabFailure } from "#lib/lab/protocol.ts";
import type { Histogram } from "./histogram.ts";
import type { ImageFile } from "./image-rows.ts";
import type { PixelScale } from "./pixel-scales.ts";

/**
 * Where an input has its numbers from: the next columns of a row, columns by name, one number everywhere, or the numbers
 * of an input of one dimension.
 */
export type InputSource =
  | { readonly columns: true | readonly string[] }
  | { readonly constant: number | readonly number[] };

/** A size of a row that the file leaves open; undefined until it is given. */
export interface OpenSize {
  readonly name: string;
  readonly size: number | undefined;
}

/** An input of which the file does not tell along which axis it has its rows. */
export interface UnsureRows {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** Which axis is taken. */
  readonly axis: number;
}

/** Why rows cannot go into a model; `open` where sizes of a row are to be given. */
export interface InputObstacle {
  readonly obstacle: string;
  readonly open?: readonly OpenSize[];
  readonly unsure?: readonly UnsureRows[];
}

/** One input of a model, as rows go into it. */
export interface InputPart {
  readonly name: string;
  readonly dtype: "f32" | "f64" | "i64" | "bool";
  /** The shape of one row; of an input that is the same for all rows, its own. */
  readonly shape: readonly number[];
  /** How many numbers it has a row. */
  readonly size: number;
  readonly source: InputSource;
  /** The axis along which the model has its rows; the first when left out. */
  readonly rowsAxis?: number;
  /** What the file calls the dimension with its rows, unless it is a number. */
  readonly rowsName?: string;
  /** Whether it has no rows, such as a sampling rate: it is a constant. */
  readonly whole?: true;
}

/** How rows go into a model. */
export interface RowInput {
  /** The inputs, in the file's order; those that read columns take them in this order. */
  readonly parts: readonly InputPart[];
  /** How many numbers a row has. */
  readonly features: number;
  /** The one number of rows that the file takes; undefined where any number will do. */
  readonly batch?: number;
  /** Sizes that the file leaves open, as they were given. */
  readonly open?: readonly OpenSize[];
  readonly unsure?: readonly UnsureRows[];
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
  /** How many products have weights that are stored as integers: low-rank changes of them can be trained. */
  readonly quantized: number;
  /** How rows go in; or why they cannot. */
  readonly input: RowInput | InputObstacle;
  /** The last linear layer, which can be replaced; or why there is none. */
  readonly head: { readonly outputs: number } | { readonly obstacle: string };
}

/** What is taken of an archive of arrays, and what could be. */
export interface ArchiveArrays {
  /** The array of the rows. */
  readonly rows: string;
  /** All with as many numbers a row as the model takes. */
  readonly rowArrays: readonly string[];
  /** The array of the labels; undefined without. */
  readonly labels: string | undefined;
  /** All others with something for each of the rows. */
  readonly labelArrays: readonly string[];
}

/** The rows that the model is run and tuned on. */
export interface RowsSummary {
  readonly name: string;
  readonly rows: number;
  readonly labeled: boolean;
  /** Names of the classes, where the labels are words. */
  readonly classes?: readonly string[];
  /** Where the rows are those of an archive. */
  readonly archive?: ArchiveArrays;
}

/** One row and what the model makes of it. */
export interface Prediction {
  readonly values: readonly number[];
  readonly label?: number;
  /** The numbers of the output, of many the first. */
  readonly scores: readonly number[];
  /** The shape of the output for one row. */
  readonly shape: readonly number[];
}

/** A row with its label, such as a digit that was drawn. */
export interface Example {
  readonly values: readonly number[];
  readonly label: number;
}

/** How a model is tuned. */
export interface TuneSettings {
  readonly loss: ModelLossName;
  readonly train: "all" | "last layer" | "low-rank";
  /** Names of parameters that are left alone. */
  readonly freeze: readonly string[];
  readonly optimizer: "adam" | "sgd";
  readonly learningRate: number;
  readonly epochs: number;
  /** By default 32, or all rows if there are fewer. */
  readonly batchSize?: number;
  /** The share of the rows that is held out. */
  readonly heldOut: number;
  readonly seed: number;
  /** The outputs of a new last layer; undefined keeps the one that is there. */
  readonly head?: number;
  /** Rows beside those that were read. */
  readonly examples: readonly Example[];
}

/** What was measured after an epoch, or so far of one that is under way; epoch 0 is before the first. */
export interface TuneEpoch {
  /** Whole epochs. */
  readonly epoch: number;
  /** Batches taken of the next epoch. */
  readonly partial?: { readonly batches: number; readonly of: number };
  /** The mean loss of the epoch's batches. */
  readonly loss?: number;
  /** Of the rows that were held out. */
  readonly heldOutLoss?: number;
  readonly accuracy?: number;
}

export interface TuneResult {
  readonly rows: { readonly train: number; readonly validation: number };
  /** Names of the parameters that were trained. */
  readonly trained: readonly string[];
  readonly last: TuneEpoch;
  /** The epoch with the smallest loss on the held-out rows, whose parameters the file has. */
  readonly best?: TuneEpoch;
  readonly stopped: boolean;
  /** Where it predicts hardly better than a constant. */
  readonly hardly?: HardlyLearned;
  /** The model, where its last layer was replaced or low-rank changes were put beside its integers. */
  readonly model?: OpenedModel;
}

/** The curvature of a model's loss. */
export interface SpectrumShown {
  readonly rows: number;
  readonly parameters: number;
  readonly loss: number;
  /** Descending. */
  readonly largest: readonly BoundedEigenvalue[];
  readonly smallest?: BoundedEigenvalue;
  /** The largest stable learning rate of SGD with batches of this size. */
  readonly batch?: { readonly size: number; readonly learningRate: number };
  readonly groups: readonly {
    readonly path: string;
    /** Its share of the trace. */
    readonly share: number;
  }[];
}

/** One score of one row, explained. */
export interface Explained {
  /** The class whose score is explained; absent where the model has a single output. */
  readonly column?: number;
  readonly methods: readonly {
    readonly label: string;
    readonly family: "additive" | "multiplicative";
    /** One a feature. */
    readonly attributions: readonly number[];
  }[];
  /** Mean cosine similarities within the families and between them. */
  readonly agreement: {
    readonly multiplicative: number;
    readonly additive: number;
    readonly between: number;
  };
}

type RowChosen = { readonly row: number } | { readonly values: readonly number[] };

/** A request to the worker, what it tells on the way, and its answer. */
interface Task<Given, Answer, Progress = never> {
  readonly given: Given;
  readonly answer: Answer;
  readonly progress: Progress;
}

/** What was done with a model since its file was opened. */
export interface Kept {
  /** The file of the model as it is now. */
  readonly tuned?: Blob;
  readonly inputs?: Tasks["inputs"]["given"];
  readonly output?: string;
  readonly rows?: Tasks["rows"]["given"];
}

/** Everything that the workbench's worker does. */
export interface Tasks {
  /** Reads a model's file, and the files beside it that hold its tensors; then goes on as a worker before left off. */
  readonly open: Task<
    { readonly file: File; readonly beside?: readonly File[]; readonly kept?: Kept },
    OpenedModel,
    string
  >;
  /** Says where each input has its numbers from, and open sizes by name; rows that were read are forgotten. */
  readonly inputs: Task<
    {
      readonly sources: readonly InputSource[];
      readonly sizes?: Readonly<Record<string, number>>;
      /** The axes along which inputs have their rows, by name. */
      readonly axes?: Readonly<Record<string, number>>;
    },
    { readonly input: RowInput | InputObstacle; readonly inspection?: ModelInspection }
  >;
  /** Says which output is shown, tuned and explained. */
  readonly output: Task<{ readonly name: string }, { readonly head: OpenedModel["head"] }>;
  /** How the numbers of a parameter are distributed. */
  readonly histogram: Task<{ readonly name: string }, Histogram>;
  /**
   * Reads rows: a bundled data set, a CSV file whose label column has the name, .npy files of rows and labels, an
   * .npz file with both, or images.
   */
  readonly rows: Task<
    | { readonly bundled: string }
    | { readonly file: File; readonly label: string | undefined; readonly format?: Partial<CsvFormat> }
    | { readonly file: File; readonly labels: File | undefined }
    | { readonly archive: File; readonly rows?: string; readonly labels?: string | null }
    | { readonly images: readonly ImageFile[]; readonly scale: PixelScale },
    RowsSummary
  >;
  /** Runs the model on a row of those that were read, or on given numbers. */
  readonly predict: Task<RowChosen, Prediction>;
  /** Trains the model further on the labeled rows; one that is stopped ends with what it has. */
  readonly tune: Task<TuneSettings, TuneResult, TuneEpoch>;
  /** Measures the curvature of the model's loss on the labeled rows. */
  readonly spectrum: Task<
    { readonly loss: ModelLossName; readonly examples: readonly Example[] },
    SpectrumShown,
    { readonly fraction: number; readonly stage: string }
  >;
  /** Explains the largest score of a row, or the score of a class. */
  readonly explain: Task<{ readonly given: RowChosen; readonly column?: number }, Explained>;
  /** The model's file as it is now; its bytes are copied when they are read. */
  readonly file: Task<undefined, Blob>;
  /** Takes the model back to the file that was opened. */
  readonly reset: Task<undefined, undefined>;
}

export type TaskKind = keyof Tasks;

/** Requests of the page to the worker. */
export type TaskRequest =
  | {
      [K in TaskKind]: { readonly id: number; readonly kind: K; readonly given: Tasks[K]["given"] };
    }[TaskKind]
  | { readonly kind: "stop"; readonly id: number };

/** What the worker answers. */
export type TaskMessage =
  | {
      readonly kind: "progress";
      readonly id: number;
      readonly progress: unknown;
      /** Bytes of the worker's WebAssembly memories. */
      readonly memory: number;
    }
  | {
      readonly kind: "done";
      readonly id: number;
      readonly answer: unknown;
      readonly memory: number;
      /** Addresses of what the worker has loaded: with them it works without the network. */
      readonly loaded: readonly string[];
    }
  | { readonly kind: "stopped"; readonly id: number }
  | { readonly kind: "failed"; readonly id: number; readonly failure: LabFailure };
