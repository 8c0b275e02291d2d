// Trainings without a server: in one process, and in processes connected by the one that started them.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folder, gradus } from "../fixture/program.ts";
import { runCommand } from "../fixture/run-command.ts";
import { isAlive, processesOf, rejected, score } from "../fixture/training.ts";
import type { CollaborativeRecord } from "./record.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "gradus-collaborate-"));
});
afterEach(() => rm(home, { recursive: true }));

const line = (text: string) => runCommand(`collaborate ${text}`, { home });

describe("in one process", { timeout: 300_000 }, () => {
  it("peers learn under attack, and the record, the table and the page agree", async () => {
    const page = join(home, "page.html");
    const made = await line(
      `--transport in-process --peers 6 --byzantine 1 --steps 150 --seed 2 --json --html ${page}`,
    );
    expect(made.status).toBe(0);
    const record: CollaborativeRecord = JSON.parse(made.out);
    expect(record.finished).toBe(true);
    expect(record.curve.at(-1)?.step).toBe(150);
    // Chance is a tenth; the specification's runs are near 0.9 after twice the steps.
    expect(score(record)).toBeGreaterThan(0.6);
    expect(record.nodes.map(({ state, byzantine }) => (byzantine ? "Byzantine" : state))).toEqual([
      ...new Array(5).fill("finished"),
      "Byzantine",
    ]);

    const shown = await line("show latest");
    expect(shown.out).toContain("MoNNA with 6 peers, 1 Byzantine (ALIE)");
    expect(shown.out).toContain("5 of 5 honest peers have finished");
    const text = await readFile(page, "utf8");
    expect(text).toContain("5 of 5 honest peers have finished");
    expect(text).toContain("<svg");
    expect(text).not.toContain("<script");
  });

  it("garbage does no harm, and each kind is counted", async () => {
    const { status, out } = await line(
      "--transport in-process --peers 5 --byzantine 1 --attack garbage --steps 300 --seed 3 --json",
    );
    const quiet = await line("--transport in-process --peers 4 --byzantine 0 --steps 300 --seed 3 --json");
    expect([status, quiet.status]).toEqual([0, 0]);
    const [record, alone]: CollaborativeRecord[] = [out, quiet.out].map((text) => JSON.parse(text));
    for (const reason of ["not finite", "size", "header", "signature", "sender"])
      expect(rejected(record, reason), reason).toBeGreaterThan(0);
    // Garbage counts as an answer: a round may end with three of the four honest models, which costs some accuracy
    // (0.05 to 0.06 when measured). A plain mean with a Byzantine peer ends near 0.1, which is 0.7 away.
    expect(Math.abs(score(record) - score(alone))).toBeLessThan(0.2);
    // Where every round wants all models, nobody falls behind: all evaluations are there, and 300 rounds' messages to
    // three others, 2410 numbers of four bytes and 32 bytes in front of them.
    expect(alone.curve.map(({ step }) => step)).toEqual(Array.from({ length: 61 }, (_, k) => 5 * k));
    const bytes = 300 * 3 * (4 * 2410 + 32);
    expect(alone.nodes.map(({ report }) => report?.bytesSent)).toEqual(new Array(4).fill(bytes));
  });

  it("a sign flip ruins the plain mean but not nearest-neighbor averaging", async () => {
    const options = "--transport in-process --peers 9 --byzantine 2 --attack SF --steps 150 --json";
    const [mean, neighbors] = [await line(`${options} --method mean`), await line(options)];
    const [ruined, borne]: CollaborativeRecord[] = [mean, neighbors].map(({ out }) => JSON.parse(out));
    // The specification's bound for the mean under this attack.
    expect(score(ruined)).toBeLessThan(0.5);
    expect(score(borne)).toBeGreaterThan(0.6);
  });
});

describe("in separate processes", { timeout: 300_000 }, () => {
  it("Ctrl-C ends them all, and resume continues the training", async () => {
    const run = gradus("collaborate --peers 4 --byzantine 1 --steps 100 --seed 1 --json");
    const processes = processesOf(run);
    await run.until("30%");
    run.child.kill("SIGINT");
    const { status, out, err } = await run.ended;
    expect([status, out]).toEqual([130, ""]);
    expect(processes.size).toBe(4);
    expect([...processes.values()].filter(isAlive)).toEqual([]);
    const [id] = await readdir(join(folder, ".gradus", "collaborate"));
    expect(err).toContain(`collaborate resume ${id}`);

    const resumed = await gradus(`collaborate resume ${id} --json`).ended;
    expect(resumed.status, resumed.err).toBe(0);
    expect(resumed.err).not.toMatch(/ (0|10|20) % {2}step/);
    const record: CollaborativeRecord = JSON.parse(resumed.out);
    expect(record.curve[0].step).toBe(0);
    expect(record.curve.at(-1)?.step).toBe(100);
    const honest = record.nodes.filter(({ byzantine }) => !byzantine);
    expect(honest.map(({ state }) => state)).toEqual(["finished", "finished", "finished"]);
    // A finished training is shown, not repeated.
    const again = await gradus("collaborate resume latest --json").ended;
    expect(JSON.parse(again.out)).toEqual(record);
  });
});

describe("the roster and the keys", () => {
  it("are protected: only their owner can read the keys, and an altered roster is refused", async () => {
    await line("--transport in-process --peers 2 --byzantine 0 --steps 1");
    const [id] = await readdir(join(home, "collaborate"));
    const file = join(home, "collaborate", id, "roster.json");
    const key = join(home, "collaborate", id, "peer-1.key.json");
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, "utf8");
    const refused = await line(`peer ${file} --key ${key}`);
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.err.replaceAll("\n", " ")).toContain(
      "training with --transport in-process, which other machines cannot join",
    );
    await writeFile(file, text.replace('"steps": 1', '"steps": 2'));
    const altered = await line(`peer ${file} --key ${key}`);
    expect(altered).toMatchObject({ status: 2 });
    expect(altered.err.replaceAll("\n", " ")).toContain("not signed by the coordinator");
    await writeFile(file, text.replaceAll("publicKeys", "keys"));
    expect((await line(`peer ${file} --key ${key}`)).status).toBe(2);
    const absent = await line(`peer ${file} --key ${join(home, "none.json")}`);
    expect(absent.err).toContain("cannot be read");
  });
});

describe("refused options", () => {
  it.each([
    ["--peers 1", "It must be a whole number from 2 to 200"],
    ["--peers 4 --byzantine 2", "less than half of the 4 peers"],
    ["--peers 5 --byzantine 2 --method BRIDGE", "BRIDGE with 2 Byzantine peers needs"],
    ["--attack ALLY", "Did you mean ALIE?"],
    ["--transport nat", "Did you mean nats?"],
    ["--server nats://here:1", "--server needs --transport nats"],
    ["--transport nats --server http://here", "nats://host:port or tls://host:port"],
    ["--remote 1", "--remote needs --transport nats"],
    ["--transport nats --server nats://here --remote 10", "from 0 to 9"],
    ["--concentration 0", "a number > 0"],
    ["--deadline soon", "It must be a whole number from 1 to 3600000"],
    ["peer", "required option '--key <file>' not specified"],
    ["resume", 'there is no training "latest"'],
    ["reusme", "Did you mean resume?"],
  ])("is told: collaborate %s", async (text, message) => {
    const { status, err } = await line(text);
    expect(status).toBe(2);
    expect(err.replaceAll("\n", " ")).toContain(message);
  });
});
