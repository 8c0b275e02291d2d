import type { Reroute } from "@sveltejs/kit/hooks";
import { browser } from "$app/env";

/** No page is there. */
const NOWHERE = "/malformed-address";

/**
 * Lets the page with which the server answers to an address that cannot be decoded, such as `/papers/%E0`, come alive: the
 * browser's router would fail on it.
 */
export const reroute: Reroute = ({ url }) => {
  if (!browser) return;
  try {
    decodeURI(url.pathname);
  } catch {
    return NOWHERE;
  }
};
