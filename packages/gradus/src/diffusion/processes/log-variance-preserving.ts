import type { ForwardProcess } from "./contract.ts";
import { type VariancePreservingOptions, variancePreservingProcess } from "./variance-preserving.ts";

/**
 * The variance-preserving process of the logarithm of positive data, dY = -g/2 Y dt + sqrt(g) dW with Y = log X: noise is
 * multiplicative, and at the end the law is near log-normal with parameters 0 and 1 whatever the data.
 *
 * @throws ArgumentError as `variancePreservingProcess`
 */
export function logVariancePreservingProcess(options: VariancePreservingOptions = {}): ForwardProcess {
  return { ...variancePreservingProcess(options), name: "log variance preserving", space: "log" };
}
