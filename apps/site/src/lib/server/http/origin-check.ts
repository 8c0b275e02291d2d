const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * True for a request that another site may have made in a reader's name: one that changes something, carries the
 * reader's cookies, and does not show that it comes from our own pages. Browsers send `Origin` or `Sec-Fetch-Site`
 * with every such request. Without cookies there is nobody's name to use: unsubscribe requests of mail providers and
 * programs that send a token of their own pass.
 */
export function isCrossSite(request: Request, origin: string): boolean {
  if (SAFE_METHODS.has(request.method) || !request.headers.has("cookie")) return false;
  return !isOwnPage(request, origin);
}

function isOwnPage({ headers }: Request, origin: string): boolean {
  const sender = headers.get("origin");
  return sender === null ? headers.get("sec-fetch-site") === "same-origin" : sender === origin;
}

/**
 * The same for requests that sign somebody in: another site must not sign its visitors in to an account of its own, for
 * which they need no cookie. Programs, which send neither field, pass.
 */
export function isCrossSiteSignIn(request: Request, origin: string): boolean {
  if (SAFE_METHODS.has(request.method)) return false;
  const told = request.headers.has("origin") || request.headers.has("sec-fetch-site");
  return told && !isOwnPage(request, origin);
}
