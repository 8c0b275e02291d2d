/** The ground of a condition. */
export interface Ground {
  /**
   * `theorem`: a consequence of a proved result; `reported`: the paper's own number; `criterion`: ours, chosen before
   * measuring because the paper gives none.
   */
  readonly kind: "theorem" | "reported" | "criterion";
  /** Where it is proved or reported; for a criterion the reason, in one sentence. */
  readonly text: string;
}

/** The condition follows from what is proved there, such as `theorem("Theorem 2")`. */
export function theorem(where: string): Ground {
  return { kind: "theorem", text: where };
}

/** The condition is the paper's own number, such as `reported("Table 3: 0.852")`. */
export function reported(where: string): Ground {
  return { kind: "reported", text: where };
}

/** The condition is ours, such as `criterion("“apart” is at least twice as large")`. */
export function criterion(why: string): Ground {
  return { kind: "criterion", text: why };
}

/** The ground as text, such as `our criterion: “apart” is at least twice as large`. */
export function formatGround({ kind, text }: Ground): string {
  return kind === "theorem"
    ? `theorem: ${text}`
    : kind === "reported"
      ? `reported: ${text}`
      : `our criterion: ${text}`;
}
