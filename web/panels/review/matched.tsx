/** Whether the map shows the way along the streets, how much of it is known, and its strokes. */
import type { MatchedAnswer } from '@gh/contract'
import { dayTime, t } from '@gh/i18n'
import { Button } from '@gh/ui'

interface Props {
  on: boolean
  onChange: (on: boolean) => void
  pages: readonly MatchedAnswer[]
  pending: boolean
  failed: boolean
}

export function MatchedSwitch({ on, onChange, pages, pending, failed }: Props) {
  return (
    <>
      <Button on={on} onClick={() => onChange(!on)} data-testid="matched">
        {t('review.matched')}
      </Button>
      {on && (
        <span className="gh-m" data-testid="matched-told">
          {failed ? (
            <b className="un">{t('review.matched_failed')}</b>
          ) : pending ? (
            t('review.matched_pending')
          ) : (
            told(pages)
          )}
        </span>
      )}
    </>
  )
}

function told(pages: readonly MatchedAnswer[]): string {
  const sum = (of: (page: MatchedAnswer) => number) =>
    pages.reduce((total, page) => total + of(page), 0)
  const used = sum((page) => page.way.used)
  const matched = sum((page) => page.way.matched)
  if (matched === 0) return t('review.matched_none')
  const metres = sum((page) => page.way.stretches.reduce((all, one) => all + one.driven_m, 0))
  const words = [
    t('review.matched_told', {
      km: (metres / 1_000).toFixed(1),
      // Rounded down: all is only said of all.
      percent: Math.floor((100 * matched) / used),
    }),
  ]
  if (pages.some((page) => page.way.stretches.length > 1)) words.push(t('review.matched_gaps'))
  const stored = sum((page) => page.stored)
  if (pages.some((page) => page.way.used * 2 <= page.stored))
    words.push(t('review.matched_thinned', { used, stored }))
  words.push(t('review.matched_at', { at: dayTime(Math.max(...pages.map((p) => p.matched_ms))) }))
  return words.join(t('review.matched_comma'))
}

export const MatchedLegend = () => (
  <>
    {(['matched', 'sent', 'unmatched'] as const).map((look) => (
      <span key={look} className="rv-stroke">
        <svg viewBox="0 0 26 10" width="26" height="10" aria-hidden="true">
          {look === 'matched' ? (
            <path d="M1,5H25" stroke="var(--st-sent)" strokeWidth="4" strokeLinecap="round" />
          ) : (
            <circle
              cx="13"
              cy="5"
              r={look === 'sent' ? 2.5 : 4}
              fill={look === 'sent' ? 'var(--muted)' : 'none'}
              stroke="var(--muted)"
              strokeWidth={look === 'sent' ? 0 : 2}
            />
          )}
        </svg>
        {t(`review.trail.${look}`)}
      </span>
    ))}
  </>
)
