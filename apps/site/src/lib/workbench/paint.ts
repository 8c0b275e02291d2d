/** A place in a picture, in cells from its upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The radius of the brush for each cell of the side: a stroke is a little wider than one cell of 8 x 8. */
const RADIUS_PER_CELL = 0.08;
/** From full ink to none, in cells. */
const SOFT = 0.9;

function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(point.x - from.x - t * dx, point.y - from.y - t * dy);
}

/**
 * A picture of side x side cells, from 0 (paper) to 1 (ink), with one more stroke of a soft brush.
 *
 * @param from where the stroke begins, `to` where it ends
 */
export function painted(
  picture: readonly number[],
  side: number,
  { from, to, ink = 1 }: { readonly from: Point; readonly to: Point; readonly ink?: 0 | 1 },
): number[] {
  const radius = RADIUS_PER_CELL * side;
  return picture.map((value, k) => {
    const center = { x: (k % side) + 0.5, y: Math.floor(k / side) + 0.5 };
    const beyond = distanceToSegment(center, from, to) - radius;
    const cover = Math.min(1, Math.max(0, 1 - beyond / SOFT));
    return ink === 1 ? Math.max(value, cover) : Math.min(value, 1 - cover);
  });
}
