/** Minutes that a sign-in link is good for, from the moment that its message is sent. */
export const LINK_MINUTES = 15;

/** Where a reader signs in who is at an address, and then comes back to it, having voted for a paper if they want. */
export function signInPath({ pathname, search }: Pick<URL, "pathname" | "search">, voteFor?: string): string {
  const here = `${pathname}${search}`;
  const query = [
    ...(here.startsWith("/sign-in") || here === "/papers" ? [] : [`to=${encodeURIComponent(here)}`]),
    ...(voteFor === undefined ? [] : [`vote=${encodeURIComponent(voteFor)}`]),
  ];
  return query.length > 0 ? `/sign-in?${query.join("&")}` : "/sign-in";
}
