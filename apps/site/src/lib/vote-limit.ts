/** Votes that an account may cast in an hour. */
export const VOTES_PER_HOUR = 60;

/** The message to somebody who has used up an hour's votes; `seconds` until the next one. */
export function voteLimitMessage(seconds: number): string {
  return `You can cast ${VOTES_PER_HOUR} votes an hour. Try again in ${Math.ceil(seconds / 60)} min.`;
}
