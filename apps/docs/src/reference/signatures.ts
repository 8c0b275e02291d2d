import {
  type DeclarationReflection,
  type ParameterReflection,
  ReflectionKind,
  type SignatureReflection,
  type TypeParameterReflection,
} from "typedoc";
import type { Addresses } from "./addresses.ts";
import type { Piece } from "./print.ts";
import { keyword, plain, typePieces } from "./types.ts";

/** A destructured parameter has no name in the source: it is options, or called after its type. */
export function parameterName({ name, type }: ParameterReflection): string {
  if (!name.startsWith("__")) return name;
  if (type?.type !== "reference" || type.refersToTypeParameter || isOptions(type.name)) return "options";
  return type.name[0].toLowerCase() + type.name.slice(1);
}

/** Whether a type of that name is an object of options. */
export function isOptions(typeName: string): boolean {
  return /(Options|Limits)$/.test(typeName);
}

export function isOptional(parameter: ParameterReflection): boolean {
  return parameter.flags.isOptional || parameter.defaultValue !== undefined;
}

/** `x: A`, one entry a parameter. */
export function parameterPieces({ parameters = [] }: SignatureReflection, addresses: Addresses): Piece[][] {
  return parameters.map((parameter) => [
    plain(
      `${parameter.flags.isRest ? "..." : ""}${parameterName(parameter)}${isOptional(parameter) ? "?" : ""}: `,
    ),
    ...(parameter.type ? typePieces(parameter.type, addresses) : [keyword("unknown")]),
  ]);
}

/** `<T extends A = B>`, or nothing. */
export function typeParameterPieces(
  parameters: readonly TypeParameterReflection[] | undefined,
  addresses: Addresses,
): Piece[] {
  if (!parameters || parameters.length === 0) return [];
  return [
    {
      open: "<",
      close: ">",
      separator: ", ",
      items: parameters.map(({ name, type, default: fallback, flags }) => [
        ...(flags.isConst ? [keyword("const ")] : []),
        plain(name),
        ...(type ? [keyword(" extends "), ...typePieces(type, addresses)] : []),
        ...(fallback ? [plain(" = "), ...typePieces(fallback, addresses)] : []),
      ]),
    },
  ];
}

/** `name(x: A): B` behind a keyword, such as `function` or `new`. */
export function callPieces(
  lead: string,
  name: string,
  signature: SignatureReflection,
  addresses: Addresses,
): Piece[] {
  return [
    ...(lead ? [keyword(`${lead} `)] : []),
    plain(name),
    ...typeParameterPieces(signature.typeParameters, addresses),
    { open: "(", close: ")", separator: ", ", items: parameterPieces(signature, addresses) },
    ...(signature.type && signature.kind !== ReflectionKind.ConstructorSignature
      ? [plain(": "), ...typePieces(signature.type, addresses)]
      : []),
  ];
}

/** `interface A<T> extends B`, `class A extends B implements C`. */
export function headPieces(
  lead: "interface" | "class",
  declaration: DeclarationReflection,
  addresses: Addresses,
): Piece[] {
  const clause = (word: string, types: DeclarationReflection["extendedTypes"]): Piece[] =>
    !types || types.length === 0
      ? []
      : [
          keyword(` ${word} `),
          { open: "", close: "", separator: ", ", items: types.map((type) => typePieces(type, addresses)) },
        ];
  return [
    keyword(`${lead} `),
    plain(declaration.name),
    ...typeParameterPieces(declaration.typeParameters, addresses),
    ...clause("extends", declaration.extendedTypes),
    ...clause("implements", declaration.implementedTypes),
  ];
}

/** `type A<T> = B`; an object whose members are listed below stands as `{ ... }`. */
export function aliasPieces(
  declaration: DeclarationReflection,
  addresses: Addresses,
  membersBelow: boolean,
): Piece[] {
  return [
    keyword("type "),
    plain(declaration.name),
    ...typeParameterPieces(declaration.typeParameters, addresses),
    plain(" = "),
    ...(membersBelow || !declaration.type ? [plain("{ … }")] : typePieces(declaration.type, addresses)),
  ];
}

/** `const a: A`; an object whose members are listed below stands as `{ ... }`. */
export function constantPieces(
  declaration: DeclarationReflection,
  addresses: Addresses,
  membersBelow: boolean,
): Piece[] {
  return [
    keyword("const "),
    plain(declaration.name),
    plain(": "),
    ...(membersBelow || !declaration.type ? [plain("{ … }")] : typePieces(declaration.type, addresses)),
  ];
}
