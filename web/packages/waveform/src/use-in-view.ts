import { type RefObject, useEffect, useState } from 'react'

/** Whether any of an element is within the page's window, and not under what hides its contents. */
export function useInView(of: RefObject<HTMLElement | null>): boolean {
  const [inView, setInView] = useState(true)
  useEffect(() => {
    const element = of.current
    if (element === null) return
    const watch = new IntersectionObserver((entries) => {
      setInView(entries.at(-1)?.isIntersecting ?? true)
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [of])
  return inView
}
