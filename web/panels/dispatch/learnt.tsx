/** What own runs have taught of street speeds and arrivals: how far to trust a time. */
import type { HourSpeed, LearntAnswer } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { Age } from '@gh/ui'
import { useGet } from '../care/query.ts'

const HEIGHT = 40
const WIDTH = 10
/** Free flow stands at this height; an empty road is driven faster with lights and sirens. */
const FREE = 32
/** An hour that was hardly driven says what the others say. */
const KNOWN_S = 600

const percent = (share: number): string => `${Math.round(share * 100)} %`

export function Learnt() {
  const { data } = useGet<LearntAnswer | null>('/api/roads/learnt', { every_ms: 30_000 })
  if (data === undefined) return null
  return (
    <details className="road-learnt" data-testid="roads-learnt">
      <summary>{t('learnt.title')}</summary>
      {data === null ? (
        <p className="gh-m gh-s">{t('learnt.none')}</p>
      ) : (
        <>
          <Quality learnt={data} />
          <Hours title={t('learnt.workday')} hours={data.hours.filter((one) => !one.weekend)} />
          <Hours title={t('learnt.weekend')} hours={data.hours.filter((one) => one.weekend)} />
          <p className="gh-m gh-s">
            {t('learnt.hours_hint')} <Age at_ms={data.learnt_ms} />
          </p>
        </>
      )}
    </details>
  )
}

function Quality({ learnt: { quality, fewest, aimed } }: { learnt: LearntAnswer }) {
  if (quality === null) return <p className="gh-s">{t('learnt.no_drive', { fewest })}</p>
  return (
    <>
      <p className="gh-s">
        {t('learnt.quality', {
          n: quality.drives,
          error: duration(quality.error_s),
          bias: quality.bias.toFixed(2),
        })}
      </p>
      <p className="gh-s">
        {quality.ranged === 0
          ? t('learnt.no_range', { fewest })
          : t('learnt.within', {
              within: percent(quality.within / quality.ranged),
              aimed: percent(aimed),
              n: quality.ranged,
            })}
      </p>
    </>
  )
}

/** One bar an hour; pale where next to nothing was driven. */
function Hours({ title, hours }: { title: string; hours: readonly HourSpeed[] }) {
  if (hours.length === 0) return null
  return (
    <figure className="road-hours">
      <figcaption className="gh-m gh-s">{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH * hours.length} ${HEIGHT + 12}`} role="img" aria-label={title}>
        {hours.map(({ hour, share, driven_s }) => {
          const height = Math.min(HEIGHT, share * FREE)
          return (
            <g key={hour} className={driven_s < KNOWN_S ? 'pale' : undefined}>
              <title>{t('learnt.hour', { hour, share: percent(share) })}</title>
              <rect x={hour * WIDTH + 1} y={HEIGHT - height} width={WIDTH - 2} height={height} />
              {hour % 6 === 0 ? (
                <text x={hour * WIDTH} y={HEIGHT + 10}>
                  {hour}
                </text>
              ) : null}
            </g>
          )
        })}
        <line x1={0} x2={WIDTH * hours.length} y1={HEIGHT - FREE} y2={HEIGHT - FREE} />
      </svg>
    </figure>
  )
}
