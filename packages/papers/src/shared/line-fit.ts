import { sampleMean } from "gradus/statistics";

/** A least-squares line and how much of the spread it explains. */
export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  /** 1 - sum of squared residuals / sum of squared deviations. */
  readonly rSquared: number;
}

/** The least-squares line y = intercept + slope x. */
export function lineFit(x: readonly number[], y: readonly number[]): LineFit {
  const [xMean, yMean] = [sampleMean(x), sampleMean(y)];
  let [sxx, sxy, syy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    sxx += (x[i] - xMean) ** 2;
    sxy += (x[i] - xMean) * (y[i] - yMean);
    syy += (y[i] - yMean) ** 2;
  }
  const slope = sxy / sxx;
  return { slope, intercept: yMean - slope * xMean, rSquared: sxy ** 2 / (sxx * syy) };
}
