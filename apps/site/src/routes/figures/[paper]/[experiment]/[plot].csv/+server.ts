import { error } from "@sveltejs/kit";
import { plotCsv } from "#lib/lab/csv.ts";
import { officialPlot } from "#lib/server/papers/measurements/figures.ts";
import type { RequestHandler } from "./$types";

/** The numbers of what an official run drew, to six digits. */
export const GET: RequestHandler = async ({ params: { paper, experiment, plot } }) => {
  const found = await officialPlot(paper, experiment, plot);
  if (!found) error(404, `No official figure ${plot} of ${paper}/${experiment}.`);
  return new Response(plotCsv(found.plot, found.data), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${paper}-${experiment}-${plot}.csv"`,
      "cache-control": "public, max-age=3600",
    },
  });
};
