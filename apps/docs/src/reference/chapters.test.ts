import { expect, test } from "vitest";
import { chaptersOf } from "./chapters.ts";

test("a module's parts are the comments of its index, in its order", () => {
  const index = `export { b, type A } from "./b.ts";

// Krylov methods

export {
  type Z,
  conjugateGradient as cg,
} from "./krylov.ts";
export * as metrics from "./metrics.ts";

// Empty

// Types only
export type { T } from "./t.ts";
`;
  expect(chaptersOf(index)).toEqual([
    { title: "", names: ["b", "A"] },
    { title: "Krylov methods", names: ["Z", "cg", "metrics"] },
    { title: "Types only", names: ["T"] },
  ]);
});
