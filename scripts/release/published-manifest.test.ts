import { expect, test } from "vitest";
import { publishedManifest } from "./published-manifest.ts";

test("sources become compiled files with types, under every condition", () => {
  const manifest = publishedManifest(
    {
      name: "one",
      version: "1.2.3",
      private: false,
      type: "module",
      bin: { one: "bin/one.js" },
      files: ["dist", "src"],
      scripts: { test: "exit 1" },
      exports: {
        ".": "./src/index.ts",
        "./worker": { browser: "./src/worker.browser.ts", default: "./src/worker.ts" },
        "./package.json": "./package.json",
      },
      imports: { "#file": "./src/file.ts" },
      dependencies: { two: "1.2.3", three: "^3.0.0" },
      optionalDependencies: { four: "4.0.0" },
      devDependencies: { five: "5.0.0" },
    },
    new Set(["one", "two"]),
  );
  expect(manifest).toStrictEqual({
    name: "one",
    version: "1.2.3",
    type: "module",
    bin: { one: "bin/one.js" },
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./worker": {
        browser: { types: "./dist/worker.browser.d.ts", default: "./dist/worker.browser.js" },
        default: { types: "./dist/worker.d.ts", default: "./dist/worker.js" },
      },
      "./package.json": "./package.json",
    },
    imports: { "#file": { types: "./dist/file.d.ts", default: "./dist/file.js" } },
    dependencies: { two: "^1.2.3", three: "^3.0.0" },
    optionalDependencies: { four: "4.0.0" },
  });
});
