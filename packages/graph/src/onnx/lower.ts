import { GraphError } from "../errors.ts";
import { type LoopAttributes, loopOp, loopResultOp } from "../loop.ts";
import type { SizeOf } from "../ops/product-operations.ts";
import { type ConstantAttributes, constantOp, inputOp, reachable, type Tensor } from "../tensor.ts";
import { lowerBiased, planBiases } from "./convolution-bias.ts";
import { Emitter, type ModelScope, valueInfo } from "./emit.ts";
import { lowerExactFactor, planExactFactors } from "./exact-factors.ts";
import { lowerGemm, planGemms } from "./gemm.ts";
import { isLongProduct, lowerLongProduct } from "./long-products.ts";
import { lowerLongSums } from "./long-sums.ts";
import { encodeModel, type GraphProto, IR_VERSION, OPSET } from "./messages.ts";
import { outerOnes } from "./outer-ones.ts";
import { outerTransposes } from "./outer-transposes.ts";
import { pairedOperands, planPairs, samplePairs } from "./sample-pairs.ts";
import { findUsage } from "./usage.ts";

export interface Named {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The program's graph or one loop's body. Of two nested scopes, the inner one has the larger `order`. */
interface Scope {
  readonly order: number;
  readonly emitter: Emitter;
  /** Undefined for the program. */
  readonly loop?: Tensor;
}

/**
 * The scope of every node: the innermost of the loop bodies on whose parameters it depends, so nodes that do not change
 * in a loop are computed outside it.
 */
function findScopes(nodes: readonly Tensor[], program: Scope, newEmitter: () => Emitter) {
  const bodyOf = new Map<Tensor, Scope>();
  const ofParameter = new Map<Tensor, Scope>();
  for (const node of nodes) {
    if (node.op !== loopOp) continue;
    const { parameters } = node.attributes as LoopAttributes;
    const body = { order: parameters[0].id, emitter: newEmitter(), loop: node };
    bodyOf.set(node, body);
    for (const parameter of parameters) ofParameter.set(parameter, body);
  }
  const depends = new Map<Tensor, ReadonlySet<Scope>>();
  const scopeOf = new Map<Tensor, Scope>();
  for (const node of nodes) {
    const scopes = new Set<Scope>();
    const own = ofParameter.get(node);
    if (own) scopes.add(own);
    const below = node.op.predecessors?.(node.attributes) ?? [];
    for (const t of [...node.inputs, ...below]) for (const scope of depends.get(t)!) scopes.add(scope);
    const body = bodyOf.get(node);
    if (body) scopes.delete(body);
    for (const { loop } of scopes)
      if (loop && loop.id < node.id)
        throw new GraphError(
          `${node.op.name}: a tensor of a loop body is used outside the loop; return it from the body as stacked or carried`,
        );
    depends.set(node, scopes);
    let innermost = program;
    for (const scope of scopes) if (scope.order > innermost.order) innermost = scope;
    scopeOf.set(node, innermost);
  }
  return { scopeOf, bodyOf };
}

/** The tensors from the inputs of a node back to its operands, which the node leaves out. */
function betweenOperands(inputs: readonly Tensor[], operands: readonly Tensor[]): Tensor[] {
  return inputs.flatMap((input, i) => {
    const between: Tensor[] = [];
    for (let next = input; next !== operands[i]; [next] = next.inputs) between.push(next);
    return between;
  });
}

/** The name that a constant is to have in the file, if any. */
function labelOf({ op, attributes }: Tensor): string[] {
  const label = op === constantOp ? (attributes as ConstantAttributes).label : undefined;
  return label === undefined ? [] : [label];
}

/** What is known of the runs of a file, and of the only runtime that is to run it. */
export interface Lowering {
  /** The expected sizes of named dimensions, by which sums over many rows are computed in parts. */
  readonly sizeOf?: SizeOf;
  /** The channels in a block of its convolutions. */
  readonly block?: number;
  /** Whether it has one thread. */
  readonly oneThread?: boolean;
  /** The expected sizes of named dimensions, if it has more than one thread. */
  readonly threadedSizes?: SizeOf;
}

/**
 * The ONNX file of a graph.
 *
 * @param lowering makes it for one runtime; without it, the file is for any
 */
export function lowerToModel(
  inputs: readonly Named[],
  outputs: readonly Named[],
  { block, oneThread, threadedSizes, sizeOf = threadedSizes ?? (() => 1) }: Lowering = {},
): Uint8Array<ArrayBuffer> {
  const dimensions = new Map<string, { input: string; axis: number }>();
  for (const { name, tensor } of inputs)
    tensor.shape.forEach((dimension, axis) => {
      if (typeof dimension === "string" && !dimensions.has(dimension))
        dimensions.set(dimension, { input: name, axis });
    });
  const nodes = reachable(outputs.map(({ tensor }) => tensor));
  const chosen = new Set([...inputs, ...outputs].map(({ name }) => name));
  const labels = new Set(nodes.flatMap(labelOf)).difference(chosen);
  const shared: ModelScope = {
    initializers: [],
    constants: new Map(),
    inputs: inputs.map(({ name, tensor: { shape } }) => ({ name, shape })),
    dimensions,
    domains: new Map(),
    names: 0,
    taken: chosen.union(labels),
    labels,
    block,
    oneThread,
    longSums: (emit, sums) => lowerLongSums(emit, sums, sizeOf),
  };
  const program: Scope = { order: -1, emitter: new Emitter(shared) };
  const { scopeOf, bodyOf } = findScopes(nodes, program, () => new Emitter(shared));
  const usage = findUsage(
    nodes,
    outputs.map(({ tensor }) => tensor),
    (a, b) => scopeOf.get(a) === scopeOf.get(b),
  );
  const { gemms, absorbed } = planGemms(nodes, usage, (product) => isLongProduct(product, sizeOf));
  const biased = planBiases(nodes, usage);
  const exact = planExactFactors(nodes);
  const pairPlan = block === undefined ? undefined : planPairs(nodes, block, biased, usage);
  const parts = new Set([
    ...absorbed,
    ...[...biased.values()].flatMap((plan) => plan.parts),
    ...(pairPlan?.parts ?? []),
  ]);

  const names = new Map<Tensor, string>(inputs.map(({ name, tensor }) => [tensor, name]));
  for (const node of nodes)
    if (node.op === loopOp)
      for (const parameter of (node.attributes as LoopAttributes).parameters)
        names.set(parameter, program.emitter.unique("loop_input"));
  const loopResults = new Map<Tensor, readonly string[]>();
  const pairedConvolutions = new Set(
    [...(pairPlan?.convolutions.values() ?? [])].map(({ convolution }) => convolution),
  );
  const operandsOf = (node: Tensor) => {
    if (pairedConvolutions.has(node)) return pairedOperands(node);
    return (
      node.op.operands?.({ inputs: node.inputs, output: node, attributes: node.attributes }, block) ??
      node.inputs
    );
  };
  const leftOut = new Set(nodes.flatMap((node) => betweenOperands(node.inputs, operandsOf(node))));
  // Emitted on first use: constants that became factors of a Gemm, and what a node leaves out, are not in the model.
  const nameOf = (tensor: Tensor): string => {
    if (!names.has(tensor) && (tensor.op === constantOp || leftOut.has(tensor))) {
      const { op, inputs, attributes } = tensor;
      const { emitter } = op === constantOp ? program : scopeOf.get(tensor)!;
      names.set(tensor, op.lower(emitter, inputs.map(nameOf), { inputs, output: tensor, attributes }));
    }
    const separated = names.has(tensor) ? undefined : pairs?.separated(tensor);
    if (separated !== undefined) names.set(tensor, separated);
    return names.get(tensor)!;
  };
  const pairs =
    pairPlan &&
    samplePairs(
      pairPlan,
      (tensor) => scopeOf.get(tensor)!.emitter,
      nameOf,
      (node, name) => names.set(node, name),
      (node) => parts.has(node),
    );
  const onceTransposed = outerTransposes(
    (tensor) => scopeOf.get(tensor)!,
    nameOf,
    (tensor, name) => {
      names.set(tensor, name);
      scopeOf.set(tensor, scopeOf.get(tensor.inputs[0])!);
    },
  );
  const withOnes = outerOnes((tensor) => scopeOf.get(tensor)!, nameOf);

  for (const node of nodes) {
    if (names.has(node) || parts.has(node) || leftOut.has(node) || node.op === constantOp) continue;
    if (pairs?.lower(node)) continue;
    const { emitter } = scopeOf.get(node)!;
    const gemm = gemms.get(node);
    const convolution = biased.get(node);
    if (node.op === loopOp) {
      const { parameters, carried, stacked } = node.attributes as LoopAttributes;
      const body = bodyOf.get(node)!;
      const condition = body.emitter.unique("condition");
      const results = ownResults([...carried, ...stacked], body, scopeOf, nameOf);
      const go = body.emitter.node("Identity", [condition]);
      const graph: GraphProto = {
        name: body.emitter.unique("body"),
        nodes: body.emitter.nodes,
        initializers: [],
        inputs: [
          valueInfo(nameOf(parameters[0]), "i64", []),
          valueInfo(condition, "bool", []),
          ...parameters.slice(1).map((p) => valueInfo(nameOf(p), p.dtype, p.shape)),
        ],
        outputs: [
          valueInfo(go, "bool", []),
          ...[...carried, ...stacked].map((t, i) => valueInfo(results[i], t.dtype, t.shape)),
        ],
        values: body.emitter.values,
      };
      const [count, ...initial] = node.inputs.map(nameOf);
      // the condition may be left out, but the reference evaluator of onnx then runs no iteration
      const always = emitter.constant("bool", [], Uint8Array.of(1));
      loopResults.set(
        node,
        emitter.nodeWith("Loop", [count, always, ...initial], { body: graph }, results.length),
      );
      names.set(node, "");
    } else if (node.op === loopResultOp) {
      const { index } = node.attributes as { index: number };
      names.set(node, loopResults.get(node.inputs[0])![index]);
    } else if (gemm) {
      const product = onceTransposed(gemm.product, node);
      const threaded = threadedSizes && {
        sizeOf: threadedSizes,
        carried: (scopeOf.get(node)!.loop?.attributes as LoopAttributes | undefined)?.parameters ?? [],
        withOnes: (matrix: Tensor) => withOnes(matrix, node),
      };
      names.set(node, lowerGemm(emitter, { ...gemm, product }, nameOf, threaded));
    } else if (convolution) {
      const operands = operandsOf(convolution.convolution).map(nameOf);
      names.set(node, lowerBiased(emitter, convolution, operands, nameOf));
    } else if (isLongProduct(node, sizeOf)) {
      const { emitter: outside } = scopeOf.get(node.inputs[0])!;
      names.set(node, lowerLongProduct(emitter, node, nameOf, outside));
    } else if (exact.has(node)) names.set(node, lowerExactFactor(emitter, node, nameOf));
    else {
      const { inputs, attributes } = onceTransposed(node, node);
      const operands = inputs === node.inputs ? operandsOf(node) : inputs;
      names.set(node, node.op.lower(emitter, operands.map(nameOf), { inputs, output: node, attributes }));
    }
    if (node.op !== loopOp) emitter.describe(nameOf(node), node.dtype, node.shape);
  }
  for (const { name, tensor } of outputs) program.emitter.addNode("Identity", [nameOf(tensor)], [name]);
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: "gradus",
    opsetImport: [
      { domain: "", version: OPSET },
      ...[...shared.domains].map(([domain, version]) => ({ domain, version })),
    ],
    graph: {
      name: "program",
      nodes: program.emitter.nodes,
      initializers: shared.initializers,
      inputs: inputs.map(({ name, tensor }) => valueInfo(name, tensor.dtype, tensor.shape)),
      outputs: outputs.map(({ name, tensor }) => valueInfo(name, tensor.dtype, tensor.shape)),
      values: program.emitter.values,
    },
  });
}

/** A body's results must be distinct names defined in the body: parameters, outer tensors and repeats are copied. */
function ownResults(
  results: readonly Tensor[],
  body: Scope,
  scopeOf: ReadonlyMap<Tensor, Scope>,
  nameOf: (tensor: Tensor) => string,
): string[] {
  const used = new Set<string>();
  return results.map((tensor) => {
    const name = nameOf(tensor);
    const own = scopeOf.get(tensor) === body && tensor.op !== inputOp && !used.has(name);
    used.add(name);
    return own ? name : body.emitter.node("Identity", [name]);
  });
}
