import { error } from "@sveltejs/kit";
import { isForm, officialFigure } from "#lib/server/measurements/drawing.ts";
import type { RequestHandler } from "./$types";

/** What an official run drew, as an SVG file. */
export const GET: RequestHandler = async ({ params: { paper, experiment, plot }, url }) => {
  const form = url.searchParams.get("form") ?? "file";
  if (!isForm(form)) error(400, "form is one of file, page, card and list.");
  const file = await officialFigure(paper, experiment, plot, form);
  if (file === undefined) error(404, `No official figure ${plot} of ${paper}/${experiment}.`);
  return new Response(file, {
    headers: { "content-type": "image/svg+xml; charset=utf-8", "cache-control": "public, max-age=3600" },
  });
};
