import { escaped } from "../mail/html.ts";
import { errorPage, wantsPage } from "./error-page.ts";

/** Bytes of a form that is kept; longer ones carry files. */
const LARGEST_FORM = 64 * 1024;
const FORM = "application/x-www-form-urlencoded";
/** How soon to send it again, in seconds. */
const RETRY_AFTER = "10";

/** A copy of a form that a browser sends for a page, from which it can be offered again; undefined for other requests. */
export function keptForm(request: Request): Request | undefined {
  const { method, headers } = request;
  const isForm = method === "POST" && headers.get("content-type")?.split(";")[0].trim() === FORM;
  const bytes = Number(headers.get("content-length") ?? Number.NaN);
  return isForm && wantsPage(headers.get("accept")) && bytes <= LARGEST_FORM ? request.clone() : undefined;
}

/**
 * The page in place of an answer that could not be made, with what its reader entered: one press sends it again. It needs
 * neither the database nor scripts.
 */
export async function unavailablePage(form: Request): Promise<Response> {
  const { pathname, search } = new URL(form.url);
  const fields = [...(await form.formData())].flatMap(([name, value]) =>
    typeof value === "string"
      ? [`<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`]
      : [],
  );
  const html = errorPage({
    status: 503,
    message:
      "The site could not finish this. What you entered is kept on this page: send it again in a minute.",
    content: `
      <form method="post" action="${escaped(pathname + search)}">
        ${fields.join("\n        ")}
        <p><button type="submit">Send again</button></p>
      </form>`,
  });
  const headers = { "Content-Type": "text/html; charset=utf-8", "Retry-After": RETRY_AFTER };
  return new Response(html, { status: 503, headers });
}
