import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryHost, runCommand } from "../fixture/run-command.ts";
import { defineProgram } from "../program/program.ts";
import { candidates, joinAssignments } from "./candidates.ts";
import { completionScript, type Shell, shells } from "./scripts.ts";

const fixture = fileURLToPath(new URL("../fixture/gradus.ts", import.meta.url));
let home: string;
let run: string;
/** With one file. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-files-"));
  await writeFile(join(folder, "model.onnx"), "");
  home = await mkdtemp(join(tmpdir(), "gradus-completion-"));
  await runCommand("run walk", { home });
  run = JSON.parse((await runCommand("show --json", { home })).out)[0].id;
});
afterAll(() => Promise.all([home, folder].map((each) => rm(each, { recursive: true }))));

/** Completions at the end of a line; a trailing space begins a new word. */
async function offered(line: string): Promise<string[]> {
  const host = memoryHost({ home });
  const program = defineProgram(host, async () => {});
  const { found } = await candidates(host, program, line.split(" "));
  return found.map(({ value }) => value);
}

describe("completions", () => {
  it("are commands, papers and experiments, each in its place", async () => {
    expect(await offered("")).toEqual([
      "list",
      "run",
      "verify",
      "show",
      "report",
      "sweep",
      "worker",
      "collaborate",
      "spectrum",
      "explain",
      "model",
      "new",
      "data",
      "db",
      "administrator",
      "operator",
      "ingest",
      "mail",
      "doctor",
      "completion",
      "version",
      "help",
    ]);
    expect(await offered("ve")).toEqual(["verify", "version"]);
    expect(await offered("--v")).toEqual(["--version"]);
    expect(await offered("help sh")).toEqual(["show"]);
    expect(await offered("db ")).toEqual(["export", "backup", "restore", "migrate"]);
    expect(await offered("model ")).toEqual(["inspect", "tune"]);
    expect(await offered("report ")).toEqual(["send"]);
    expect(await offered("operator ")).toEqual([
      "papers",
      "moderation",
      "reports",
      "accounts",
      "mail",
      "jobs",
    ]);
    expect(await offered("operator papers --feature 2611.00001 --fe")).toEqual(["--feature"]);
    expect(await offered("run ")).toEqual(["random-walks", "steady-walks", "broken"]);
    expect(await offered("run random-walks/")).toEqual(["random-walks/walk", "random-walks/fails"]);
    expect(await offered("run wa")).toEqual(["walk"]);
    expect(await offered("run walk ")).toEqual([]);
    expect(await offered("verify steady-walks ")).toEqual(["random-walks", "broken"]);
    expect(await offered("verify random-walks/walk random-walks/")).toEqual(["random-walks/fails"]);
    expect(await offered("sweep ")).toEqual([
      "random-walks",
      "steady-walks",
      "broken",
      "list",
      "show",
      "resume",
      "remove",
    ]);
    expect(await offered("sweep show ")).toEqual(["latest"]);
    expect(await offered("sweep walk ")).toEqual([]);
    expect(await offered("nothing ")).toEqual([]);
  });

  it("are options not yet given, and their values", async () => {
    expect(await offered("run walk --se")).toEqual(["--set", "--seed"]);
    expect(await offered("run walk --seed 1 --se")).toEqual(["--set"]);
    expect(await offered("run walk --set steps=1 --set")).toEqual(["--set"]);
    expect(await offered("run walk --profile ")).toEqual(["quick", "full"]);
    expect(await offered("run walk --profile=f")).toEqual(["--profile=full"]);
    expect(await offered("run walk --html ")).toEqual([]);
    expect(await offered("show --a")).toEqual(["--all"]);
    expect(await offered("spectrum model.ts --operator ")).toEqual(["hessian", "gauss-newton", "fisher"]);
  });

  it("are parameters of the experiment, with their values if there are few", async () => {
    expect(await offered("run walk --set st")).toEqual(["stages=", "steps="]);
    expect(await offered("run walk --set mode=")).toEqual(["mode=plain", "mode=squared"]);
    expect(await offered("run walk --set noisy=f")).toEqual(["noisy=false"]);
    expect(await offered("run --seed 3 walk --set dr")).toEqual(["drift="]);
    expect(await offered("sweep walk --grid dr")).toEqual(["drift="]);
    expect(await offered("run no-such-thing --set ")).toEqual([]);
  });

  it("are runs, data sets, shells", async () => {
    expect(await offered("show ")).toEqual(["latest", run, "random-walks", "steady-walks", "broken"]);
    expect(await offered(`show ${run.slice(0, 4)}`)).toEqual([run]);
    expect(await offered("data ")).toEqual(["list", "pull"]);
    expect(await offered("data list i")).toEqual(["iris", "ionosphere"]);
    expect(await offered("data pull mnist f")).toEqual(["fashion-mnist"]);
    expect(await offered("data pull mnist m")).toEqual([]);
    expect(await offered("completion ")).toEqual([...shells]);
  });
});

it.each([
  ["run walk ", false],
  ["run no-such-thing", false],
  ["sweep show ", false],
  ["completion ba", false],
  ["data pull ", false],
  ["run walk --profile ", false],
  ["run walk --out ", true],
  ["run walk --html=", true],
  ["show ", true],
  ["explain ", true],
  ["explain m.onnx ", false],
  ["model inspect m", true],
  ["db restore ", true],
])("files are offered where one can stand: %s", async (line, expected) => {
  const host = memoryHost({ home });
  const { files } = await candidates(
    host,
    defineProgram(host, async () => {}),
    line.split(" "),
  );
  expect(files).toBe(expected);
});

it("joins words that Bash splits at =", () => {
  expect(joinAssignments(["run", "--set", "a", "=", "b", "--profile", "=", "q"])).toEqual([
    "run",
    "--set",
    "a=b",
    "--profile=q",
  ]);
  expect(joinAssignments(["--set", "a", "="])).toEqual(["--set", "a="]);
});

describe("gradus completion", () => {
  it("prints the script for a shell, and refuses others", async () => {
    for (const shell of shells)
      expect(await runCommand(`completion ${shell}`, { home })).toEqual({
        status: 0,
        out: completionScript(shell),
        err: "",
      });
    const wrong = await runCommand("completion bahs", { home });
    expect(wrong.status).toBe(2);
    expect(wrong.err).toContain("Did you mean bash?");
    const other = await runCommand("completion tcsh", { home });
    expect(other.err).toContain("argument 'tcsh' for <shell> is invalid. It must be bash, zsh or fish.");
    expect((await runCommand("completion", { home })).status).toBe(2);
  });
});

const isThere = (shell: Shell) => spawnSync(shell, ["--version"]).status === 0;

describe.skipIf(!isThere("bash"))("in Bash (skipped where there is none)", () => {
  it("completes words, also after =, and leaves files to the shell", () => {
    const lines: readonly (readonly string[])[] = [
      ["gradus", "veri"],
      ["gradus", "run", "walk", "--profile", "=", "fu"],
      ["gradus", "run", "walk", "--set", "mode", "="],
      ["gradus", "run", "walk", "--out", ""],
    ];
    const tries = lines.map((words) => {
      const quoted = words.map((word) => `'${word}'`).join(" ");
      return `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _gradus 2>/dev/null; echo "\${COMPREPLY[*]}"`;
    });
    const script = `
      gradus() { '${process.execPath}' '${fixture}' "$@"; }
      eval "$(gradus completion bash)"
      complete -p gradus
      ${tries.join("\n")}`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: home, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "complete -o default -F _gradus gradus",
      "verify",
      "full",
      "plain squared",
      "",
      "",
    ]);
  });
});

describe.skipIf(!isThere("fish"))("in fish (skipped where there is none)", () => {
  it("completes words, and files where one can stand", () => {
    const script = `
      function gradus; '${process.execPath}' '${fixture}' $argv; end
      gradus completion fish | source
      cd '${folder}'
      complete -C 'gradus veri'
      complete -C 'gradus run walk '
      complete -C 'gradus run walk --out '
      complete -C 'gradus explain mod'`;
    const { stdout } = spawnSync("fish", ["--no-config", "-c", script], { cwd: home, encoding: "utf8" });
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toEqual([
      "verify",
      "model.onnx",
      "model.onnx",
      "",
    ]);
  });
});

describe.each(["zsh", "fish"] as const)("the script for %s", (shell) => {
  it.skipIf(!isThere(shell))(`is one that ${shell} reads (skipped where it is not installed)`, () => {
    const { status, stderr } = spawnSync(shell, ["-n"], { input: completionScript(shell), encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
