import { type Marks, NO_MARKS, parseMarks, type SavedPaper, toggleRead, toggleSaved } from "./marks.ts";

const KEY = "gradus.marks";

/** What a reader marked, in this browser: every list and page shows the same. */
class Reader {
  #marks = $state.raw<Marks>(NO_MARKS);
  /** Known once the page's script runs; before that nothing can be marked. */
  #known = $state(false);

  get known(): boolean {
    return this.#known;
  }

  get saved(): readonly SavedPaper[] {
    return this.#marks.saved;
  }

  isSaved(arxivId: string): boolean {
    return this.#marks.saved.some((paper) => paper.arxivId === arxivId);
  }

  isRead(arxivId: string): boolean {
    return this.#marks.read.includes(arxivId);
  }

  /** Reads what the browser keeps, and from then on what other tabs change. */
  open(): void {
    if (this.#known) return;
    this.#known = true;
    this.#reload();
    addEventListener("storage", ({ key }) => {
      if (key === KEY || key === null) this.#reload();
    });
  }

  toggleSaved(paper: Omit<SavedPaper, "savedAt">): void {
    this.#reload();
    this.#keep(toggleSaved(this.#marks, { ...paper, savedAt: new Date().toISOString() }));
  }

  toggleRead(arxivId: string): void {
    this.#reload();
    this.#keep(toggleRead(this.#marks, arxivId));
  }

  #reload(): void {
    try {
      this.#marks = parseMarks(localStorage.getItem(KEY));
    } catch {
      // A browser that stores nothing keeps them as long as the page.
    }
  }

  #keep(marks: Marks): void {
    this.#marks = marks;
    try {
      localStorage.setItem(KEY, JSON.stringify(marks));
    } catch {
      // See above.
    }
  }
}

export const reader = new Reader();
