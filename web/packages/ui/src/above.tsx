/**
 * What must be seen whatever is open: it stands in its own place, and in the newest modal dialog
 * while there is one, since a browser covers everything else and lets nothing else be touched.
 */
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'

interface Props {
  className: string
  children: ReactNode
  testid?: string
}

export function Above({ className, children, testid }: Props) {
  const home = useRef<HTMLDivElement>(null)
  // One element that moves: what is within keeps its state, as that an alarm is muted.
  const [box] = useState(() => document.createElement('div'))
  useLayoutEffect(() => {
    box.className = `gh-above ${className}`
    if (testid !== undefined) box.dataset.testid = testid
    const place = () => {
      const open = document.querySelectorAll<HTMLElement>('dialog[open]')
      const into = open[open.length - 1] ?? home.current
      if (into !== null && box.parentElement !== into) into.prepend(box)
    }
    place()
    const watched = new MutationObserver(place)
    watched.observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['open'],
    })
    return () => {
      watched.disconnect()
      box.remove()
    }
  }, [box, className, testid])
  return (
    <>
      <div ref={home} className="gh-above-home" />
      {createPortal(children, box)}
    </>
  )
}
