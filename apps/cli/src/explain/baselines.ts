/** What a removed feature may be set to. */
export const baselines = ["zeros", "mean"] as const;
export type Baseline = (typeof baselines)[number];
