const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * True for a request that another site may have made in a reader's name: one that changes something, carries the
 * reader's cookies, and does not show that it comes from our own pages. Browsers send `Origin` or `Sec-Fetch-Site`
 * with every such request. Without cookies there is nobody's name to use: unsubscribe requests of mail providers and
 * programs that send a token of their own pass.
 */
export function isCrossSite(request: Request, origin: string): boolean {
  if (SAFE_METHODS.has(request.method) || !request.headers.has("cookie")) return false;
  const sender = request.headers.get("origin");
  if (sender !== null) return sender !== origin;
  return request.headers.get("sec-fetch-site") !== "same-origin";
}
