/** The cases, newest first; found by number, place, vehicle or day. */
import { type CaseHead, query, Refusal } from '@gh/contract'
import { t } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { Button, Empty, ErrorNote, LevelBadge, refusalText, Skeleton } from '@gh/ui'
import { useEffect, useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import { clockTime, dayOf, parseDay, startOfDay } from '../care/format.ts'
import { useGet } from '../care/query.ts'

const DAY_MS = 86_400_000
const TYPING_MS = 250
/** Rows that stand on the page before somebody asks for more: a page open all day stays small. */
const ROWS = 100

interface Props {
  selected: string
  onSelect: (id: string) => void
  /** The newest case of an untouched page, so that the right side is never empty. */
  onFirst: (id: string) => void
}

export function CaseList({ selected, onSelect, onFirst }: Props) {
  const lexicon = useLexicon()
  const [today] = useState(() => startOfDay(serverNow()))
  const [text, setText] = useState('')
  const [q, setQ] = useState('')
  const [from, setFrom] = useState(dayOf(today - 6 * DAY_MS))
  const [to, setTo] = useState(dayOf(today))
  useEffect(() => {
    const timer = window.setTimeout(() => setQ(text.trim()), TYPING_MS)
    return () => window.clearTimeout(timer)
  }, [text])
  const from_ms = parseDay(from)
  const to_ms = parseDay(to)
  const valid = from_ms !== null && to_ms !== null && from_ms <= to_ms
  const cases = useGet<CaseHead[]>(
    valid ? query('/api/cases', { q: q || undefined, from_ms, to_ms: to_ms + DAY_MS }) : null,
    { every_ms: 30_000 },
  )
  const [rows, setRows] = useState(ROWS)
  const more = (cases.data?.length ?? 0) - rows
  const first = cases.data?.[0]?.incident_id ?? ''
  useEffect(() => {
    if (selected === '' && first !== '') onFirst(first)
  }, [selected, first, onFirst])
  return (
    <section className="gh-panel rv-list gh-noprint" data-testid="case-list">
      <div className="gh-ph">
        <h2>{t('review.cases')}</h2>
        <span className="gh-sp" />
        {cases.data && (
          <span className="gh-m">{t('review.n_cases', { n: cases.data.length })}</span>
        )}
      </div>
      <div className="rv-search">
        <input
          className="gh-input"
          value={text}
          placeholder={t('review.search')}
          aria-label={t('review.search')}
          onChange={(e) => setText(e.target.value)}
          data-testid="case-search"
        />
        <div>
          <input
            className="gh-input"
            type="date"
            value={from}
            aria-label={t('review.from')}
            onChange={(e) => setFrom(e.target.value)}
            data-testid="case-from"
          />
          <span>–</span>
          <input
            className="gh-input"
            type="date"
            value={to}
            aria-label={t('review.to')}
            onChange={(e) => setTo(e.target.value)}
            data-testid="case-to"
          />
        </div>
      </div>
      <div className="gh-pb">
        {!valid ? (
          <Empty title={t('review.bad_days')} />
        ) : cases.isPending ? (
          <Skeleton rows={10} />
        ) : cases.isError ? (
          <ErrorNote
            what={
              cases.error instanceof Refusal && cases.error.status < 500
                ? refusalText(cases.error)
                : t('review.cases_failed')
            }
            works={t('review.read_only')}
            retry={() => void cases.refetch()}
          />
        ) : cases.data.length === 0 ? (
          <Empty
            title={t('review.no_cases')}
            hint={
              q !== '' && <Button onClick={() => setText('')}>{t('review.clear_search')}</Button>
            }
          />
        ) : (
          cases.data.slice(0, rows).map((c) => (
            <button
              key={c.incident_id}
              type="button"
              className="rv-case"
              aria-pressed={c.incident_id === selected}
              onClick={() => onSelect(c.incident_id)}
              data-testid={`case-${c.incident_id}`}
            >
              <LevelBadge level={c.level} />
              <span>
                <b>
                  {c.number} {c.occasion || lexicon.topic(c.topic)}
                </b>
                <span className="gh-m gh-ell">{c.label || t('ui.unknown')}</span>
                <span className="gh-m gh-ell">
                  {c.call_signs.join(' ') || t('review.no_unit')}
                  {c.hospital && ` → ${c.hospital}`}
                </span>
              </span>
              <span className="rv-case-when">
                <b className="num">{clockTime(c.opened_ms).slice(0, 5)}</b>
                <span className="gh-m gh-s">{dayOf(c.opened_ms).slice(5)}</span>
                {c.node !== '' && (
                  <span className="gh-tag" data-testid="of-node">
                    {t('node.light', { node: c.node })}
                  </span>
                )}
                {c.closed_ms === null && <span className="gh-tag warn">{t('state.open')}</span>}
              </span>
            </button>
          ))
        )}
        {more > 0 && (
          <Button onClick={() => setRows(rows + ROWS)} data-testid="more-cases">
            {t('review.more_cases', { n: more })}
          </Button>
        )}
      </div>
    </section>
  )
}
