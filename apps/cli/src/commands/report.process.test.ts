// Reports from a run to a site that stands in for a real one: what it is sent, and what its answers become.
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { reportHash } from "@gradus/papers";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { runCommand } from "../fixture/run-command.ts";

let folder: string;
let server: Server;
let site: string;
const taken: { readonly url?: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let answer: { readonly status: number; readonly body: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-report-"));
  server = createServer(async (request, response) => {
    const { url, headers } = request;
    taken.push({ url, headers, body: await text(request) });
    response.writeHead(answer.status, { location: "/elsewhere" }).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  site = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  taken.length = 0;
});

const gradus = (line: string) => runCommand(line, { home: join(folder, ".gradus"), columns: 200 });

const fileSchema = z.object({
  gradus: z.literal("reports"),
  format: z.literal(1),
  reports: z.array(z.looseObject({ experiment: z.string(), hash: z.string() })),
});
const read = async (file: string) => fileSchema.parse(JSON.parse(await readFile(file, "utf8")));

describe("run --report", () => {
  it("writes the report of an experiment, or those of all of a paper's, each with its hash", async () => {
    const file = join(folder, "walk.json");
    const { status, out } = await gradus(`run walk --seed 7 --report ${file}`);
    expect(status).toBe(0);
    expect(out).toContain(`Reproduction report: ${file}`);
    const [{ hash, ...report }] = (await read(file)).reports;
    expect(report).toMatchObject({
      format: 1,
      paper: "random-walks",
      experiment: "walk",
      profile: "quick",
      seed: 7,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      checks: [
        { claim: "C1", held: true },
        { claim: "C2", held: true },
      ],
    });
    expect(await reportHash(report)).toBe(hash);

    expect((await gradus(`run 4 --report ${file}`)).status).toBe(1);
    expect((await read(file)).reports.map(({ experiment }) => experiment)).toEqual(["walk", "fails"]);
  });

  it("refuses changed parameters and files that cannot be written before it runs anything", async () => {
    const changed = await gradus(`run walk --set steps=3 --report ${join(folder, "x.json")}`);
    expect(changed).toMatchObject({ status: 2, out: "" });
    expect(changed.err).toContain("--report needs the parameters of a profile");
    const nowhere = await gradus("run walk --report /dev/null/x.json");
    expect(nowhere.status).toBe(2);
    expect(nowhere.err).toContain("--report: cannot write into /dev/null");
  });
});

describe("report send", () => {
  const file = () => join(folder, "sent.json");
  beforeAll(async () => {
    await gradus(`run 4 --report ${file()}`);
  });

  it("sends each report with the token and the note, and says so", async () => {
    vi.stubEnv("GRADUS_TOKEN", "gradus_abc");
    vi.stubEnv("GRADUS_SITE", site);
    answer = { status: 201, body: "{}" };
    const { status, out } = await gradus(`report send ${file()} --note Fine.`);
    expect(status).toBe(0);
    expect(out).toBe("random-walks/walk, quick, seed 1: sent\nrandom-walks/fails, quick: sent\n");
    expect(taken.map(({ url, headers }) => [url, headers.authorization])).toEqual(
      Array(2).fill(["/api/v1/reports", "Bearer gradus_abc"]),
    );
    const { reports } = await read(file());
    expect(taken.map(({ body }) => JSON.parse(body))).toEqual(
      reports.map((report) => ({ report, note: "Fine." })),
    );
  });

  it("tells why a site refuses a report, and follows it nowhere", async () => {
    vi.stubEnv("GRADUS_TOKEN", "gradus_abc");
    answer = { status: 409, body: JSON.stringify({ error: { code: "duplicate", message: "Known here." } }) };
    const refused = await gradus(`report send ${file()} --site ${site}`);
    expect(refused).toMatchObject({ status: 3, out: "" });
    expect(refused.err).toContain("random-walks/walk, quick, seed 1: Known here.");
    answer = { status: 502, body: "<html>" };
    expect((await gradus(`report send ${file()} --site ${site}`)).err).toContain("seed 1: status 502");
    taken.length = 0;
    answer = { status: 307, body: "" };
    const led = await gradus(`report send ${file()} --site ${site}`);
    expect(led.status).toBe(3);
    expect(led.err).toContain(`${site} cannot be reached`);
    expect(taken).toHaveLength(1);
  });

  it("needs a site, a token, a file of reports and a short note", async () => {
    const other = join(folder, "other.json");
    await writeFile(other, "[]");
    vi.stubEnv("GRADUS_SITE", "");
    vi.stubEnv("GRADUS_TOKEN", "");
    const cases: [line: string, said: string][] = [
      [`report send ${file()}`, "report send needs --site or GRADUS_SITE"],
      [`report send ${file()} --site papers`, "--site must be a URL, got papers"],
      [`report send ${file()} --site http://papers.example.org`, "--site must be https"],
      [`report send ${file()} --site ${site}`, `make one at ${site}/account`],
    ];
    for (const [line, said] of cases) {
      const { status, err } = await gradus(line);
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(err).toContain(said);
    }
    vi.stubEnv("GRADUS_TOKEN", "gradus_abc");
    const long = await gradus(`report send ${file()} --site ${site} --note ${"a".repeat(281)}`);
    expect(long.err).toContain("--note must have at most 280 characters, got 281");
    expect((await gradus(`report send ${other} --site ${site}`)).err).toContain('that "run --report" wrote');
    expect((await gradus(`report send ${folder}/no.json --site ${site}`)).err).toContain("cannot be read");
    expect(taken).toEqual([]);
  });
});
