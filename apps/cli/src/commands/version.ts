import { availableParallelism } from "node:os";
import process from "node:process";
import { exitStatus } from "../errors.ts";
import type { Host } from "../host.ts";
import { versions } from "../runs/versions.ts";
import { writeLines } from "../terminal/output.ts";
import { layoutTable } from "../terminal/table.ts";
import { plural } from "../terminal/text.ts";

/** `gradus version`. Returns the exit status. */
export async function version({ out, home }: Host): Promise<number> {
  const rows = [
    ...Object.entries(await versions()),
    ["platform", `${process.platform} ${process.arch}, ${plural(availableParallelism(), "core")}`],
    ["folder", home],
  ].map((cells) => cells.map((text) => ({ text })));
  writeLines(out, layoutTable([{ header: "", wraps: false }, { header: "" }], rows, { width: out.columns }));
  return exitStatus.success;
}
