import { getLang } from '@gh/i18n'
import { useEffect, useRef } from 'react'
import { canSpeak, useTablet } from './place.ts'

/** Says what has changed, once, where somebody wished for it; the screen shows the same words. */
export function useSpoken(words: string): void {
  const { voice } = useTablet()
  const said = useRef('')
  useEffect(() => {
    if (words === said.current) return
    const first = said.current === ''
    said.current = words
    // What stands on the screen when it opens is no news.
    if (first || !voice || words === '' || !canSpeak()) return
    const spoken = new SpeechSynthesisUtterance(words)
    spoken.lang = getLang()
    speechSynthesis.cancel()
    speechSynthesis.speak(spoken)
  }, [words, voice])
}
