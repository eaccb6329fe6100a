/** Printing in the light theme, whatever the screen wears: a chart is drawn in the screen's colours. */
import { serverNow } from '@gh/live'
import { useTheme } from '@gh/ui'
import { useState } from 'react'

const nextPicture = () => new Promise((done) => requestAnimationFrame(done))

/** The moment of the last print for the footer, and the deed. */
export function usePrint(): [printed_ms: number, print: () => Promise<void>] {
  const { theme, setTheme } = useTheme()
  const [printed, setPrinted] = useState(0)
  return [
    printed,
    async () => {
      setPrinted(serverNow())
      setTheme('light')
      // One picture to draw the footer, one for the charts in their new colours.
      await nextPicture()
      await nextPicture()
      window.print()
      setTheme(theme)
    },
  ]
}
