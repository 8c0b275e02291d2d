import { rootCause } from "../log.ts";
import { describeRefusal } from "./refusal-words.ts";
import type { MailError } from "./transport.ts";

/** Why no message can be handed over, in our own words, for the log and for operators. */
export class MailServerError extends Error {
  override name = "MailServerError";

  constructor(error: MailError) {
    const { code }: { readonly code?: unknown } = Object(rootCause(error));
    const where = typeof code === "string" ? ` (${code})` : "";
    super(
      error.status
        ? `mail server takes no messages: ${describeRefusal(error.status)}`
        : `${describeRefusal(error.refusal)}${where}`,
    );
  }
}
