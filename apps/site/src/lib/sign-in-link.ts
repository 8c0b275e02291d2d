/** Minutes that a sign-in link is good for, from the moment that its message is sent. */
export const LINK_MINUTES = 15;

/**
 * Pages to which nobody comes back by signing in: those for it, the one after an account was deleted, and those with a
 * token in their address, which is kept nowhere else.
 */
const NOT_RETURNED_TO = /^\/(?:sign-in|u\/|subscribe\/|account\/deleted)/;

/** Whether a reader who signs in at a path of this site comes back to it. */
export function isReturnedTo(path: string): boolean {
  return !NOT_RETURNED_TO.test(path);
}

/** Where a reader signs in who is at an address, and then comes back to it, having voted for a paper if they want. */
export function signInPath({ pathname, search }: Pick<URL, "pathname" | "search">, voteFor?: string): string {
  const here = `${pathname}${search}`;
  const query = [
    ...(!isReturnedTo(here) || here === "/papers" ? [] : [`to=${encodeURIComponent(here)}`]),
    ...(voteFor === undefined ? [] : [`vote=${encodeURIComponent(voteFor)}`]),
  ];
  return query.length > 0 ? `/sign-in?${query.join("&")}` : "/sign-in";
}
