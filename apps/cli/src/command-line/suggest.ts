import { distance } from "fastest-levenshtein";

const MOST = 3;

/**
 * The candidates a misspelt name may have meant, nearest first, at most three: those within a third of its letters
 * in edit distance (two for short names), and those that it begins or is part of.
 */
export function nearest(name: string, candidates: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const allowed = Math.max(2, Math.floor(wanted.length / 3));
  const scored = candidates.flatMap((candidate) => {
    const lower = candidate.toLowerCase();
    const edits = distance(wanted, lower);
    const part = wanted.length >= 3 && lower.includes(wanted);
    if (edits > allowed && !part) return [];
    return [{ candidate, score: part ? Math.min(edits, 1) : edits }];
  });
  scored.sort((a, b) => a.score - b.score);
  return [...new Set(scored.map((s) => s.candidate))].slice(0, MOST);
}

/** `a`, `a or b`, `a, b or c`. */
export function either(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}

/** ` Did you mean x?`, or nothing when no candidate is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const found = nearest(name, candidates);
  return found.length === 0 ? "" : ` Did you mean ${either(found)}?`;
}
