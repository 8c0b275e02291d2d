/** A parameter of an operation. */
export interface ParameterView {
  readonly name: string;
  readonly place: "path" | "query";
  readonly required: boolean;
  /** Such as `integer, 1 to 100, default 50`. */
  readonly type: string;
  readonly description: string;
}

/** An answer of an operation. */
export interface ResponseView {
  readonly status: string;
  readonly description: string;
  readonly type?: string;
  /** The name of its schema. */
  readonly schema?: string;
}

/** An operation of the API. */
export interface OperationView {
  readonly anchor: string;
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly ParameterView[];
  /** The name of the schema of its JSON body. */
  readonly body?: string;
  /** A line for a shell. */
  readonly curl: string;
  /** What it prints, shortened; not while the database cannot be reached. */
  readonly sample?: string;
  readonly answers: readonly ResponseView[];
}

/** A field of a schema; fields of objects within it have its name before theirs. */
export interface FieldView {
  readonly name: string;
  readonly type: string;
  /** The schema that its value has, by name. */
  readonly schema?: string;
  readonly description: string;
}

/** A schema with a name. */
export interface SchemaView {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldView[];
}

/** The documentation of the HTTP API. */
export interface HttpView {
  /** What holds for every request. */
  readonly conventions: readonly { readonly title: string; readonly text: string }[];
  readonly problems: readonly { readonly code: string; readonly status: number; readonly words: string }[];
  readonly groups: readonly {
    readonly name: string;
    readonly anchor: string;
    readonly description: string;
    readonly operations: readonly OperationView[];
  }[];
  readonly schemas: readonly SchemaView[];
}
