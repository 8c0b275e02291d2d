// The program as a user starts it: processes, output, exit statuses.
import { chmod, copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import type { RunReport } from "@gradus/papers";
import { describe, expect, it } from "vitest";
import { bin, fixture, folder, gradus, measured, start } from "./fixture/program.ts";

describe("a run", () => {
  it("is saved in the folder it ran in and can be shown again with the requested files", async () => {
    const run = await gradus("run walk --threads 3 --seed 7 --html report.html --svg figures").ended;
    expect(run.status).toBe(0);
    expect(run.out).toContain("GRADUS_THREADS is 3.");
    const id = /Run ([0-9a-f]+) is saved/.exec(run.out)?.[1];
    const shown = await gradus(`show ${id}`).ended;
    expect(shown.status).toBe(0);
    expect(shown.out).toContain("Height of the walk");
    expect(shown.out).toContain("run random-walks/walk --profile quick --seed 7 --threads 3");
    expect((await readdir(folder)).sort()).toEqual([".gradus", "figures", "report.html"]);
    expect((await readdir(join(folder, ".gradus", "runs"))).length).toBe(1);
    expect(await readdir(join(folder, ".gradus", "checkpoints"))).toEqual([]);
  });
});

describe("the folder of runs", () => {
  // An empty GRADUS_HOME counts as unset.
  const outside = () => ({ GRADUS_HOME: "", XDG_DATA_HOME: join(folder, "data") });

  it("is in the user's data folder outside a repository, and holds everything that is kept", async () => {
    const kept = join(folder, "data", "gradus");
    const { status, err } = await gradus("run walk", outside()).ended;
    expect({ status, err }).toMatchObject({ status: 0 });
    expect(await readdir(folder)).toEqual(["data"]);
    expect(await readdir(join(kept, "runs"))).toHaveLength(1);
    expect((await gradus("show latest", outside()).ended).out).toContain("random-walks/walk");
    const run = gradus("run walk --set stages=4", { ...outside(), FIXTURE_WAIT_IN: "walk:2" });
    await run.until("waiting in stage 2");
    run.child.kill("SIGINT");
    const interrupted = await run.ended;
    expect(interrupted.err).toContain(join(kept, "checkpoints", "run-random-walks-walk.checkpoint.json"));
    const help = (await gradus("run --help", outside()).ended).out;
    expect(help.replace(/\s+/g, " ")).toContain(`Results are kept in ${join(kept, "runs")};`);
  });

  it("is at the top of a repository, which ignores it", async () => {
    await mkdir(join(folder, ".git"));
    expect((await gradus("run walk", outside()).ended).status).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([".git", ".gradus"]);
    expect(await readFile(join(folder, ".gradus", ".gitignore"), "utf8")).toBe("*\n");
  });

  it("is the one named by GRADUS_HOME", async () => {
    await mkdir(join(folder, ".git"));
    const home = join(folder, "elsewhere");
    expect((await gradus("run walk", { GRADUS_HOME: home }).ended).status).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([".git", "elsewhere"]);
    expect((await gradus("show", { GRADUS_HOME: home }).ended).out).toContain("run random-walks/walk");
  });

  it("must be writable before a run starts", async () => {
    await writeFile(join(folder, "file"), "");
    for (const line of ["collaborate", "sweep walk"]) {
      const { status, out, err } = await gradus(line, { GRADUS_HOME: join("file", "home") }).ended;
      expect({ line, status, out }).toEqual({ line, status: 3, out: "" });
      expect(err.replace(/\s+/g, " ")).toContain("cannot write into file/home (ENOTDIR");
      expect(err).not.toContain("    at ");
    }
  });
});

describe("failures", () => {
  it("exit with 3: missing data with their message, bugs with their stack, crashes with their signal", async () => {
    const data = await gradus("run broken/no-data").ended;
    expect(data.status).toBe(3);
    expect(data.err).toContain('data set "moon" is not there');
    expect(data.err).not.toContain("    at ");
    const bug = await gradus("run broken/bug").ended;
    expect(bug.status).toBe(3);
    expect(bug.err).toContain("TypeError: undefined is not a function\n    at ");
    const crash = await gradus("run broken/crash").ended;
    expect(crash.status).toBe(3);
    expect(crash.err).toContain("(SIGKILL)");
    expect(crash.err).toContain("Kept: one finished stage of crash.");
  });

  it("do not stop the other experiments of verify, but its exit status is not 0", async () => {
    const { status, out } = await gradus("verify 12 21").ended;
    expect(status).toBe(3);
    expect(out).toContain("2 held");
    expect(out).toContain("broken/no-data failed:\n");
    const shown = await gradus("show latest").ended;
    expect(shown.out).toContain("broken/no-data failed:\n");
    expect(shown.out).toContain("broken/crash failed:\n");
  });

  it("show before anything is run that --out cannot be written", async () => {
    await writeFile(join(folder, "file"), "");
    const { status, err } = await gradus("run walk --out file").ended;
    expect(status).toBe(2);
    expect(err).toContain("--out: cannot write into file");
    expect(err).not.toContain("stage 1");
  });
});

describe("hints", () => {
  it("name the program as the user called it, also under npx", async () => {
    const npx = { npm_command: "exec", npm_lifecycle_event: "npx" };
    const usage = async (script: string, env = {}) =>
      (await start(process.execPath, [script, "--help"], env).ended).out.split(" [")[0];
    expect(await usage(fixture, npx)).toBe("Usage: npx gradus");
    // In npx's cache: no project has a command of that name.
    await mkdir(join(folder, "_npx", "1a2b"), { recursive: true });
    const fetched = join(folder, "_npx", "1a2b", "gradus");
    await symlink(fixture, fetched);
    expect(await usage(fetched, npx)).toBe("Usage: npx @gradus/cli");
    // Installed globally: found by its name.
    await mkdir(join(folder, "bin"));
    await symlink(fixture, join(folder, "bin", "gradus"));
    const PATH = [join(folder, "bin"), process.env.PATH].join(delimiter);
    expect(await usage(join(folder, "bin", "gradus"), { PATH })).toBe("Usage: gradus");
    // pnpm, and npm on Windows, write a small program instead of a link.
    await rm(join(folder, "bin", "gradus"));
    await writeFile(join(folder, "bin", "gradus"), 'exec node "$basedir/../@gradus/cli/bin/gradus.js" "$@"');
    expect(await usage(fixture, { PATH })).toBe("Usage: gradus");
  });
});

describe("output", () => {
  it("has only JSON on standard output, even if an experiment prints", async () => {
    const { out, err } = await gradus("run walk --json", { FIXTURE_PRINT: "1" }).ended;
    expect(measured(out)).toHaveLength(1);
    expect(err).toContain("an experiment that prints");
  });

  it("is complete for reports larger than the pipes between the processes", async () => {
    const { status, out } = await gradus("run walk --json --set stages=9 --set steps=10000").ended;
    expect(status).toBe(0);
    const report: RunReport = JSON.parse(out);
    expect(report.series.path.walk).toHaveLength(90_000);
  });

  it("ends quietly when its reader is gone", async () => {
    const { err } = await start("sh", ["-c", `node '${fixture}' run 4 | head -1`]).ended;
    expect(err).not.toContain("EPIPE");
  });
});

describe("bin/gradus.js", () => {
  /** A module that makes a process believe it is another version of Node. */
  const pretending = (node: string) =>
    `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${node}'}})`;
  /** The oldest version that runs the repository's sources, with the package `node`. */
  const pretend = pretending("20.19.0");

  it("loads little for help and list: no engine, no methods, no schemas, no pages", async () => {
    const report =
      "data:text/javascript,import{registerHooks}from'node:module';const seen=[];" +
      "registerHooks({load(url,context,next){seen.push(url);return next(url,context)}});" +
      "process.on('exit',()=>console.error(seen.join('\\n')))";
    /** The modules that a command line loads: folders of our packages, other packages, and the number of modules. */
    const loaded = async (...args: string[]) => {
      const { status, err } = await start(process.execPath, ["--import", report, bin, ...args]).ended;
      expect(status).toBe(0);
      const matches = (pattern: RegExp) =>
        [...new Set([...err.matchAll(pattern)].map(([, name]) => name))].sort();
      return {
        own: matches(/\/packages\/(gradus\/src\/\w+|\w+)\//g),
        others: matches(/\/node_modules\/(@[^/]+\/[^/]+|[^/]+)\//g),
        modules: err.split("file:").length - 1,
      };
    };
    const others = ["commander", "fastest-levenshtein"];
    const help = await loaded("run", "--help");
    expect(help).toMatchObject({ own: ["create", "gradus/src/check"], others });
    expect(help.modules).toBeLessThanOrEqual(64);
    const list = await loaded("list");
    expect(list).toMatchObject({
      own: ["create", "gradus/src/check", "gradus/src/iterate", "papers"],
      others,
    });
    expect(list.modules).toBeLessThanOrEqual(104);
  });

  // only root may become a user that the system does not know
  it.skipIf(process.getuid?.() !== 0)(
    "needs no home folder, but for what it keeps (skipped unless root)",
    async () => {
      await chmod(folder, 0o755);
      const nobody = (args: string, env: Record<string, string> = {}) =>
        start("setpriv", ["--reuid=54321", "--clear-groups", process.execPath, bin, ...args.split(" ")], {
          GRADUS_HOME: "",
          NODE_COMPILE_CACHE: "",
          ...env,
        }).ended;
      expect(await nobody("list")).toMatchObject({ status: 0, err: "" });
      expect((await nobody("run --help")).out).toContain("$GRADUS_HOME/runs");
      expect((await nobody("run --help", { XDG_DATA_HOME: "/data" })).out).toContain("/data/gradus/runs");
      const sweep = await nobody("sweep normalized-logistic-gd/factor-n --seeds 1");
      expect(sweep).toMatchObject({ status: 3 });
      expect(sweep.err.replaceAll("\n", " ")).toContain(
        "this user has no home folder; set GRADUS_HOME to a writable folder",
      );
      const data = await nobody("data");
      expect(data).toMatchObject({ status: 3 });
      expect(data.err.replaceAll("\n", " ")).toContain(
        "this user has no home folder; set its path in the environment variable GRADUS_DATA_DIR",
      );
      expect(data.err).not.toContain("    at ");
      expect(await nobody("data", { GRADUS_DATA_DIR: folder })).toMatchObject({ status: 0 });
      await chmod(folder, 0o700);
      expect(await nobody("list")).toMatchObject({ status: 0, err: "" });
    },
  );

  it("starts the real papers", async () => {
    const { status, out } = await start(process.execPath, [bin, "list"]).ended;
    expect(status).toBe(0);
    expect(out).toMatch(/^12 .* normalized-logistic-gd /m);
  });

  it("caches compiled code in the user's folder, and starts even if that cannot be written", async () => {
    const list = (home: string) =>
      start(process.execPath, [bin, "list"], { HOME: home, NODE_COMPILE_CACHE: "" }).ended;
    const { status, out } = await list(folder);
    expect(status).toBe(0);
    expect(await readdir(join(folder, ".cache", "gradus"))).toHaveLength(1);
    await writeFile(join(folder, "file"), "");
    expect(await list(join(folder, "file"))).toMatchObject({ status: 0, out, err: "" });
  });

  it("starts Node 24 when run by an older Node, and passes on its exit status", async () => {
    const old = (...args: string[]) => start(process.execPath, ["--import", pretend, bin, ...args]).ended;
    expect((await old("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { status, err } = await old("run", "normalised-logistic-gd");
    expect(status).toBe(2);
    expect(err.replaceAll("\n", " ")).toContain("Did you mean normalized-logistic-gd?");
  });

  it("runs the published package on Node 22.12, and tells users of older versions what they need", async () => {
    const manifest = JSON.stringify({ type: "module", imports: { "#start": "./dist/start.js" } });
    const papers = JSON.stringify({ type: "module", exports: "./index.js" });
    const files = {
      "package.json": manifest,
      "dist/start.js": "export const start = (registry) => console.log(registry.pathname.split('/').pop());",
      "node_modules/@gradus/papers/package.json": papers,
      "node_modules/@gradus/papers/index.js": "",
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const published = join(folder, "bin", "gradus.js");
    await mkdir(dirname(published));
    await copyFile(bin, published);
    const on = (node: string) =>
      start(process.execPath, ["--import", pretending(node), published, "list"]).ended;

    expect(await on("22.12.0")).toEqual({ status: 0, out: "index.js\n", err: "" });
    const refused = { status: 3, out: "", err: "gradus needs Node 22.12 or later; this is Node 22.11.0\n" };
    expect(await on("22.11.0")).toEqual(refused);
    // The package `node` may itself be too old.
    await mkdir(join(folder, "node_modules", "node"));
    await writeFile(join(folder, "node_modules", "node", "package.json"), '{"version":"20.19.0"}');
    expect(await on("22.11.0")).toEqual(refused);
  });

  it("passes Ctrl-C on to the Node that it started", async () => {
    const args = ["--import", pretend, bin, "run", "factor-n", "--profile", "full"];
    const run = start(process.execPath, args);
    await run.until("%");
    run.child.kill("SIGINT");
    const { status, err } = await run.ended;
    expect(status).toBe(130);
    // a run so short may be stopped before any stage has finished, of which no checkpoint is kept
    expect(err).toContain("Interrupted.");
  });
});

// Unit tests start no process: they would not see what Node takes for its own.
it("a missing file of settings is a usage error, and not Node's", async () => {
  const { status, err } = await gradus("doctor mail --settings missing.env").ended;
  expect(err).toMatch(/^gradus: --settings: .*missing\.env\s+cannot be read/);
  expect(status).toBe(2);
});
