import type { Operator } from "../node-call.ts";
import { attentionOperators } from "./attention.ts";
import { bits } from "./bits.ts";
import { control } from "./control.ts";
import { deformed } from "./deformed.ts";
import { determinants } from "./determinant.ts";
import { elementwise } from "./elementwise.ts";
import { fused } from "./fused.ts";
import { grids } from "./grids.ts";
import { indexing } from "./indexing.ts";
import { losses } from "./losses.ts";
import { machineLearning } from "./machine-learning.ts";
import { normalization } from "./normalization.ts";
import { products } from "./products.ts";
import { quantization } from "./quantization.ts";
import { recurrentOperators } from "./recurrent.ts";
import { reductions } from "./reductions.ts";
import { regions } from "./regions.ts";
import { resampling } from "./resampling.ts";
import { sequences } from "./sequences.ts";
import { shapes } from "./shapes.ts";
import { sources } from "./sources.ts";
import { spectra } from "./spectra.ts";
import { windows } from "./windows.ts";

/** The operators by domain and name. */
const domains: Readonly<Record<string, Readonly<Record<string, Operator>>>> = {
  "": {
    ...attentionOperators,
    ...bits,
    ...control,
    ...deformed,
    ...determinants,
    ...elementwise,
    ...grids,
    ...indexing,
    ...losses,
    ...normalization,
    ...products,
    ...quantization,
    ...recurrentOperators,
    ...reductions,
    ...regions,
    ...resampling,
    ...sequences,
    ...shapes,
    ...sources,
    ...spectra,
    ...windows,
  },
  "ai.onnx.ml": machineLearning,
  "com.microsoft": fused,
};

/** An operator of a domain; undefined where there is none of that name. */
export function operatorOf(domain: string, opType: string): Operator | undefined {
  if (!Object.hasOwn(domains, domain)) return undefined;
  return Object.hasOwn(domains[domain], opType) ? domains[domain][opType] : undefined;
}
