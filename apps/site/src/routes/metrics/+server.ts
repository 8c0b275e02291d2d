import { error, text } from "@sveltejs/kit";
import { isLocal, servesMetrics } from "#lib/server/http/metrics.ts";
import { requestPipeline } from "#lib/server/request-pipeline.ts";
import type { RequestHandler } from "./$types";

/** Figures for Prometheus: where the operator turned them on, and for this machine only. */
export const GET: RequestHandler = async ({ request, platform }) => {
  const local = isLocal(platform?.req.socket.remoteAddress, request.headers);
  if (!servesMetrics(process.env) || !local) error(404, "Not Found");
  const { requests, gauges } = await requestPipeline();
  return text(requests.text(await gauges()), {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" },
  });
};
