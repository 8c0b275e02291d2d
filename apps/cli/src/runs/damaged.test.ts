// Files of runs and checkpoints that are cut off, edited by hand, or from another version.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../fixture/run-command.ts";
import { type Plan, sessionText } from "../session/session.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gradus-damaged-"));
});
afterEach(() => rm(home, { recursive: true }));

const gradus = (line: string) => runCommand(line, { home });
const flat = (text: string) => text.replaceAll(/\s+/g, " ");

const without = (name: string) => (text: string) =>
  JSON.stringify({ ...JSON.parse(text), [name]: undefined });

describe("a saved run", () => {
  it.each([
    ["cut off", (text: string) => text.slice(0, 500)],
    ["without its plan", without("plan")],
    ["without its papers", without("papers")],
    ["with an empty report", (text: string) => JSON.stringify({ ...JSON.parse(text), reports: [{}] })],
    ["of another format", (text: string) => text.replace('"format":1', '"format":9')],
  ])("%s is said not to be one, and no other is hidden", async (_, damage) => {
    await gradus("run walk");
    const [name] = await readdir(join(home, "runs"));
    const text = await readFile(join(home, "runs", name), "utf8");
    const damaged = join(home, "runs", "20010101T000000000Z-abcdef0123.json");
    await writeFile(damaged, damage(text));
    const listed = await gradus("show");
    expect(listed.status).toBe(0);
    expect(listed.out).toContain("random-walks/walk");
    expect(flat(listed.out)).toContain(`${damaged} cannot be read`);
    expect(JSON.parse((await gradus("show --json")).out)).toHaveLength(1);
    for (const line of ["show abcdef", `show ${damaged} --html ${home}/page.html`]) {
      const { status, err } = await gradus(line);
      expect({ line, status }).toEqual({ line, status: 2 });
      expect(flat(err)).toContain(`${damaged} is not a record of a run`);
    }
    await rm(join(home, "runs", name));
    expect(flat((await gradus("show")).out)).toBe(`${damaged} cannot be read `);
  });
});

describe("show latest", () => {
  const newest = () => join(home, "runs", "20990101T000000000Z-abcdef0123.json");

  it("shows the newest run that can be read, and says which one is damaged", async () => {
    await gradus("run walk");
    await writeFile(newest(), "{");
    const { status, out, err } = await gradus("show latest --json");
    expect(status).toBe(0);
    expect(JSON.parse(out).plan.names).toEqual(["random-walks/walk"]);
    expect(flat(err)).toBe(
      `${newest()} is not a record of a run: it is not valid JSON; the latest run before it is shown. `,
    );
  });

  it("is refused where no run can be read", async () => {
    await mkdir(join(home, "runs"));
    await writeFile(newest(), "{");
    const { status, err } = await gradus("show latest");
    expect(status).toBe(2);
    expect(flat(err)).toContain(`${newest()} is not a record of a run`);
  });
});

describe("a checkpoint", () => {
  const plan: Plan = {
    ...{ command: "run", names: ["random-walks/walk"], profile: "quick" },
    ...{ seed: 1, seeds: 1, set: {} },
  };
  it.each([
    ["an empty report", { finished: [{}], current: null }],
    ["a part without events", { finished: [], current: { stages: { "stage 0": {} } } }],
  ])("with %s is refused, and not offered", async (_, progress) => {
    const whole = sessionText({ plan, finished: [], current: null }, { args: ["run"], sources: "these" });
    const file = join(home, "checkpoints", "run-walk.checkpoint.json");
    await mkdir(join(home, "checkpoints"));
    await writeFile(file, JSON.stringify({ ...JSON.parse(whole), process: 0, ...progress }));
    const { status, err } = await gradus(`run --resume ${file}`);
    expect(status).toBe(2);
    expect(flat(err)).toContain(`${file} is not a checkpoint that this version of gradus wrote`);
    expect((await gradus("show")).out).not.toContain("Interrupted");
  });
});
