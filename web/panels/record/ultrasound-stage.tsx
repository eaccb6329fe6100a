/** One picture or loop: played, stepped, enlarged, measured. */
import type { StoredImage } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Skeleton, useHotkeys } from '@gh/ui'
import { type CSSProperties, type PointerEvent, useEffect, useRef, useState } from 'react'
import { frameAt, type Line, lengthOf, type Point, useFrames } from './images.ts'

const SPEEDS = [0.25, 0.5, 1] as const
/** Where the device states no rate. */
const UNKNOWN_FRAME_MS = 100
const MOST_ZOOM = 8
const NORMAL = 100

interface View {
  zoom: number
  x: number
  y: number
}
const FIT: View = { zoom: 1, x: 0, y: 0 }

interface StageProps {
  image: StoredImage
  patientId: string
  lines: readonly Line[]
  onLines: (lines: readonly Line[]) => void
}

export function Stage({ image, patientId, lines, onLines }: StageProps) {
  const frames = useFrames(image, patientId)
  const loop = image.frames > 1
  const [frame, setFrame] = useState(0)
  const [playing, setPlaying] = useState(loop)
  const [speed, setSpeed] = useState<number>(1)
  const [view, setView] = useState<View>(FIT)
  const [brightness, setBrightness] = useState(NORMAL)
  const [contrast, setContrast] = useState(NORMAL)
  const [measuring, setMeasuring] = useState(false)
  const [begun, setBegun] = useState<Point | null>(null)
  const shown = useRef(0)
  shown.current = frame
  const frame_ms = (image.frame_ms ?? UNKNOWN_FRAME_MS) / speed

  useEffect(() => {
    if (!playing) return
    let asked = 0
    let began: number | null = null
    const from = shown.current
    const turn = (now: number) => {
      began ??= now
      const next = frameAt(from, now - began, frame_ms, image.frames)
      // A frame that has not come yet is waited for, not skipped.
      if (frames.blobs[next] !== undefined) setFrame(next)
      asked = requestAnimationFrame(turn)
    }
    asked = requestAnimationFrame(turn)
    return () => cancelAnimationFrame(asked)
  }, [playing, frame_ms, image.frames, frames.blobs])

  const step = (by: number) => {
    setPlaying(false)
    setFrame((now) => (now + by + image.frames) % image.frames)
  }
  const zoom = (by: number) =>
    setView((now) => {
      const next = Math.min(MOST_ZOOM, Math.max(1, now.zoom * by))
      return next === 1 ? FIT : { ...now, zoom: next }
    })
  const reset = () => {
    setView(FIT)
    setBrightness(NORMAL)
    setContrast(NORMAL)
  }
  const brighter = (by: number) => setBrightness((now) => Math.min(250, Math.max(40, now + by)))
  const measure = () => {
    setPlaying(false)
    setBegun(null)
    setMeasuring(!measuring)
  }
  useHotkeys(
    {
      ' ': () => loop && setPlaying(!playing),
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
      '+': () => zoom(1.5),
      '=': () => zoom(1.5),
      '-': () => zoom(1 / 1.5),
      '0': reset,
      m: measure,
      '[': () => brighter(-10),
      ']': () => brighter(10),
    },
    true,
    true,
  )
  const point = (at: Point) => {
    if (begun === null) setBegun(at)
    else {
      onLines([...lines, { from: begun, to: at }])
      setBegun(null)
    }
  }

  return (
    <div className="us-stage" data-testid="us-stage">
      <Screen
        image={image}
        blob={frames.blobs[frame]}
        failed={frames.failed}
        filter={`brightness(${brightness}%) contrast(${contrast}%)`}
        view={view}
        onMove={(x, y) => setView((now) => ({ ...now, x: now.x + x, y: now.y + y }))}
        onPoint={measuring ? point : null}
        lines={lines}
        begun={begun}
      />
      <div className="us-tools">
        {loop && (
          <div className="us-row">
            <Button onClick={() => step(-1)} aria-label={t('us.back')} keycap="←">
              ‹
            </Button>
            <Button
              look="primary"
              onClick={() => setPlaying(!playing)}
              keycap="␣"
              data-testid="us-play"
            >
              {t(playing ? 'us.pause' : 'us.play')}
            </Button>
            <Button onClick={() => step(1)} aria-label={t('us.next')} keycap="→">
              ›
            </Button>
            <input
              type="range"
              className="us-seek"
              min={0}
              max={image.frames - 1}
              value={frame}
              aria-label={t('us.frame', { n: frame + 1, of: image.frames })}
              onChange={(e) => {
                setPlaying(false)
                setFrame(Number(e.target.value))
              }}
            />
            <span className="num" data-testid="us-frame">
              {t('us.frame', { n: frame + 1, of: image.frames })}
            </span>
            {SPEEDS.map((one) => (
              <Button key={one} on={speed === one} onClick={() => setSpeed(one)}>
                {one}×
              </Button>
            ))}
          </div>
        )}
        <div className="us-row">
          <Button on={measuring} onClick={measure} keycap="M" data-testid="us-measure">
            {t('us.measure')}
          </Button>
          {lines.length > 0 && (
            <Button look="quiet" onClick={() => onLines([])}>
              {t('us.clear')}
            </Button>
          )}
          <Button onClick={() => zoom(1.5)} keycap="+" aria-label={t('us.closer')}>
            ⊕
          </Button>
          <Button onClick={() => zoom(1 / 1.5)} keycap="−" aria-label={t('us.farther')}>
            ⊖
          </Button>
          <Button onClick={reset} keycap="0">
            {t('us.fit')}
          </Button>
          <Slide label={t('us.brightness')} value={brightness} onChange={setBrightness} />
          <Slide label={t('us.contrast')} value={contrast} onChange={setContrast} />
        </div>
        <p className={image.regions.length === 0 ? 'un' : 'mu'} data-testid="us-calibration">
          {measuring && <b>{t('us.measuring')} · </b>}
          {t(image.regions.length === 0 ? 'us.uncalibrated' : 'us.calibrated')}
          {loop && image.frame_ms === null && ` · ${t('us.no_rate')}`}
        </p>
      </div>
    </div>
  )
}

function Slide(props: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <label className="us-slide">
      {props.label}
      <input
        type="range"
        min={40}
        max={250}
        value={props.value}
        onChange={(e) => props.onChange(Number(e.target.value))}
      />
    </label>
  )
}

interface ScreenProps {
  image: StoredImage
  blob: Blob | undefined
  failed: boolean
  filter: string
  view: View
  onMove: (x: number, y: number) => void
  /** Where a touch sets an end of a line; null: a touch moves the picture. */
  onPoint: ((at: Point) => void) | null
  lines: readonly Line[]
  begun: Point | null
}

function Screen({ image, blob, failed, filter, view, onMove, onPoint, ...drawn }: ScreenProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const plate = useRef<HTMLDivElement>(null)
  const { columns, rows } = image
  useEffect(() => {
    if (blob === undefined) return
    let gone = false
    createImageBitmap(blob).then(
      (bitmap) => {
        if (!gone) canvas.current?.getContext('2d')?.drawImage(bitmap, 0, 0)
        bitmap.close()
      },
      () => undefined, // the server has decoded it; a browser that cannot shows the frame before
    )
    return () => {
      gone = true
    }
  }, [blob])
  const down = (event: PointerEvent<HTMLDivElement>) => {
    const box = plate.current?.getBoundingClientRect()
    if (box === undefined) return
    if (onPoint)
      onPoint({
        x: ((event.clientX - box.left) / box.width) * columns,
        y: ((event.clientY - box.top) / box.height) * rows,
      })
    else event.currentTarget.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (!onPoint && view.zoom > 1 && event.buttons === 1) onMove(event.movementX, event.movementY)
  }
  return (
    <div className="us-screen">
      <div
        ref={plate}
        className={onPoint ? 'us-plate aim' : 'us-plate'}
        style={
          {
            '--ratio': columns / rows,
            transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`,
          } as CSSProperties
        }
        onPointerDown={down}
        onPointerMove={move}
        data-testid="us-plate"
      >
        <canvas ref={canvas} width={columns} height={rows} style={{ filter }} />
        <Lines columns={columns} rows={rows} zoom={view.zoom} image={image} {...drawn} />
      </div>
      {image.test && (
        <b className="us-test" data-testid="us-test">
          {t('us.test')}
        </b>
      )}
      {blob === undefined && !failed && <Skeleton rows={6} />}
      {failed && (
        <p className="us-failed un" role="alert">
          {t('us.failed')}
        </p>
      )}
    </div>
  )
}

interface LinesProps {
  columns: number
  rows: number
  zoom: number
  image: StoredImage
  lines: readonly Line[]
  begun: Point | null
}

function Lines({ columns, rows, zoom, image, lines, begun }: LinesProps) {
  // Marks keep their size on the screen however much the picture is enlarged.
  const unit = columns / 640 / zoom
  const cross = (at: Point) =>
    `M${at.x - 7 * unit} ${at.y}h${14 * unit}M${at.x} ${at.y - 7 * unit}v${14 * unit}`
  return (
    <svg viewBox={`0 0 ${columns} ${rows}`} aria-hidden={lines.length === 0}>
      <title>{t('us.measure')}</title>
      {lines.map((line) => {
        const { from, to } = line
        const length = lengthOf(line, image.regions)
        const text = t(`us.${length.unit}`, { n: length.n.toFixed(1) })
        return (
          <g key={`${from.x} ${from.y} ${to.x} ${to.y}`} strokeWidth={2 * unit}>
            <path d={`${cross(from)}${cross(to)}M${from.x} ${from.y}L${to.x} ${to.y}`} />
            <text
              x={(from.x + to.x) / 2 + 8 * unit}
              y={(from.y + to.y) / 2 - 8 * unit}
              fontSize={18 * unit}
              strokeWidth={4 * unit}
              data-testid="us-length"
            >
              {text}
            </text>
          </g>
        )
      })}
      {begun && <path d={cross(begun)} strokeWidth={2 * unit} />}
    </svg>
  )
}
