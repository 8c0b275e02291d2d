/** Rows of a reader's file that a page can show. */
export const MOST_ROWS = 500;
