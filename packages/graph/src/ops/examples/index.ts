import { elementwise } from "./elementwise.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";
import type { Example } from "./reference.ts";
import { shapes } from "./shapes.ts";

/** One example of every operation, by its name: its value by a formula of its own, at shapes that the sizes make. */
export const examples: Readonly<Record<string, Example>> = {
  ...elementwise,
  ...reductions,
  ...shapes,
  ...products,
};
