/** How a check ended: in order, in order but worth a look, wrong, or not done. */
export type CheckState = "ok" | "note" | "failed" | "unknown";

/** What a check found. */
export interface Finding {
  /** Such as "DKIM record". */
  readonly subject: string;
  readonly state: CheckState;
  /** What was found, and what to do about it. */
  readonly text: string;
}

/** A finding of a subject. */
export const finding = (subject: string, state: CheckState, text: string): Finding => ({
  ...{ subject, state, text },
});

/** What a setting says, or the finding that it is wrong. */
export function readSetting<Value>(
  subject: string,
  read: () => Value,
): { value: Value } | { wrong: Finding } {
  try {
    return { value: read() };
  } catch (error) {
    return { wrong: finding(subject, "failed", error instanceof Error ? error.message : String(error)) };
  }
}
