// A day with more papers than a page of a list has: for tests and measurements of long lists.
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { randomStream } from "gradus/random";
import { openEmbedded } from "../src/lib/server/database/connect.ts";
import { ingestState, paperAuthors, papers, paperTopics } from "../src/lib/server/database/schema/index.ts";
import { renderAbstract } from "../src/lib/server/papers/abstract/render.ts";
import { startServer, type TestServer } from "./server.ts";

/** The day before which the full one lies; what every test here takes for now. */
export const CLOCK = { GRADUS_NOW: "2025-12-25T12:00:00Z", GRADUS_ALLOW_CLOCK: "1" };
export const FULL_DAY = "2025-12-18";
const PAPERS = 60;
const FIRST_ID = 10_000;
/** One of them; every paper of the seed has experiments. */
export const PAPER_WITHOUT_EXPERIMENTS = `/papers/2512.${FIRST_ID}`;
/** One of so many words of an abstract is a formula. */
const WORDS_PER_FORMULA = 24;
const FORMULAS = ["$L_2$", "$\\epsilon$", "$\\mathcal{O}(1/k^2)$", "$\\|\\nabla f(x_k)\\| \\le \\epsilon$"];

/**
 * A day with 60 papers, their words drawn from the seed's so that they compress no better than what people write, with
 * formulas between them, a source that last brought papers three hours before the clock, and votes.
 */
async function fillDay(folder: string): Promise<void> {
  const { orm, close } = await openEmbedded(join(folder, "database"));
  try {
    const seed = await orm.select().from(papers);
    const words = seed.flatMap(({ abstractText }) => abstractText.split(" "));
    const random = randomStream(7);
    const draw = <T>(from: readonly T[]) => from[Math.floor(random.uniform() * from.length)];
    const text = (count: number) => Array.from({ length: count }, () => draw(words)).join(" ");
    const abstract = (count: number) =>
      Array.from({ length: count }, (_, i) =>
        draw(i % WORDS_PER_FORMULA === WORDS_PER_FORMULA - 1 ? FORMULAS : words),
      ).join(" ");
    for (let i = 0; i < PAPERS; i++) {
      const featuredAt = new Date(Date.parse(`${FULL_DAY}T00:00:00Z`) + i * 1000);
      const abstractRaw = abstract(150);
      const rendered = renderAbstract(abstractRaw, "source");
      const [{ id }] = await orm
        .insert(papers)
        .values({
          arxivId: `2512.${FIRST_ID + i}`,
          title: text(9),
          abstractRaw,
          abstractKind: "source",
          abstractHtml: rendered.html,
          abstractExcerptHtml: rendered.excerptHtml,
          abstractText: rendered.text,
          authorsCount: 3,
          publishedAt: featuredAt,
          featuredAt,
          lane: "daily",
          hot: i,
          votesCount: i % 9,
          contentHash: String(i),
          codeUrl: i % 3 === 0 ? `https://github.com/${text(1).replace(/\W/g, "")}/code` : null,
        })
        .returning({ id: papers.id });
      for (const position of [1, 2, 3])
        await orm.insert(paperAuthors).values({ paperId: id, position, name: text(2) });
      await orm.insert(paperTopics).values([
        { paperId: id, topic: "convex" },
        { paperId: id, topic: "distributed" },
      ]);
    }
    await orm.insert(ingestState).values({ source: "arXiv", okAt: new Date("2025-12-25T09:00:00Z") });
    await orm.execute(sql`checkpoint`);
  } finally {
    await close();
  }
}

/** The folder of a server that was stopped, with the seed's papers. */
async function seededFolder(): Promise<string> {
  const server = await startServer({ environment: CLOCK });
  await server.stop();
  return server.folder;
}

/** The production server with the seed's day and the full one. */
export async function startWithFullDay(seeded?: string): Promise<TestServer> {
  const folder = seeded ?? (await seededFolder());
  await fillDay(folder);
  return startServer({ environment: CLOCK, folder });
}
