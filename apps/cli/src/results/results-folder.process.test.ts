// Several runs into one folder of results.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, gradus } from "../fixture/program.ts";

const names = async (part: string) => (await readdir(join(folder, part))).sort();

describe("--out", () => {
  it("is refused while another run writes there, and let go when that is killed", async () => {
    const first = gradus("run walk --out results", { FIXTURE_WAIT_IN: "walk:1" });
    await first.until("waiting in stage 1");
    for (const line of ["run steady-walks --out results", "sweep walk --seeds 1 --out results"]) {
      const { status, err } = await gradus(line).ended;
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(err.replaceAll(/\s+/g, " ")).toContain(
        `--out: process ${first.child.pid} is writing its results into results; wait for it, or choose another folder`,
      );
    }
    first.child.kill("SIGKILL");
    await first.ended;
    expect((await gradus("run walk --out results").ended).status).toBe(0);
    expect(await names("results")).not.toContain(".gradus.lock");
  });

  it("says that it waits for what a container left behind", async () => {
    await mkdir(join(folder, "results"));
    const left = '{"pid":1,"begun":"1","space":"pid:[1]","token":"left"}';
    await writeFile(join(folder, "results", ".gradus.lock"), left);
    const run = gradus("run walk --out results");
    await run.until("waiting up to 20 s");
    // As the container would that ends in order.
    await rm(join(folder, "results", ".gradus.lock"));
    const { status, err } = await run.ended;
    expect(status).toBe(0);
    expect(err.replaceAll(/\s+/g, " ")).toContain(
      "--out: waiting up to 20 s to see whether a process of another container still writes into results.",
    );
  });

  it("is let go after Ctrl-C", async () => {
    const run = gradus("run walk --out results", { FIXTURE_WAIT_IN: "walk:1" });
    await run.until("waiting in stage 1");
    run.child.kill("SIGINT");
    await run.ended;
    expect(await names("results")).toEqual([]);
  });

  it("has nothing of an earlier report beside that of all of a paper, and keeps what others put there", async () => {
    await gradus("run walk --out results").ended;
    expect(await names("results")).toContain("plot-path.csv");
    await writeFile(join(folder, "results", "plot-mine.csv"), "x\n");
    await gradus("run 12 --out results").ended;
    expect(await names("results")).toEqual(["plot-mine.csv", "report.json", "run.json", "steady"]);
    const [report] = JSON.parse(await readFile(join(folder, "results", "report.json"), "utf8"));
    expect(report).toMatchObject({ paper: "steady-walks", experiment: "steady" });
  });
});
