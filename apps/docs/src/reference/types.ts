import type { DeclarationReflection, SignatureReflection, SomeType } from "typedoc";
import type { Addresses } from "./addresses.ts";
import type { List, Piece, Word } from "./print.ts";
import { parameterPieces, typeParameterPieces } from "./signatures.ts";

export const keyword = (text: string): Word => ({ text, kind: "keyword" });
const literal = (text: string): Word => ({ text, kind: "literal" });
export const plain = (text: string): Word => ({ text });

/** A name as it stands before a colon; quoted where it is no identifier. */
function propertyName(name: string): string {
  return /^([A-Za-z_$][\w$]*|\[.*\])$/.test(name) ? name : JSON.stringify(name);
}

function list(open: string, items: readonly (readonly Piece[])[], close: string, separator = ", "): List {
  return { open, items, close, separator };
}

/** `[T, U]`, `<T, U>` or nothing. */
function typeArguments(types: readonly SomeType[] | undefined, addresses: Addresses): Piece[] {
  if (!types || types.length === 0) return [];
  return [
    list(
      "<",
      types.map((type) => typePieces(type, addresses)),
      ">",
    ),
  ];
}

const isFunction = (type: SomeType) =>
  type.type === "reflection" && type.declaration.signatures !== undefined;

/** A type in parentheses where what surrounds it, named by `loose`, would take it apart. */
function atom(type: SomeType, addresses: Addresses, loose = TIGHT): Piece[] {
  const pieces = typePieces(type, addresses);
  return loose.has(type.type) || isFunction(type) ? [plain("("), ...pieces, plain(")")] : pieces;
}

const TIGHT: ReadonlySet<string> = new Set([
  "union",
  "intersection",
  "conditional",
  "typeOperator",
  "query",
  "inferred",
]);
const IN_UNION: ReadonlySet<string> = new Set(["conditional"]);
const IN_INTERSECTION: ReadonlySet<string> = new Set(["conditional", "union"]);
/** Longer texts in a type say more than a signature should. */
const LITERAL_LENGTH = 40;

/** `(x: A) => B`. */
function functionPieces(signature: SignatureReflection, addresses: Addresses): Piece[] {
  return [
    ...typeParameterPieces(signature.typeParameters, addresses),
    list("(", parameterPieces(signature, addresses), ")"),
    plain(" => "),
    ...(signature.type ? typePieces(signature.type, addresses) : [keyword("void")]),
  ];
}

function memberPieces(member: DeclarationReflection, addresses: Addresses): Piece[] {
  const name = propertyName(member.name) + (member.flags.isOptional ? "?" : "");
  const [signature] = member.signatures ?? [];
  if (signature)
    return [
      plain(name),
      ...typeParameterPieces(signature.typeParameters, addresses),
      list("(", parameterPieces(signature, addresses), ")"),
      plain(": "),
      ...(signature.type ? typePieces(signature.type, addresses) : []),
    ];
  return [
    ...(member.flags.isReadonly ? [keyword("readonly ")] : []),
    plain(`${name}: `),
    ...(member.type ? typePieces(member.type, addresses) : [keyword("unknown")]),
  ];
}

function objectPieces(declaration: DeclarationReflection, addresses: Addresses): Piece[] {
  const { signatures, indexSignatures = [], children = [] } = declaration;
  if (signatures?.length === 1 && children.length === 0) return functionPieces(signatures[0], addresses);
  const items: Piece[][] = [];
  for (const { parameters = [], type } of indexSignatures)
    items.push([
      plain(`[${parameters[0]?.name ?? "key"}: `),
      ...(parameters[0]?.type ? typePieces(parameters[0].type, addresses) : []),
      plain("]: "),
      ...(type ? typePieces(type, addresses) : []),
    ]);
  for (const signature of signatures ?? []) items.push(functionPieces(signature, addresses));
  for (const child of children) items.push(memberPieces(child, addresses));
  return items.length === 0 ? [plain("{}")] : [list("{ ", items, " }", "; ")];
}

function alternatives(types: readonly SomeType[], separator: " | " | " & ", addresses: Addresses): Piece[] {
  const loose = separator === " | " ? IN_UNION : IN_INTERSECTION;
  const items = types.map((type) => atom(type, addresses, loose));
  return [{ open: "", close: "", separator, leading: true, items }];
}

function literalText(value: string | number | boolean | bigint | null): string {
  if (typeof value === "bigint") return `${value}n`;
  const text = JSON.stringify(value);
  return text.length > LITERAL_LENGTH ? `${text.slice(0, LITERAL_LENGTH - 2)}…"` : text;
}

/** A type as the pieces of its text, the names of documented symbols linked. */
export function typePieces(type: SomeType, addresses: Addresses): Piece[] {
  const inner = (t: SomeType) => typePieces(t, addresses);
  switch (type.type) {
    case "array":
      return [...atom(type.elementType, addresses), plain("[]")];
    case "conditional":
      return [
        {
          open: "",
          close: "",
          separator: " ",
          leading: true,
          items: [
            [...atom(type.checkType, addresses), keyword(" extends "), ...atom(type.extendsType, addresses)],
            [plain("? "), ...inner(type.trueType)],
            [plain(": "), ...inner(type.falseType)],
          ],
        },
      ];
    case "indexedAccess":
      return [...atom(type.objectType, addresses), plain("["), ...inner(type.indexType), plain("]")];
    case "inferred":
      return [keyword("infer "), plain(type.name)];
    case "intersection":
      return alternatives(type.types, " & ", addresses);
    case "union":
      return alternatives(type.types, " | ", addresses);
    case "intrinsic":
      return [keyword(type.name)];
    case "literal":
      return [literal(literalText(type.value))];
    case "mapped": {
      const modifier = (sign: "+" | "-" | undefined, name: string) =>
        sign === undefined ? "" : `${sign === "-" ? "-" : ""}${name}`;
      const readonly = modifier(type.readonlyModifier, "readonly");
      return [
        plain("{ "),
        ...(readonly ? [keyword(`${readonly} `)] : []),
        plain(`[${type.parameter}`),
        keyword(" in "),
        ...inner(type.parameterType),
        plain(`]${modifier(type.optionalModifier, "?")}: `),
        ...inner(type.templateType),
        plain(" }"),
      ];
    }
    case "optional":
      return [...atom(type.elementType, addresses), plain("?")];
    case "predicate":
      return [
        ...(type.asserts ? [keyword("asserts ")] : []),
        plain(type.name),
        ...(type.targetType ? [keyword(" is "), ...inner(type.targetType)] : []),
      ];
    case "query":
      return [keyword("typeof "), ...inner(type.queryType)];
    case "reference": {
      const href = type.reflection ? addresses.of(type.reflection.id) : undefined;
      const name: Word = { text: type.name, kind: "name", ...(href ? { href } : {}) };
      return [
        type.refersToTypeParameter ? plain(type.name) : name,
        ...typeArguments(type.typeArguments, addresses),
      ];
    }
    case "reflection":
      return objectPieces(type.declaration, addresses);
    case "rest":
      return [plain("..."), ...atom(type.elementType, addresses)];
    case "templateLiteral":
      return [
        literal(`\`${type.head}`),
        ...type.tail.flatMap(([t, text]) => [plain("${"), ...inner(t), plain("}"), literal(text)]),
        literal("`"),
      ];
    case "tuple":
      return [list("[", type.elements.map(inner), "]")];
    case "namedTupleMember":
      return [plain(`${type.name}${type.isOptional ? "?" : ""}: `), ...inner(type.element)];
    case "typeOperator":
      return [
        keyword(`${type.operator} `),
        ...(type.target.type === "array" ? inner(type.target) : atom(type.target, addresses)),
      ];
    case "unknown":
      return [plain(type.name)];
  }
}
