import { type Fields, firstOf, readGroups } from "./fields.ts";
import { codeIn, failureOf, type Verdict } from "./verdict.ts";

/** `failed`, or another action, of the fields of a recipient. */
function actionOf(fields: Fields): string {
  return (
    firstOf(fields, "action")
      ?.toLowerCase()
      .split(/[\s(;]/, 1)[0] ?? ""
  );
}

/**
 * What a delivery status notification says (RFC 3464). The message had one recipient, so that several are the members
 * of an alias behind it: one of them who got it, or may still get it, is enough. The mildest failure of all counts.
 *
 * @returns undefined when it names no recipient
 */
export function readDeliveryStatus(text: string): Verdict | undefined {
  const recipients = readGroups(text).filter((fields) => fields.has("action") || fields.has("status"));
  if (recipients.length === 0) return undefined;
  const failures = recipients.map((fields): Verdict => {
    const status = codeIn(firstOf(fields, "status") ?? "");
    const action = actionOf(fields);
    if (action !== "failed" && (action !== "" || status === undefined)) return { kind: "none" };
    // After the type, such as "smtp;".
    const diagnostic = firstOf(fields, "diagnostic-code")?.replace(/^[^;]*;/, "") ?? "";
    return failureOf(status, codeIn(diagnostic));
  });
  for (const kind of ["none", "transient"] as const) {
    const mild = failures.find((failure) => failure.kind === kind);
    if (mild) return mild;
  }
  return failures[0];
}
