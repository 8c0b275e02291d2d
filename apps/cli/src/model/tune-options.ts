import type { ModelLossName } from "gradus/models";
import type { TableWords } from "../data-files/table.ts";
import type { OptimizerName } from "./choices.ts";
import type { InputWords } from "./input-options.ts";
import type { Normalization } from "./normalize.ts";

/** The options of `gradus model tune`. */
export interface TuneOptions extends Normalization, InputWords, TableWords {
  readonly data?: readonly string[];
  readonly target?: string;
  readonly loss?: ModelLossName;
  readonly outputName?: string;
  readonly freeze?: readonly string[];
  readonly lora?: number;
  readonly head?: number;
  readonly optimizer?: OptimizerName;
  readonly learningRate?: number;
  readonly batch?: number;
  readonly epochs?: number;
  /** A share of the rows, or a file of examples. */
  readonly validation?: string;
  readonly patience?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
}
