const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^unreachable$/, "mail server unreachable"],
  [/^later$/, "connection lost before the message was sent"],
  [/^unknown$/, "connection lost before the answer"],
  [/^5\.1\./, "no such mailbox"],
  [/^[45]\.2\.2$/, "mailbox full"],
  [/^5\.2\.1$/, "mailbox disabled"],
  [/^5\.3\.4$/, "message too large"],
  [/^[45]\.7\./, "rejected by a policy"],
  [/^4/, "temporary failure"],
  [/^5/, "permanent failure"],
];

/** Why a message was not delivered, by an enhanced status code (RFC 3463), the code of a reply, or a word of ours. */
export function describeRefusal(refusal: string | null): string {
  if (refusal === null) return "no reason given";
  const words = WORDS.find(([pattern]) => pattern.test(refusal))?.[1] ?? "not delivered";
  return /^\d/.test(refusal) ? `${words} (${refusal})` : words;
}
