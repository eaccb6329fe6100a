/** Units that stand at one place are stacked above it, so that every call sign can be read. */

export interface Placed {
  id: string
  x: number
  y: number
}

const NEAR_X = 60
const NEAR_Y = 20
const STEP = 25

const close = (a: { x: number; y: number }, b: { x: number; y: number }): boolean =>
  Math.abs(a.x - b.x) < NEAR_X && Math.abs(a.y - b.y) < NEAR_Y

/** Pixels to lift each unit by: over what stands there already (`taken`) and over one another.
 *
 * The order decides who stays below, so that a stack does not jump while units report.
 */
export function lifts(
  units: readonly Placed[],
  taken: readonly { x: number; y: number }[],
): Map<string, number> {
  const places = [...taken]
  const lifted = new Map<string, number>()
  for (const unit of units) {
    let at = { x: unit.x, y: unit.y }
    while (places.some((place) => close(place, at))) at = { x: at.x, y: at.y - STEP }
    places.push(at)
    lifted.set(unit.id, unit.y - at.y)
  }
  return lifted
}
