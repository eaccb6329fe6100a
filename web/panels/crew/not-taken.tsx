/** What the centre has not taken of this vehicle's records: it is not in the case any more. */
import type { AsideItem } from '@gh/contract'
import { clockTime, t, tOr, useLang } from '@gh/i18n'
import { useContent } from '@gh/live'
import { Dialog } from '@gh/ui'
import { memo, useState } from 'react'
import { eventSentence } from '../care/event-words.ts'
import { WarnMark } from '../care/marks.tsx'
import { useGet } from '../care/query.ts'

const PATH = '/api/edge/not-taken'
const ASK_MS = 10_000
const SEEN = 'gh.not_taken_seen'

const useNotTaken = (): AsideItem[] => useGet<AsideItem[]>(PATH, { every_ms: ASK_MS }).data ?? []

/** Items, of which each may hold several events. */
export const countItems = (list: readonly AsideItem[]): number =>
  new Set(list.map((one) => one.sequence)).size

/** What this tablet has not been shown. */
export const unseen = (list: readonly AsideItem[], seen: number): AsideItem[] =>
  list.filter((one) => one.sequence > seen)

/** Stands on every page until it was seen on this tablet; the menu keeps the list. */
export const NotTakenBar = memo(function NotTakenBar() {
  useLang()
  const list = useNotTaken()
  const [seen, setSeen] = useState(() => Number(localStorage.getItem(SEEN) ?? 0))
  const [open, setOpen] = useState(false)
  const fresh = unseen(list, seen)
  const put = () => {
    const last = Math.max(...fresh.map((one) => one.sequence))
    localStorage.setItem(SEEN, String(last))
    setSeen(last)
  }
  return (
    <>
      {fresh.length > 0 ? (
        <div className="crew-broken not-taken" role="alert" data-testid="not-taken">
          <WarnMark />
          <span>{t('not_taken.bar', { n: countItems(fresh) })}</span>
          <button type="button" className="tap" onClick={() => setOpen(true)}>
            {t('not_taken.look')}
          </button>
          <button type="button" className="tap" onClick={put} data-testid="not-taken-seen">
            {t('not_taken.seen')}
          </button>
        </div>
      ) : null}
      {open ? <NotTakenDialog list={list} onClose={() => setOpen(false)} /> : null}
    </>
  )
})

/** In the menu, while there is a list. */
export function NotTakenButton() {
  const list = useNotTaken()
  const [open, setOpen] = useState(false)
  if (list.length === 0) return null
  return (
    <>
      <button
        type="button"
        className="tap"
        onClick={() => setOpen(true)}
        data-testid="not-taken-menu"
      >
        {t('not_taken.menu', { n: countItems(list) })}
      </button>
      {open ? <NotTakenDialog list={list} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

function NotTakenDialog({ list, onClose }: { list: AsideItem[]; onClose: () => void }) {
  const content = useContent()
  return (
    <Dialog title={t('not_taken.title')} onClose={onClose} testid="not-taken-dialog">
      <p>{t('not_taken.means')}</p>
      <ul className="crew-not-taken">
        {[...list].reverse().map(({ event, reason }) => (
          <li key={event.id}>
            <b className="num">{clockTime(event.occurred_ms)}</b>
            <span>{eventSentence(event, content)}</span>
            <span className="un">{tOr(`aside.${reason}`, reason)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
