/** What somebody is about to do who has to sign in for it, by where they return to. */
const AIMS: readonly (readonly [page: string, aim: string])[] = [
  ["/submit", "submit a paper"],
  ["/followed", "follow authors and searches"],
  ["/administrator", "become an administrator"],
];

/** The heading of the page on which somebody signs in who returns to a path of this site. */
export function signInHeading(to: string): string {
  const page = to.replace(/[?#].*$/, "");
  const aim = AIMS.find(([own]) => own === page)?.[1];
  return aim ? `Sign in to ${aim}` : "Sign in";
}
