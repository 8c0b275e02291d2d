import type { Tensor } from "@gradus/graph";

/**
 * What a loss in the graph requires of its labels. A graph cannot throw: where a loss is not finite or an index is out
 * of range, training examines the labels and reports what is wrong with them.
 */
export interface LabelCheck {
  readonly labels: Tensor;
  /** Throws naming the row of a label that does not fit, or what a batch's labels lack together. */
  readonly check: (labels: ArrayLike<number>) => void;
  /** Whether it is the rows of each batch that must fit together. */
  readonly together: boolean;
}

let collected: LabelCheck[] | undefined;

/** Records, while a loss is traced, what it requires of its labels. */
export function expectLabels(labels: Tensor, check: LabelCheck["check"], { together = false } = {}): void {
  collected?.push({ labels, check, together });
}

/** What the losses traced in the meantime require of their labels. */
export function labelChecksOf(trace: () => unknown): readonly LabelCheck[] {
  const before = collected;
  const checks: LabelCheck[] = [];
  collected = checks;
  try {
    trace();
  } finally {
    collected = before;
  }
  return checks;
}
