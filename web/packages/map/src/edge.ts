/** Where on the edge of the map the tag of a thing outside it stands. */

export interface Box {
  width: number
  height: number
}

export interface Tag {
  /** The middle of the tag, in pixels of the map. */
  x: number
  y: number
  /** From the middle of the map to the thing, clockwise from the right. */
  degrees: number
}

/** Half the size of a tag, and what keeps it off the frame. */
const HALF_WIDTH = 92
const HALF_HEIGHT = 13
const GAP = 6

/** Null where the point is inside. A tag never covers one that already stands (`taken`). */
export function edgeOf(
  point: { x: number; y: number },
  box: Box,
  taken: readonly Tag[],
): Tag | null {
  const inside = point.x >= 0 && point.y >= 0 && point.x <= box.width && point.y <= box.height
  if (inside || box.width === 0 || box.height === 0) return null
  const [cx, cy] = [box.width / 2, box.height / 2]
  const [dx, dy] = [point.x - cx, point.y - cy]
  const [reachX, reachY] = [cx - HALF_WIDTH - GAP, cy - HALF_HEIGHT - GAP]
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : Math.abs(reachX / dx),
    dy === 0 ? Number.POSITIVE_INFINITY : Math.abs(reachY / dy),
  )
  const tag = {
    x: cx + dx * scale,
    y: cy + dy * scale,
    degrees: (Math.atan2(dy, dx) * 180) / Math.PI,
  }
  const clash = () =>
    taken.some(
      (other) =>
        Math.abs(other.x - tag.x) < 2 * HALF_WIDTH && Math.abs(other.y - tag.y) < 2 * HALF_HEIGHT,
    )
  // Towards the middle of the height, where there is always room.
  const step = (tag.y > cy ? -1 : 1) * (2 * HALF_HEIGHT + 2)
  for (let i = 0; i < taken.length && clash(); i++) tag.y += step
  return tag
}
