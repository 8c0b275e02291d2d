import type { Results } from "@electric-sql/pglite";

/** Row format: objects, or arrays in column order. */
export type RowMode = "object" | "array";

/** How instants come: as Postgres writes them, which the query builder reads, or as dates, which the queue wants. */
export type Instants = "text" | "dates";

/** Begins the text of a statement whose plan must be made for its values each time that it runs. */
export const PLANNED_FOR_VALUES = "/* planned for its values */";

/** Requests to the thread of the embedded database. */
export type DatabaseRequest =
  | {
      readonly kind: "query";
      readonly text: string;
      readonly parameters: readonly unknown[];
      readonly rowMode: RowMode;
      readonly instants: Instants;
    }
  /** Several statements without parameters. */
  | { readonly kind: "exec"; readonly text: string; readonly instants: Instants }
  /** All data as an archive. */
  | { readonly kind: "dump" }
  | { readonly kind: "close" };

/** A request with the number of its response. */
export type NumberedRequest = DatabaseRequest & { readonly id: number };

/** Fields of a Postgres error besides its message. */
export const errorFields = [
  "code",
  "severity",
  "detail",
  "hint",
  "position",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
] as const;

/** An error as threads send it: of one that is sent as it is, only the message arrives. */
export interface SentError {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the thread answers; `done` are a query's or several statements' results, or a dump. */
export type DatabaseResponse = { readonly id: number } & (
  | { readonly done: Results | readonly Results[] | Blob | undefined }
  | { readonly error: SentError }
);

/** What a value of these types is stays a text until it is on the other side: copying a parsed one takes longer. */
export const jsonTypes: ReadonlySet<number> = new Set([114, 3802]);
