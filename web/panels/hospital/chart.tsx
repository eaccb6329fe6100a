/** One chart of vital signs by uPlot. A silence of the device is a hatched band with its length. */
import { useTheme } from '@gh/ui'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clockTime, span } from '../care/format.ts'
import { GAP_MS } from '../care/vitals.ts'

export type Line = { label: string; colour: string; values: (number | null)[] }

interface Props {
  at_ms: readonly number[]
  lines: readonly Line[]
  from_ms: number
  to_ms: number
  /** At least so much of the scale is shown, so that a flat line looks flat. */
  low: number
  high: number
  sync: string
}

function hatch(u: uPlot): void {
  const times = u.data[0]
  const { ctx, bbox } = u
  ctx.save()
  for (let i = 1; i < times.length; i++) {
    // The hole itself is a point a millisecond after the last value; see `aligned`.
    const a = times[i - 1]
    const b = times[i]
    if (a === undefined || b === undefined || (b - a) * 1000 <= GAP_MS) continue
    const left = Math.max(u.valToPos(a, 'x', true), bbox.left)
    const right = Math.min(u.valToPos(b, 'x', true), bbox.left + bbox.width)
    if (right - left < 2) continue
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    ctx.strokeStyle = 'rgba(150, 120, 60, 0.45)'
    ctx.lineWidth = devicePixelRatio
    for (let x = left - bbox.height; x < right; x += 8 * devicePixelRatio) {
      ctx.beginPath()
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
      ctx.stroke()
    }
    ctx.restore()
    if (right - left > 44 * devicePixelRatio) {
      ctx.fillStyle = getComputedStyle(u.root).color
      ctx.font = `600 ${11 * devicePixelRatio}px ${getComputedStyle(u.root).fontFamily}`
      ctx.textAlign = 'center'
      ctx.fillText(span(b - a), (left + right) / 2, bbox.top + bbox.height / 2)
    }
  }
  ctx.restore()
}

export function Chart({ at_ms, lines, from_ms, to_ms, low, high, sync }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { theme } = useTheme()
  const shape = lines.map((l) => `${l.label}${l.colour}`).join()
  const data: uPlot.AlignedData = [at_ms.map((ms) => ms / 1000), ...lines.map((l) => l.values)]
  const latest = useRef({ data, lines, from_ms, to_ms })
  latest.current = { data, lines, from_ms, to_ms }

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when its look changes
  useEffect(() => {
    const host = box.current
    if (host === null) return
    const style = getComputedStyle(host)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const font = `12px ${style.fontFamily}`
    const axis: uPlot.Axis = {
      stroke: colour('--muted'),
      font,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      gap: 2,
    }
    const made = new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        padding: [6, 8, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: sync }, y: false, drag: { x: false, y: false } },
        scales: {
          x: {
            time: true,
            range: () => [latest.current.from_ms / 1000, latest.current.to_ms / 1000],
          },
          y: {
            range: (_u, min, max) => [
              Math.min(low, Math.floor((min ?? low) / 10) * 10),
              Math.max(high, Math.ceil((max ?? high) / 10) * 10),
            ],
          },
        },
        axes: [
          {
            ...axis,
            size: 20,
            space: 90,
            // Marks closer than a minute need their seconds.
            values: (_u, splits, _axis, _space, step) =>
              splits.map((s) => clockTime(s * 1000).slice(0, step < 60 ? 8 : 5)),
          },
          { ...axis, size: 34, space: 22 },
        ],
        series: [
          {},
          ...latest.current.lines.map((l) => ({
            label: l.label,
            stroke: colour(l.colour) || l.colour,
            width: 2,
            spanGaps: false,
            points: { show: false },
          })),
        ],
        hooks: { drawAxes: [hatch] },
      },
      latest.current.data,
      host,
    )
    plot.current = made
    const watch = new ResizeObserver(() =>
      made.setSize({ width: host.clientWidth, height: host.clientHeight }),
    )
    watch.observe(host)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [shape, theme, sync, low, high])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the data are read through `latest`
  useEffect(() => {
    plot.current?.setData(latest.current.data)
  }, [at_ms, from_ms, to_ms])

  return <div ref={box} className="hs-chart" />
}
