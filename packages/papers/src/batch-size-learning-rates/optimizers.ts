import { curvatureMomentum } from "gradus/curvature";
import { adam } from "gradus/train";
import type { RatedOptimizer } from "./runs.ts";

/** SGD with momentum. */
export const momentumSgd: RatedOptimizer = (learningRate, momentum) =>
  curvatureMomentum({ learningRate, momentum });

/** Adam with its usual averages, and bias correction; it takes no momentum beside them. */
export const plainAdam: RatedOptimizer = (learningRate) => adam({ learningRate });
