/** A signature by finger or pen, kept as strokes (an SVG path) and not as a picture. */
import { t } from '@gh/i18n'
import { type PointerEvent, useRef } from 'react'

const WIDTH = 600
const HEIGHT = 180

export function SignaturePad({
  value,
  onChange,
}: {
  value: string
  onChange: (path: string) => void
}) {
  const drawing = useRef(false)
  const path = useRef(value)
  if (value === '') path.current = ''
  function at(event: PointerEvent<SVGSVGElement>): string {
    const box = event.currentTarget.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * WIDTH
    const y = ((event.clientY - box.top) / box.height) * HEIGHT
    return `${Math.round(x)} ${Math.round(y)}`
  }
  return (
    <div className="rec-pad">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t('record.signature')}
        data-testid="signature-pad"
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId)
          drawing.current = true
          path.current += `M${at(e)}`
        }}
        onPointerMove={(e) => {
          if (!drawing.current) return
          path.current += `L${at(e)}`
          onChange(path.current)
        }}
        onPointerUp={() => {
          drawing.current = false
        }}
      >
        <path d={value} />
      </svg>
      <span className="mu">{t('record.sign_here')}</span>
      <button type="button" className="tap" onClick={() => onChange('')}>
        {t('record.clear')}
      </button>
    </div>
  )
}
