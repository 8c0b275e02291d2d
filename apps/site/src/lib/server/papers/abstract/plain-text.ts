import { plainMath } from "./plain-math.ts";
import type { Segment } from "./segments.ts";

function segmentText(segment: Segment): string {
  switch (segment.kind) {
    case "text":
      return segment.text;
    case "link":
      return segment.url;
    case "emphasis":
    case "strong":
      return segmentsText(segment.children);
    case "math":
      return plainMath(segment.tex);
  }
}

/** Segments as plain Unicode text. */
export function segmentsText(segments: readonly Segment[]): string {
  return segments.map(segmentText).join("");
}
