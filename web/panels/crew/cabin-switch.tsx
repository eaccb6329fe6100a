/** Everybody on board sees that a hospital is looking at the cabin, and ends it with one press. */
import { type CabinSwitched, type EdgeStatus, post, type VideoStatus } from '@gh/contract'
import { t } from '@gh/i18n'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { lookedAt } from './links.ts'

const STATUS = ['get', '/api/edge/status']

/** In the top bar, a button by itself: nothing while nobody looks and nothing is closed. */
export function CabinLight({ edge }: { edge: EdgeStatus | undefined }) {
  const word = lookedAt(edge)
  if (word === null || edge?.video == null) return null
  return (
    <div className="crew-cabin" role="status" data-testid="link-cabin" data-word={word}>
      <CabinSwitch video={edge.video} word={word} />
    </div>
  )
}

/** `word`: what the button says beside what it does. */
export function CabinSwitch({
  video,
  word,
}: {
  video: VideoStatus
  word?: 'watched' | 'closed_here'
}) {
  const cache = useQueryClient()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState(false)
  const press = async () => {
    setBusy(true)
    setFailed(false)
    try {
      await post<CabinSwitched>('/api/edge/cabin/switch', { closed: !video.closed })
      await cache.invalidateQueries({ queryKey: STATUS })
    } catch {
      setFailed(true)
    } finally {
      setBusy(false)
    }
  }
  return (
    <button
      type="button"
      className="tap"
      disabled={busy}
      onClick={() => void press()}
      data-testid="cabin-switch"
    >
      {word === 'watched' && <i className="crew-dot" aria-hidden="true" />}
      {t(word ? `cabin.${word}` : video.closed ? 'cabin.allow' : 'cabin.close')}
      {failed && <small role="alert">{t('cabin.failed')}</small>}
    </button>
  )
}
