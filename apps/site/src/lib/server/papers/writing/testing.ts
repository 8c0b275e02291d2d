import type { PaperRecord } from "./record.ts";

/** A record as arXiv's feed gives it, with what a test cares about. */
export function recordWith(parts: Partial<PaperRecord> = {}): PaperRecord {
  const publishedAt = new Date("2026-11-01T10:00:00Z");
  return {
    arxivId: "2611.00001",
    version: 1,
    publishedAt,
    updatedAt: publishedAt,
    title: "Steps",
    abstract: "We take steps of size $\\eta$.",
    abstractKind: "source",
    authors: [{ name: "Ada Kovač", affiliation: null }],
    primaryCategory: "math.OC",
    categories: ["math.OC", "cs.LG"],
    otherClasses: [],
    comment: null,
    journalRef: null,
    doi: null,
    license: null,
    codeUrl: null,
    withdrawn: false,
    incomplete: false,
    ...parts,
  };
}
