import { error } from "@sveltejs/kit";
import { errorSentence } from "#lib/error-words.ts";

/** What forms in pages are sent as; browsers have a third way, `text/plain`, which nobody can read back. */
const READABLE = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;

/**
 * The fields of the form that a request sends.
 *
 * @throws HttpError 415 where its type is none of a form that can be read, 400 where its body is not of its type
 */
export async function readForm(request: Request): Promise<FormData> {
  if (!READABLE.test(request.headers.get("content-type") ?? ""))
    error(415, errorSentence("Unsupported Media Type"));
  try {
    return await request.formData();
  } catch (failure) {
    // Whatever else fails, such as a body that is too large, says itself what it is.
    if (!(failure instanceof TypeError)) throw failure;
    error(400, errorSentence("Malformed Form"));
  }
}

/** Whether a form could not be read because its body is larger than any may be. */
export function isTooLarge(failure: unknown): boolean {
  return typeof failure === "object" && failure !== null && "status" in failure && failure.status === 413;
}
