import { z } from "zod";

/** Where the clock of a device begins that lost its time; a database has no year 0 nor those before it. */
const EARLIEST = Date.UTC(1970, 0);

/** An instant in a file or a request, as ISO 8601 writes it, with any offset. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= EARLIEST, { error: "must be in 1970 or later" });
