import { type RefObject, useEffect, useState } from 'react'

export interface Size {
  width: number
  height: number
}

/** How large an element is, in CSS pixels; 0 until it is known. */
export function useSize(of: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useEffect(() => {
    const element = of.current
    if (element === null) return
    const watch = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight })
    })
    watch.observe(element) // it calls at once, and again at every new size
    return () => watch.disconnect()
  }, [of])
  return size
}
