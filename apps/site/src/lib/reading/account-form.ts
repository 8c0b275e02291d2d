import { voteLimitMessage } from "#lib/vote-limit.ts";

const FAILED = "This could not be saved. Check your connection and try again.";

/**
 * Sends a form of the reader's account without leaving the page. Returns what went wrong, in a sentence; undefined when
 * it was carried out. A reader whose session has ended is led to sign in.
 */
export async function sendAccountForm(event: SubmitEvent): Promise<string | undefined> {
  event.preventDefault();
  if (!(event.currentTarget instanceof HTMLFormElement)) return FAILED;
  const { action } = event.currentTarget;
  const body = new FormData(event.currentTarget, event.submitter);
  try {
    const headers = { accept: "application/json", "x-sveltekit-action": "true" };
    const response = await fetch(action, { method: "POST", body, headers });
    const result: { readonly type?: unknown; readonly status?: unknown } = await response.json();
    if (result.type === "redirect") return undefined;
    if (result.status === 429) return voteLimitMessage(Number(response.headers.get("retry-after")));
    // The whole page anew: it was made for somebody who was signed in.
    if (result.status === 401) location.assign(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
  } catch {
    // The network is gone, or what answered was not the site.
  }
  return FAILED;
}
