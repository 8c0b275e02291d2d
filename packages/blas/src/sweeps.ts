/** How coordinates are swept over, and how long. */
export interface Sweeps {
  /** The weight of the l1 norm. */
  readonly lambda: number;
  /** Whether x >= 0 is asked. */
  readonly nonnegative: boolean;
  /** At this number of sweeps they end. */
  readonly most: number;
  /** They end when a sweep's squared steps are at most this share of the first one's. */
  readonly share: number;
}
