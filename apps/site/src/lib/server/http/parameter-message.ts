/** The most characters of a wrong value that a message repeats. */
const LONGEST_QUOTE = 40;

/** What is wanted, and what was given instead: `“limit” must be an integer from 1 to 100, got “0”.` */
export function withReceivedValue(wanted: string, value: string | undefined): string {
  if (value === undefined) return wanted;
  const shown = [...value.toWellFormed().replace(/\p{Cc}/gu, " ")];
  const quote = shown.length > LONGEST_QUOTE ? [...shown.slice(0, LONGEST_QUOTE), "…"] : shown;
  return `${wanted.replace(/\.$/, "")}, got “${quote.join("")}”.`;
}
