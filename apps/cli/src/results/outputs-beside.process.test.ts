// Files that go to the standard output: nothing else may be in it.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, folder, gradus, start } from "../fixture/program.ts";

const whole = (page: string) => page.startsWith("<!doctype html>") && page.trimEnd().endsWith("</html>");

describe.skipIf(!existsSync("/dev/stdout"))("--html /dev/stdout (skipped where it is absent)", () => {
  it("has the page alone on the standard output, and the summary beside it", async () => {
    for (const command of ["run walk", "verify walk", "show latest", "sweep walk --seeds 2"]) {
      const { status, out, err } = await gradus(`${command} --html /dev/stdout`).ended;
      expect({ command, status, whole: whole(out) }).toEqual({ command, status: 0, whole: true });
      expect(err).toContain("Report: /dev/stdout");
    }
    const page = join(folder, "page.html");
    const line = `exec node '${fixture}' run walk --html /dev/stdout > '${page}'`;
    expect((await start("sh", ["-c", line]).ended).status).toBe(0);
    expect(whole(await readFile(page, "utf8"))).toBe(true);
  });

  it("is refused beside another text for the standard output before anything runs", async () => {
    const cases: [line: string, both: string][] = [
      ["run walk --json --html /dev/stdout", "--json and --html /dev/stdout"],
      ["run walk --report /dev/fd/1 --html /dev/stdout", "--html /dev/stdout and --report /dev/fd/1"],
      ["sweep walk --csv /dev/stdout --html /dev/stdout", "--html /dev/stdout and --csv /dev/stdout"],
    ];
    for (const [line, both] of cases) {
      const { status, out, err } = await gradus(line).ended;
      expect({ line, status, out }).toEqual({ line, status: 2, out: "" });
      expect(err.replaceAll("\n", " ")).toContain(`${both} would both write to standard output`);
    }
  });
});
