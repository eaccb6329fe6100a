import { startTransition, useEffect, useState } from 'react'

/**
 * False until the first frame with this component is painted. A deferred value says less: React begins
 * with it at once, and what should come behind the frame delays it.
 */
export function usePainted(): boolean {
  const [painted, setPainted] = useState(false)
  useEffect(() => {
    let after: ReturnType<typeof setTimeout> | undefined
    const frame = requestAnimationFrame(() => {
      after = setTimeout(() => startTransition(() => setPainted(true)))
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(after)
    }
  }, [])
  return painted
}
