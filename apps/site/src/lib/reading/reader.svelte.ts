import { page } from "$app/state";
import { type Marks, NO_MARKS, parseMarks, type SavedPaper, toggleRead, toggleSaved } from "./marks.ts";

const KEY = "gradus.marks";

/** A kind of mark. */
type Mark = "saved" | "read" | "voted";

/** Marks of the account that changed since a page was made. */
interface Changes {
  /** The marks that came with that page; those of a page that is made later are newer. */
  readonly own: unknown;
  readonly marks: Readonly<Record<string, Partial<Record<Mark, boolean>>>>;
}

/**
 * What a reader marked: in their account while they are signed in, else in this browser. Every list and page shows the
 * same.
 */
class Reader {
  /** Set in browsers alone: a server has many readers. */
  #changed = $state.raw<Changes>({ own: undefined, marks: {} });
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
    return this.#ofAccount(arxivId, "saved") ?? this.#marks.saved.some((paper) => paper.arxivId === arxivId);
  }

  isRead(arxivId: string): boolean {
    return this.#ofAccount(arxivId, "read") ?? this.#marks.read.includes(arxivId);
  }

  /** Whether the reader voted since the page was made, or withdrew their vote; undefined when neither. */
  hasVoted(arxivId: string): boolean | undefined {
    return this.#changesNow()[arxivId]?.voted;
  }

  /** A mark of the account; undefined while nobody is signed in. */
  #ofAccount(arxivId: string, mark: Mark): boolean | undefined {
    if (!page.data.person) return undefined;
    return this.#changesNow()[arxivId]?.[mark] ?? page.data.own?.[mark].includes(arxivId) ?? false;
  }

  #changesNow(): Changes["marks"] {
    const { own, marks } = this.#changed;
    return own === page.data.own ? marks : {};
  }

  /** Shows a mark of the account as it is now on the server. */
  changed(arxivId: string, mark: Mark, set: boolean): void {
    const marks = this.#changesNow();
    this.#changed = {
      own: page.data.own,
      marks: { ...marks, [arxivId]: { ...marks[arxivId], [mark]: set } },
    };
  }

  /**
   * Moves what this browser keeps into the account of whoever is signed in. What could not be moved stays for the next
   * page.
   */
  async moveIntoAccount(): Promise<boolean> {
    this.#reload();
    const { saved, read } = this.#marks;
    if (saved.length === 0 && read.length === 0) return false;
    const body = new FormData();
    body.set(
      "marks",
      JSON.stringify({
        saved: saved.map(({ arxivId, savedAt }) => ({ arxivId, savedAt })),
        read: read.map((arxivId) => ({ arxivId })),
      }),
    );
    const response = await fetch("/saved?/merge", {
      method: "POST",
      body,
      headers: { accept: "application/json", "x-sveltekit-action": "true" },
    }).catch(() => undefined);
    const result: { readonly type?: unknown } = response?.ok ? await response.json() : {};
    if (result.type !== "success") return false;
    this.#keep(NO_MARKS);
    return true;
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
