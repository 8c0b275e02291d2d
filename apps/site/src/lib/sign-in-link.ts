/** Minutes that a sign-in link is good for, from the moment that its message is sent. */
export const LINK_MINUTES = 15;

/** Where a reader signs in who is at an address, and then comes back to it. */
export function signInPath({ pathname, search }: Pick<URL, "pathname" | "search">): string {
  const here = `${pathname}${search}`;
  return here.startsWith("/sign-in") || here === "/papers"
    ? "/sign-in"
    : `/sign-in?to=${encodeURIComponent(here)}`;
}
