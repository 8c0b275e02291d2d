/** What went wrong, in a few words, by HTTP status. */
const HEADINGS: Readonly<Record<number, string>> = {
  400: "Invalid request",
  403: "Request refused",
  404: "Page not found",
  405: "Method not allowed",
  408: "Request timed out",
  413: "Request too large",
  414: "URL too long",
  415: "Unsupported content type",
  429: "Too many requests",
  431: "Request header too large",
  503: "Temporarily unavailable",
};

/** The heading of an error page; of a status that no page of its own is known for, that something went wrong. */
export function headingOf(status: number): string {
  return HEADINGS[status] ?? "Something went wrong";
}

/** Sentences for a reader in place of the framework's own words, which are none. */
const SENTENCES: Readonly<Record<string, string>> = {
  "Not Found": "There is no page at this address.",
  "Malformed URI": "The address contains a percent sign that is not followed by a valid character code.",
  "Malformed Form": "The form that was sent cannot be read.",
  "Method Not Allowed": "This page does not accept form submissions. Open it as a link instead.",
  "Payload Too Large": "A form may send at most 512 kB, and 8 MB with an exported account.",
  "Unsupported Media Type": "This page only accepts form submissions.",
};

/** The message of an error as readers see it. */
export function errorSentence(message: string): string {
  return SENTENCES[message] ?? message;
}
