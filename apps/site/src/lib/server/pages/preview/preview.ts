import { papers as registry } from "@gradus/papers";
import { authorsLine } from "#lib/authors.ts";
import { longDate } from "#lib/days.ts";
import { lruCache } from "../../cache/lru-cache.ts";
import type { Orm } from "../../database/connect.ts";
import { readableLine } from "../../papers/abstract/readable-line.ts";
import { measuredInstants } from "../../papers/list-entries.ts";
import { officialVerdicts } from "../../papers/measurements/claim-measurements.ts";
import { firstFigure, officialFigure } from "../../papers/measurements/drawing.ts";
import type { StoredPaper } from "../../papers/papers.ts";
import { topicsByPaper } from "../../search/topics/paper-topics.ts";
import { type PreviewContent, previewSvg } from "./picture.ts";
import { pngOf } from "./png.ts";

/** Pictures that are kept: of about 60 kB each. */
const KEPT = 200;
const pictures = lruCache<Promise<Uint8Array<ArrayBuffer>>>({ capacity: KEPT, sizeOf: () => 1 });

async function contentOf(orm: Orm, paper: StoredPaper): Promise<PreviewContent> {
  const { id, title, authors, publishedAt, specSlug } = paper;
  const topics = (await topicsByPaper(orm, [id])).get(id) ?? [];
  const content = {
    title: readableLine(title),
    authors: authorsLine(authors),
    published: longDate(publishedAt),
    topics: topics.map(({ label }) => label),
  };
  const runnable = registry.find(({ slug }) => slug === specSlug);
  if (!runnable) return content;
  const [verdicts, instants] = await Promise.all([officialVerdicts(orm, [id]), measuredInstants(orm, [id])]);
  const first = await firstFigure(runnable, instants.get(id) ?? new Set());
  const figure = first && (await officialFigure(runnable.slug, first.experiment, first.plot, "preview"));
  return {
    ...content,
    verdicts: verdicts.get(id) ?? runnable.claims.map(() => "not run" as const),
    figure,
  };
}

/** The picture of a paper as a PNG file, drawn once for what it shows. */
export async function paperPreview(orm: Orm, paper: StoredPaper): Promise<Uint8Array<ArrayBuffer>> {
  const svg = previewSvg(await contentOf(orm, paper));
  const kept = pictures.get(svg);
  if (kept) return kept;
  const picture = pngOf(svg);
  pictures.set(svg, picture);
  return picture;
}
