// Help and completion name these without loading the library.

/** How tables are written: what `--header`, `--delimiter` and `--decimal` may be. */
export const headers = ["yes", "no"] as const;
export const delimiterNames = ["comma", "semicolon", "tab", "bar", "space"] as const;
export const decimalNames = ["point", "comma"] as const;
