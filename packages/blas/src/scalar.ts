import { replaceBuilds } from "./load.ts";
import { code as columns } from "./wasm/columns.scalar.ts";
import { code as dense } from "./wasm/dense.scalar.ts";
import { code as eigen } from "./wasm/eigen.scalar.ts";
import { code as grids } from "./wasm/grids.scalar.ts";
import { code as kernels } from "./wasm/kernels.scalar.ts";
import { code as level2 } from "./wasm/level2.scalar.ts";
import { code as lu } from "./wasm/lu.scalar.ts";
import { code as networks } from "./wasm/networks.scalar.ts";
import { code as orthogonal } from "./wasm/orthogonal.scalar.ts";
import { code as particles } from "./wasm/particles.scalar.ts";
import { code as rows } from "./wasm/rows.scalar.ts";
import { code as sparse } from "./wasm/sparse.scalar.ts";
import { code as sparseColumns } from "./wasm/sparse-columns.scalar.ts";

/**
 * From here on, computes with modules that need no SIMD, for engines that have none (Safari before 16.4): products and
 * factorizations at about half the speed, with results that differ by rounding.
 *
 * @param enabled false for the builds with SIMD again
 */
export function useScalarBuilds(enabled = true): void {
  const builds = {
    columns,
    dense,
    eigen,
    grids,
    kernels,
    level2,
    lu,
    networks,
    orthogonal,
    particles,
    rows,
    sparse,
    "sparse-columns": sparseColumns,
  };
  replaceBuilds(enabled ? builds : undefined);
}
