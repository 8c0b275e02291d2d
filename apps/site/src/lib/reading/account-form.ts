import { signInPath } from "#lib/sign-in-link.ts";
import { voteLimitMessage } from "#lib/vote-limit.ts";
import { deserialize } from "$app/forms";

const FAILED = "This could not be saved. Check your connection and try again.";

/**
 * Sends a form of the reader's account without leaving the page. Returns what went wrong, in a sentence; undefined when
 * it was carried out. A reader whose session has ended is led to sign in, and has then voted for `voteFor`.
 */
export async function sendAccountForm(event: SubmitEvent, voteFor?: string): Promise<string | undefined> {
  event.preventDefault();
  if (!(event.currentTarget instanceof HTMLFormElement)) return FAILED;
  const { action } = event.currentTarget;
  const body = new FormData(event.currentTarget, event.submitter);
  try {
    const headers = { accept: "application/json", "x-sveltekit-action": "true" };
    const response = await fetch(action, { method: "POST", body, headers });
    const result = deserialize(await response.text());
    const signIn =
      result.type === "redirect" ? result.location.startsWith("/sign-in") : result.status === 401;
    // The whole page anew: it was made for somebody who was signed in.
    if (signIn) location.assign(signInPath(location, voteFor));
    else if (result.type === "redirect") return undefined;
    else if (result.status === 429) return voteLimitMessage(Number(response.headers.get("retry-after")));
    else if (result.type === "failure" && typeof result.data?.message === "string")
      return result.data.message;
  } catch {
    // The network is gone, or what answered was not the site.
  }
  return FAILED;
}
