/** What a list shows of a saved paper without asking the server. */
export interface SavedPaper {
  readonly arxivId: string;
  readonly title: string;
  readonly authors: string;
  /** `Jun 16, 2025`. */
  readonly published: string;
  /** ISO instant. */
  readonly savedAt: string;
}

/** What a reader marked: the papers that they saved, and the identifiers of those that they read. */
export interface Marks {
  readonly saved: readonly SavedPaper[];
  readonly read: readonly string[];
}

export const NO_MARKS: Marks = { saved: [], read: [] };

/** More are not kept: the oldest go. */
const MOST = 5000;

const isText = (value: unknown): value is string => typeof value === "string";

function savedPaper(value: unknown): SavedPaper[] {
  if (typeof value !== "object" || value === null) return [];
  const { arxivId, title, authors, published, savedAt } = value as Record<string, unknown>;
  return isText(arxivId) && isText(title) && isText(authors) && isText(published) && isText(savedAt)
    ? [{ arxivId, title, authors, published, savedAt }]
    : [];
}

/** Reads what was kept, leaving out what is malformed. */
export function parseMarks(text: string | null): Marks {
  if (text === null) return NO_MARKS;
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return NO_MARKS;
  }
  if (typeof kept !== "object" || kept === null) return NO_MARKS;
  const { saved, read } = kept as Record<string, unknown>;
  return {
    saved: Array.isArray(saved) ? saved.flatMap(savedPaper).slice(0, MOST) : [],
    read: Array.isArray(read) ? read.filter(isText).slice(0, MOST) : [],
  };
}

/** The marks with a paper saved, as the first, or no longer saved. */
export function toggleSaved(marks: Marks, paper: SavedPaper): Marks {
  const others = marks.saved.filter(({ arxivId }) => arxivId !== paper.arxivId);
  const was = others.length < marks.saved.length;
  return { ...marks, saved: was ? others : [paper, ...others].slice(0, MOST) };
}

/** The marks with a paper read, or no longer. */
export function toggleRead(marks: Marks, arxivId: string): Marks {
  const others = marks.read.filter((id) => id !== arxivId);
  const was = others.length < marks.read.length;
  return { ...marks, read: was ? others : [arxivId, ...others].slice(0, MOST) };
}
