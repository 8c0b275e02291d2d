import { defineConfig } from "vitest/config";
import InterleavedFiles from "./scripts/interleaved-files.ts";

/** A test file's name says what it needs; without a word before `.test.ts`, nothing but its own thread. */
const PROCESS = "**/*.process.test.ts";
const EXPERIMENT = "**/*.experiment.test.ts";
/** Tests of the production site, with one server and one browser for all of them. */
const SITE = "apps/site/tests/**/*.test.ts";

const EVERYWHERE = ["packages/*/src/**/*", "apps/*/{src,server,tests}/**/*", "{bench,examples,scripts}/**/*"];
const NOT_TESTED = ["**/node_modules/**", "**/build/**"];
const named = (ending: string) => EVERYWHERE.map((files) => `${files}${ending}`);

/**
 * Files compute beside each other: two threads of each would wait for each other's core. With one, sums come in the same
 * order on every machine.
 */
const ONE_THREAD = { GRADUS_THREADS: process.env.GRADUS_THREADS ?? "1" };

/**
 * Node runs the sources itself, as for a user: what Vite makes of a module reads each import by a getter whenever it is
 * used, which loops notice.
 */
const BY_NODE = { viteModuleRunner: false };

/** Whoever asks for a random order gets it. */
const shuffled = process.argv.some((word) => word.startsWith("--sequence.shuffle"));

export default defineConfig({
  test: {
    sequence: shuffled ? {} : { sequencer: InterleavedFiles },
    pool: "forks",
    // One more than cores: tests of processes, servers and pages wait much of their time.
    maxWorkers: 3,
    // For what hangs. On a busy machine a process takes many times what it takes alone.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    // The usual second is too short where much else is going on.
    expect: { poll: { timeout: 90_000 } },
    // Loaded as sources are: Node reads a package's package.json again for each of its files, and that of drizzle-orm has
    // 180 kB, which took every process half a second.
    server: { deps: { inline: ["drizzle-orm"] } },
    setupFiles: ["./scripts/seeded-properties.mjs"],
    reporters: ["default", "./scripts/slowest-files.ts", "./scripts/closing-line.mjs"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: named(".test.ts"),
          exclude: [...NOT_TESTED, PROCESS, EXPERIMENT, SITE],
          // Files share a process and its modules, so they leave no trace in either.
          isolate: false,
          setupFiles: ["./scripts/unit-only.mjs"],
        },
      },
      {
        extends: true,
        test: {
          name: "process",
          include: named(".process.test.ts"),
          exclude: [...NOT_TESTED, SITE],
        },
      },
      {
        extends: true,
        test: {
          name: "experiment",
          include: named(".experiment.test.ts"),
          exclude: NOT_TESTED,
          env: ONE_THREAD,
          experimental: BY_NODE,
        },
      },
      {
        extends: true,
        test: {
          name: "site",
          include: [SITE],
          exclude: NOT_TESTED,
          globalSetup: "./apps/site/tests/global-setup.ts",
        },
      },
    ],
  },
});
