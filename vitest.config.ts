import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/{src,tests}/**/*.test.ts",
      "{bench,examples}/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/build/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 300_000,
    // The usual second is too short where much else is going on.
    expect: { poll: { timeout: 30_000 } },
    reporters: ["default", "./scripts/closing-line.mjs"],
  },
});
