// A server that gives daily lists as Hugging Face does, for tests, and fails in the ways in which servers fail.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An item of a list, with the fields that the real ones have. */
export function dailyItem(id: string, upvotes: number, more: Readonly<Record<string, unknown>> = {}) {
  return {
    paper: {
      id,
      authors: [{ _id: "6650c7ba1b5ef7d9a5ab8c2f", name: "Ada Kovač", hidden: false }],
      publishedAt: "2026-11-18T17:59:59.000Z",
      submittedOnDailyAt: "2026-11-19T01:02:03.456Z",
      title: `${id} as flattened text`,
      summary: "We take steps of size eta\\n\\n and <PRE_TAG>momentum</POST_TAG>.",
      upvotes,
      discussionId: "6650c7ba1b5ef7d9a5ab8c30",
      ai_keywords: ["momentum"],
      ...more,
    },
    publishedAt: "2026-11-19T00:00:00.000Z",
    title: `${id} as flattened text`,
    thumbnail: `https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/${id}.png`,
    numComments: 1,
    submittedBy: { fullname: "A Reader", name: "reader", type: "user" },
    isAuthorParticipating: false,
  };
}

export type ListMood = "well" | "html" | "object" | "stalled" | "endless" | "redirect" | number;

/** Starts the server: `lists` has the items of each day, and `mood` says how the next requests are answered. */
export async function fakeHuggingFace(lists: Readonly<Record<string, readonly unknown[]>>) {
  const requests: string[] = [];
  const own: { mood: ListMood } = { mood: "well" };
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    const { mood } = own;
    if (mood === "stalled") return;
    if (typeof mood === "number") return void response.writeHead(mood).end();
    if (mood === "redirect")
      return void response.writeHead(302, { location: "http://169.254.169.254/latest" }).end();
    response.writeHead(200, { "content-type": mood === "html" ? "text/html" : "application/json" });
    if (mood === "html") return void response.end("<!doctype html><title>Sorry</title>");
    if (mood === "object") return void response.end('{"error":"nothing"}');
    if (mood === "endless") {
      const piece = Buffer.alloc(1 << 20, " ");
      const write = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", write);
      };
      return write();
    }
    const limit = Number(searchParams.get("limit"));
    const begin = Number(searchParams.get("p")) * limit;
    const items = lists[searchParams.get("date") ?? ""] ?? [];
    response.end(JSON.stringify(items.slice(begin, begin + limit)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(own, {
    url: new URL(`http://127.0.0.1:${port}/api/daily_papers`),
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
