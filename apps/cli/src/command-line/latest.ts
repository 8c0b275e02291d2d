/** What the latest run, sweep or training goes by. */
export const LATEST = "latest";
