import { error } from "@sveltejs/kit";
import { WIDTHS } from "#lib/lab/figure/figure-sizes.ts";
import {
  isFigureUse,
  isFigureWidth,
  officialFigure,
  plotFrame,
} from "#lib/server/papers/measurements/drawing.ts";
import type { RequestHandler } from "./$types";

/** What an official run drew, or with `frame` the frame of it, as an SVG file. */
export const GET: RequestHandler = async ({ params: { paper, experiment, plot }, url }) => {
  const form = url.searchParams.get("form") ?? "file";
  if (!isFigureUse(form)) error(400, "“form” must be one of file, page, card, list, preview.");
  const asked = url.searchParams.get("width");
  const width = asked === null ? undefined : Number(asked);
  if (width !== undefined && !isFigureWidth(width))
    error(400, `“width” must be one of ${WIDTHS.join(", ")}.`);
  const file = url.searchParams.has("frame")
    ? await plotFrame(paper, experiment, plot, form, width)
    : await officialFigure(paper, experiment, plot, form, width);
  if (file === undefined) error(404, `No official figure ${plot} of ${paper}/${experiment}.`);
  return new Response(file, {
    headers: { "content-type": "image/svg+xml; charset=utf-8", "cache-control": "public, max-age=3600" },
  });
};
