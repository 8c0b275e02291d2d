import { type Fields, firstOf } from "./fields.ts";
import type { Verdict } from "./verdict.ts";

/** Reports that are no complaints of a reader: RFC 5965, section 7.3, and RFC 6591. */
const NO_COMPLAINTS = new Set(["not-spam", "auth-failure"]);

/** What a feedback report says (RFC 5965). */
export function readFeedback(fields: Fields): Verdict | undefined {
  const type = firstOf(fields, "feedback-type")?.toLowerCase();
  if (type === undefined) return undefined;
  return { kind: NO_COMPLAINTS.has(type) ? "none" : "complaint" };
}
