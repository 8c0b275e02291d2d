import { error } from "@sveltejs/kit";
import { officialFigure } from "#lib/server/measurements/drawing.ts";
import type { RequestHandler } from "./$types";

/** What an official run drew, as an SVG file. */
export const GET: RequestHandler = async ({ params: { paper, experiment, plot } }) => {
  const file = await officialFigure(paper, experiment, plot);
  if (file === undefined) error(404, `No official figure ${plot} of ${paper}/${experiment}.`);
  return new Response(file, {
    headers: { "content-type": "image/svg+xml; charset=utf-8", "cache-control": "public, max-age=3600" },
  });
};
