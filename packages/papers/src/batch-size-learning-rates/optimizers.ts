import { curvatureMomentum } from "gradus/curvature";
import { adam } from "gradus/train";
import type { RatedOptimizer } from "./runs.ts";

/** SGD with momentum. */
export const momentumSgd: RatedOptimizer = (learningRate, momentum) =>
  curvatureMomentum({ learningRate, momentum });

/** Adam with the usual averages and bias correction, without additional momentum. */
export const plainAdam: RatedOptimizer = (learningRate) => adam({ learningRate });
