import { z } from "zod";

/** Before the first paper of arXiv: nothing of a reader's is older, and a database has no year 0 nor those before it. */
const EARLIEST = Date.UTC(1991, 0);

/** An instant in a file or a request, as ISO 8601 writes it, with any offset. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= EARLIEST, { error: "must be in 1991 or later" });
