/** The body from the front and from behind: touch a region, see what was found and done there. */
import type { Content } from '@gh/contract'
import { t } from '@gh/i18n'
import { say } from '../dispatch/words.ts'

/** Where a region of the content lies on the drawing: [x, y, width, height, radius] of 100 x 240. */
const SHAPES: Record<string, readonly [number, number, number, number, number]> = {
  head: [40, 2, 20, 12, 8],
  face: [41, 14, 18, 14, 8],
  neck: [44, 28, 12, 9, 3],
  chest_right: [31, 38, 19, 34, 5],
  chest_left: [50, 38, 19, 34, 5],
  abdomen: [32, 72, 36, 28, 5],
  pelvis: [32, 100, 36, 20, 6],
  arm_right: [17, 40, 13, 36, 6],
  arm_left: [70, 40, 13, 36, 6],
  forearm_right: [13, 77, 12, 32, 5],
  forearm_left: [75, 77, 12, 32, 5],
  hand_right: [10, 110, 13, 16, 5],
  hand_left: [77, 110, 13, 16, 5],
  thigh_right: [32, 121, 17, 50, 6],
  thigh_left: [51, 121, 17, 50, 6],
  shin_right: [33, 172, 15, 46, 6],
  shin_left: [52, 172, 15, 46, 6],
  foot_right: [30, 219, 18, 14, 5],
  foot_left: [52, 219, 18, 14, 5],
  head_back: [40, 2, 20, 26, 9],
  neck_back: [44, 28, 12, 9, 3],
  back_upper: [31, 38, 38, 34, 6],
  back_lower: [32, 72, 36, 28, 5],
  buttocks: [32, 100, 36, 22, 7],
}

interface Props {
  content: Content
  chosen: string
  /** How many entries a region has. */
  counts: Readonly<Record<string, number>>
  onChoose?: (region: string) => void
}

export function BodyMap({ content, chosen, counts, onChoose }: Props) {
  return (
    <div className="rec-body">
      {(['front', 'back'] as const).map((side) => (
        <figure key={side}>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn */}
          <svg viewBox="0 0 100 236" role="group" aria-label={t(`record.side.${side}`)}>
            {content.record.regions
              .filter((region) => region.side === side)
              .map((region) => {
                const shape = SHAPES[region.id]
                if (shape === undefined) return null
                const [x, y, width, height, rx] = shape
                const n = counts[region.id] ?? 0
                return (
                  // biome-ignore lint/a11y/useSemanticElements: a button cannot stand inside a drawing
                  <g
                    key={region.id}
                    role="button"
                    tabIndex={onChoose ? 0 : -1}
                    aria-pressed={chosen === region.id}
                    aria-label={say(region)}
                    onClick={() => onChoose?.(chosen === region.id ? '' : region.id)}
                    onKeyDown={(e) => e.key === 'Enter' && onChoose?.(region.id)}
                    data-testid={`region-${region.id}`}
                  >
                    <rect
                      x={x}
                      y={y}
                      width={width}
                      height={height}
                      rx={rx}
                      data-n={n || undefined}
                    />
                    {n > 0 && (
                      <text x={x + width / 2} y={y + height / 2 + 3}>
                        {n}
                      </text>
                    )}
                  </g>
                )
              })}
          </svg>
          <figcaption>{t(`record.side.${side}`)}</figcaption>
        </figure>
      ))}
    </div>
  )
}
