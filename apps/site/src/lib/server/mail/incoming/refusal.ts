/** Why a message to the site is refused. */
export type IncomingRefusal =
  /** It has more bytes than are read. */
  | "too_large"
  /** It is no message (RFC 5322). */
  | "malformed"
  /** It is to no address that the site gives. */
  | "no_token"
  /** It is to an address that the site did not make. */
  | "forged"
  /** What its address stands for is forgotten, or never was. */
  | "unknown"
  /** It is neither a bounce nor a complaint. */
  | "not_a_report";

const MESSAGES: Readonly<Record<IncomingRefusal, string>> = {
  too_large: "The message is too large.",
  malformed: "The body is not a mail message.",
  no_token: "The message is not addressed to a return address of this site.",
  forged: "The message is addressed to a return address that this site did not make.",
  unknown: "The message that this one is about is no longer known.",
  not_a_report: "The message is neither a bounce nor a complaint.",
};

/** A message to the site is refused; nothing has changed. */
export class IncomingMailError extends Error {
  override name = "IncomingMailError";
  readonly code: IncomingRefusal;

  constructor(code: IncomingRefusal) {
    super(MESSAGES[code]);
    this.code = code;
  }
}
