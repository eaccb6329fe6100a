/** uPlot in our colours: made anew with its look, fed with its data. */
import { useTheme } from '@gh/ui'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

/** A token of the theme as a colour. */
export type Paint = (token: string) => string

interface Props {
  /** What the plot looks like; a new `look` makes it anew. */
  look: string
  options: (paint: Paint, axis: uPlot.Axis) => Omit<uPlot.Options, 'width' | 'height'>
  data: uPlot.AlignedData
  label: string
  className?: string
  onPick?: ((index: number) => void) | undefined
}

export function Plot({ look, options, data, label, className, onPick }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { theme } = useTheme()
  const latest = useRef({ options, data, onPick })
  latest.current = { options, data, onPick }

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew only when its look changes
  useEffect(() => {
    const host = box.current
    if (host === null) return
    const style = getComputedStyle(host)
    const paint: Paint = (token) => style.getPropertyValue(token).trim()
    const axis: uPlot.Axis = {
      stroke: paint('--muted'),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: paint('--line'), width: 1 },
      ticks: { show: false },
      gap: 3,
    }
    const made = new uPlot(
      {
        ...latest.current.options(paint, axis),
        width: host.clientWidth,
        height: host.clientHeight,
      },
      latest.current.data,
      host,
    )
    const pick = () => {
      const index = made.cursor.idx
      if (typeof index === 'number') latest.current.onPick?.(index)
    }
    made.over.addEventListener('click', pick)
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
  }, [look, theme])

  useEffect(() => {
    plot.current?.setData(data)
  }, [data])

  return <div ref={box} className={`rv-plot ${className ?? ''}`} role="img" aria-label={label} />
}
