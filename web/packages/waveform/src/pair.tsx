/**
 * Two recordings beside each other on one paper: the older on the left, both at the same scale.
 *
 * Rule 1: speed, gain and the size of a millimetre are one choice for both; neither has its own.
 * Rule 2: whatever does not fit on the screen is scrolled to, and never drawn smaller than the other.
 */
import type { DrawnEcg } from '@gh/contract'
import { t } from '@gh/i18n'
import { type ReactNode, useEffect, useMemo, useRef, useSyncExternalStore } from 'react'
import { NIGHT, PAPER, prepare } from './draw.ts'
import { fitPxPerMm, leftMm, paperOf, SHEET_S } from './layout.ts'
import { drawPaper, type View } from './paper.tsx'
import { onCalibration, pxPerMm } from './scale.ts'
import { beginOf, stillSlice } from './still.ts'
import { useSize } from './use-size.ts'

/** Both sheets have these: one of them alone decides nothing. */
export function pairScale(
  { layout, speed, fit }: Pick<View, 'layout' | 'speed' | 'fit'>,
  width_px: number,
  height_px: number,
  screen_mm: number,
): { px_a_mm: number; width_px: number } {
  const px_a_mm = fit ? fitPxPerMm(layout, width_px, height_px, true) : screen_mm
  return { px_a_mm, width_px: (leftMm(speed) + SHEET_S * speed) * px_a_mm }
}

interface Props {
  older: DrawnEcg
  newer: DrawnEcg
  view: View
  dark: boolean
  /** What stands above each paper: whose, when, from what. */
  head: (side: DrawnEcg) => ReactNode
}

export function EcgPair({ older, newer, view, dark, head }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const size = useSize(frame)
  return (
    <div className="ecg-pair" data-testid="ecg-pair">
      {[older, newer].map((side, place) => (
        <section key={side.ecg.id}>
          {head(side)}
          <div className="ecg-still" ref={place === 0 ? frame : undefined}>
            {side.leads.length === 0 ? (
              <p className="gh-m" data-testid="ecg-no-samples">
                {t('ecgcmp.no_samples')}
              </p>
            ) : (
              <Still
                drawn={side}
                view={view}
                dark={dark}
                size={size}
                testid={place === 0 ? 'ecg-older' : 'ecg-newer'}
              />
            )}
          </div>
        </section>
      ))}
    </div>
  )
}

interface StillProps {
  drawn: DrawnEcg
  view: View
  dark: boolean
  size: { width: number; height: number }
  testid: string
}

function Still({ drawn, view, dark, size, testid }: StillProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const screen_mm = useSyncExternalStore(onCalibration, pxPerMm)
  const slice = useMemo(() => stillSlice(drawn), [drawn])
  const { layout, speed, gain, fit } = view
  const { height } = size
  const { px_a_mm, width_px } = pairScale({ layout, speed, fit }, size.width, height, screen_mm)
  useEffect(() => {
    const on = canvas.current && prepare(canvas.current)
    if (on === null) return
    const paper = paperOf(layout, width_px / px_a_mm, height / px_a_mm, speed, SHEET_S)
    const begin_ms = beginOf(drawn)
    const ink = dark ? NIGHT : PAPER
    drawPaper(on.g, slice, paper, begin_ms, px_a_mm, gain, ink, begin_ms)
  }, [drawn, slice, layout, speed, gain, dark, px_a_mm, width_px, height])
  if (size.width === 0) return null
  return (
    <canvas
      ref={canvas}
      className="ecg-canvas"
      style={{ width: width_px, height }}
      role="img"
      aria-label={t('ecg.paper_label')}
      data-testid={testid}
      data-px-a-mm={px_a_mm.toFixed(3)}
    />
  )
}
