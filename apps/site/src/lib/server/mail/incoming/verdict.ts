/** What a report says of the message that it returns. */
export type Verdict =
  /** It could not be delivered: `status` is an enhanced status code (RFC 3463) or the code of a reply. */
  | { readonly kind: "permanent" | "transient"; readonly status?: string }
  /** Its reader, or a filter in their name, does not want it. */
  | { readonly kind: "complaint" }
  /** It was delivered, or is still on its way. */
  | { readonly kind: "none" };

const ENHANCED = /(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])/;
const REPLY = /(?<![\d.@-])([45])\d\d(?![\d.@-])/;

/** The first code of a failure in what a server says, an enhanced one before that of a reply. */
export function codeIn(text: string): string | undefined {
  return (ENHANCED.exec(text) ?? REPLY.exec(text))?.[0];
}

/** Whether a code says no more than that something failed. */
function isVague(code: string): boolean {
  return /^[45]\.0\.0$/.test(code);
}

/** A failure by its codes: the first that says what failed. Without any it may have been temporary. */
export function failureOf(...codes: readonly (string | undefined)[]): Verdict {
  const known = codes.filter((code) => code !== undefined);
  const status = known.find((code) => !isVague(code)) ?? known[0];
  return { kind: status?.startsWith("5") ? "permanent" : "transient", status };
}
